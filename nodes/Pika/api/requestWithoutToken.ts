import type { IExecuteFunctions, IHttpRequestOptions } from 'n8n-workflow';

/**
 * The only request that does not carry the API token: to servers that are not useapi.net's. No redirect is followed,
 * and no status is an error. Throws where the connection fails.
 */
export async function requestWithoutToken(
	node: IExecuteFunctions,
	options: IHttpRequestOptions,
): Promise<{ statusCode: number; body: unknown }> {
	const response: unknown = await node.helpers.httpRequest({
		...options,
		returnFullResponse: true,
		ignoreHttpStatusErrors: true,
		disableFollowRedirect: true,
	});
	return response as { statusCode: number; body: unknown };
}
