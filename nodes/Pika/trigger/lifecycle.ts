import type { IHookFunctions } from 'n8n-workflow';

import { toNodeApiError } from '../results/errors';
import { createDefaultReplyUrl } from '../api/defaultReplyUrlApi';
import { createSend } from '../api/request';
import { parseCredentials } from '../api/credentials';
import { activationProblem } from './activation';
import { isRegistered, parseRegistration, register, restore } from './registration';
import { getTriggerState } from './state';

async function create(this: IHookFunctions): Promise<boolean> {
	const credentials = parseCredentials(await this.getCredentials('useApiPikaApi'));
	const needsToken = this.getNodeParameter('authentication') !== 'none';
	const isTest = this.getActivationMode() === 'manual';
	const registers = this.getNodeParameter('registerAsDefault') === true && !isTest;
	const url = this.getNodeWebhookUrl('default') ?? '';
	const problem = activationProblem(credentials, needsToken, registers ? url : undefined);
	if (problem) throw toNodeApiError(this.getNode(), problem, 0);
	if (!registers) return true;
	const state = getTriggerState(this);
	const saved = this.getWorkflowStaticData('node');
	const result = await register(
		createDefaultReplyUrl(createSend(this, credentials)),
		url,
		needsToken ? credentials.callbackToken : undefined,
		state.registration ?? parseRegistration(saved.registration),
	);
	if ('message' in result) throw toNodeApiError(this.getNode(), result, 0);
	state.registration = result;
	saved.registration = { ...result };
	return true;
}

async function remove(this: IHookFunctions): Promise<boolean> {
	const state = getTriggerState(this);
	const saved = this.getWorkflowStaticData('node');
	const registration = state.registration ?? parseRegistration(saved.registration);
	const url = this.getNodeWebhookUrl('default') ?? '';
	if (!registration || !isRegistered(registration, url)) return true;
	// It must be possible to unpublish a workflow whose credential was deleted.
	const stored = await this.getCredentials('useApiPikaApi').catch(() => undefined);
	if (!stored) {
		this.logger.warn(
			'Pika Trigger: this URL remains the default reply URL, because the credential no longer exists',
		);
		return true;
	}
	const credentials = parseCredentials(stored);
	const account = createDefaultReplyUrl(createSend(this, credentials));
	const { isSettled, note } = await restore(account, registration, credentials.callbackToken);
	if (note) this.logger.warn(`Pika Trigger: ${note}`);
	if (!isSettled) return true;
	state.registration = undefined;
	delete saved.registration;
	return true;
}

/** For publishing, unpublishing and test listening (docs/n8n-internals.md, "Lifecycle methods"). n8n may repeat `create`. */
export const lifecycle = { checkExists: async () => false, create, delete: remove };
