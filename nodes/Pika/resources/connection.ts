import {
	type IExecuteFunctions,
	type ILoadOptionsFunctions,
	NodeOperationError,
} from 'n8n-workflow';

import { type Settings, readSettings, settingsFault } from '../api/settings';

/** Reads the credential, and refuses one with which no request may be made. */
export async function readConnection(
	node: IExecuteFunctions | ILoadOptionsFunctions,
): Promise<Settings> {
	if (!node.getNode().credentials?.useApiPikaApi) {
		throw new NodeOperationError(node.getNode(), 'No credential is chosen', {
			description: 'Choose a credential "useapi.net Pika API" in this node, or create one.',
		});
	}
	const settings = readSettings(await node.getCredentials('useApiPikaApi'));
	const fault = settingsFault(settings);
	if (!fault) return settings;
	throw new NodeOperationError(node.getNode(), fault, {
		description: 'Correct the credential "useapi.net Pika API" that this node uses.',
	});
}
