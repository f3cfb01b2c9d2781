import type { IExecuteFunctions, IHttpRequestOptions } from 'n8n-workflow';

import type { FullResponse } from './errorCauses';

/**
 * The only request that does not carry the API token: to servers that are not useapi.net's. It follows no redirect, and
 * no status is an error. Throws if the connection fails.
 */
export async function requestWithoutToken(
	node: IExecuteFunctions,
	options: IHttpRequestOptions,
): Promise<FullResponse> {
	const response: unknown = await node.helpers.httpRequest({
		...options,
		returnFullResponse: true,
		ignoreHttpStatusErrors: true,
		disableFollowRedirect: true,
	});
	return response as FullResponse;
}
