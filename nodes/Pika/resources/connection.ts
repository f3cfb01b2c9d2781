import {
	type IExecuteFunctions,
	type ILoadOptionsFunctions,
	NodeOperationError,
} from 'n8n-workflow';

import { type Credentials, parseCredentials, credentialsProblem } from '../api/credentials';

/** Reads the credential. Throws if it is missing or must not be used as it is. */
export async function readCredentials(
	node: IExecuteFunctions | ILoadOptionsFunctions,
): Promise<Credentials> {
	if (!node.getNode().credentials?.useApiPikaApi) {
		throw new NodeOperationError(node.getNode(), 'No credential is chosen', {
			description: 'Choose a credential "useapi.net Pika API" in this node, or create one.',
		});
	}
	const settings = parseCredentials(await node.getCredentials('useApiPikaApi'));
	const fault = credentialsProblem(settings);
	if (!fault) return settings;
	throw new NodeOperationError(node.getNode(), fault, {
		description: 'Open the credential of this node, and correct it.',
	});
}
