import type { IExecuteFunctions, IHttpRequestOptions } from 'n8n-workflow';

import type { FullResponse } from './errorCauses';

/**
 * The only function that makes requests without the API token, to servers other than useapi.net. It follows no redirects,
 * treats no status as an error, and throws if the connection fails.
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
