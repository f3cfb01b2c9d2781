import type { IHookFunctions, IWebhookFunctions } from 'n8n-workflow';

import { toNodeApiError } from '../results/errors';
import { createDefaultReplyUrl } from '../api/defaultReplyUrlApi';
import { createSend } from '../api/request';
import { parseCredentials } from '../api/credentials';
import { activationProblem } from './activation';
import { isRegistered, readRegistration, register, restore } from './defaultReplyUrl';
import { triggerStateOf } from './state';

/** What this process knows of the trigger that n8n is calling. */
export function getTriggerState(node: IHookFunctions | IWebhookFunctions) {
	return triggerStateOf(node.getWorkflow().id ?? '', node.getNode().id);
}

async function create(this: IHookFunctions): Promise<boolean> {
	const settings = parseCredentials(await this.getCredentials('useApiPikaApi'));
	const needsToken = this.getNodeParameter('authentication') !== 'none';
	const isTest = this.getActivationMode() === 'manual';
	const registers = this.getNodeParameter('registerAsDefault') === true && !isTest;
	const url = this.getNodeWebhookUrl('default') ?? '';
	const fault = activationProblem(settings, needsToken, registers ? url : undefined);
	if (fault) throw toNodeApiError(this.getNode(), fault, 0);
	if (!registers) return true;
	const memory = getTriggerState(this);
	const saved = this.getWorkflowStaticData('node');
	const result = await register(
		createDefaultReplyUrl(createSend(this, settings)),
		url,
		needsToken ? settings.callbackToken : undefined,
		memory.registration ?? readRegistration(saved.registration),
	);
	if ('message' in result) throw toNodeApiError(this.getNode(), result, 0);
	memory.registration = result;
	saved.registration = { ...result };
	return true;
}

async function remove(this: IHookFunctions): Promise<boolean> {
	const memory = getTriggerState(this);
	const saved = this.getWorkflowStaticData('node');
	const registration = memory.registration ?? readRegistration(saved.registration);
	const url = this.getNodeWebhookUrl('default') ?? '';
	if (!registration || !isRegistered(registration, url)) return true;
	// A workflow must be unpublishable also when its credential is gone.
	const credential = await this.getCredentials('useApiPikaApi').catch(() => undefined);
	if (!credential) {
		this.logger.warn(
			'Pika Trigger: the default reply URL stays ours, because the credential is gone',
		);
		return true;
	}
	const settings = parseCredentials(credential);
	const account = createDefaultReplyUrl(createSend(this, settings));
	const { isSettled, note } = await restore(account, registration, settings.callbackToken);
	if (note) this.logger.warn(`Pika Trigger: ${note}`);
	if (!isSettled) return true;
	memory.registration = undefined;
	delete saved.registration;
	return true;
}

/** What n8n calls on publishing, on unpublishing, and around test listening. `create` may be called again and again. */
export const lifecycle = { checkExists: async () => false, create, delete: remove };
