import type { IHookFunctions, IWebhookFunctions } from 'n8n-workflow';

import { toNodeApiError } from '../api/errors';
import { createDefaultReplyUrl } from '../api/platformAccount';
import { createSend } from '../api/request';
import { readSettings } from '../api/settings';
import { activationFault } from '../trigger/activation';
import { isRegistered, readRegistration, register, restore } from '../trigger/defaultReplyUrl';
import { memoryOf } from '../trigger/memory';

export function memoryFor(node: IHookFunctions | IWebhookFunctions) {
	return memoryOf(node.getWorkflow().id ?? '', node.getNode().id);
}

async function create(this: IHookFunctions): Promise<boolean> {
	const settings = readSettings(await this.getCredentials('useApiPikaApi'));
	const needsToken = this.getNodeParameter('authentication') !== 'none';
	const isTest = this.getActivationMode() === 'manual';
	const registers = this.getNodeParameter('registerAsDefault') === true && !isTest;
	const url = this.getNodeWebhookUrl('default') ?? '';
	const fault = activationFault(settings, needsToken, registers ? url : undefined);
	if (fault) throw toNodeApiError(this.getNode(), fault, 0);
	if (!registers) return true;
	const memory = memoryFor(this);
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
	const memory = memoryFor(this);
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
	const settings = readSettings(credential);
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
