import {
	type IExecuteFunctions,
	type ILoadOptionsFunctions,
	NodeOperationError,
} from 'n8n-workflow';

import { type Credentials, parseCredentials, credentialsProblem } from '../api/credentials';
import type { Clock } from '../jobs/clock';

/** Each read takes n8n some milliseconds, in which it does nothing else. */
const MAXIMUM_AGE_MILLISECONDS = 5_000;

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

/** Reads the credential again once it is too old, because it may be edited during a run. Throws like `readCredentials`. */
export function credentialsReader(
	node: IExecuteFunctions,
	first: Credentials,
	clock: Clock,
): () => Promise<Credentials> {
	let latest = Promise.resolve(first);
	let readAt = clock.now();
	return async () => {
		if (clock.now() - readAt >= MAXIMUM_AGE_MILLISECONDS) {
			latest = readCredentials(node);
			readAt = clock.now();
			latest.catch(() => (readAt = -Infinity));
		}
		return await latest;
	};
}
