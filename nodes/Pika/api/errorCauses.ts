import type { IDataObject } from 'n8n-workflow';

import { isRecord } from './isRecord';

const MAXIMUM_DEPTH = 5;

/** The errors of a failed request, the outermost first: n8n wraps the error of axios, which wraps that of Node. */
export function causesOf(error: unknown): IDataObject[] {
	const causes: IDataObject[] = [];
	let current = error;
	while (isRecord(current) && causes.length < MAXIMUM_DEPTH) {
		causes.push(current);
		// If Node has tried several addresses, there is one error for each.
		current = current.cause ?? (Array.isArray(current.errors) ? current.errors[0] : undefined);
	}
	return causes;
}

/**
 * True only if nothing of the request can have reached the server: there was no connection, or its encryption was never
 * established. Node stores this in the request, and axios stores the request in its error.
 */
export function isBeforeTls(causes: IDataObject[]): boolean {
	const request = causes.map((cause) => cause.request).find(isRecord);
	if (!request) return false;
	const { protocol, socket } = request;
	// Behind a proxy, a request gets its socket only after the proxy has connected.
	if (socket === null) return true;
	if (protocol !== 'https:' || !isRecord(socket)) return false;
	return socket.encrypted !== true || socket.secureConnecting === true;
}

/** What n8n returns of an answer. */
export interface FullResponse {
	statusCode: number;
	headers: unknown;
	body: unknown;
}

/** The answer that n8n turned into an error; undefined if there was none. */
export function responseIn(causes: IDataObject[]): FullResponse | undefined {
	const response = causes.map((cause) => cause.response).find(isRecord);
	if (!response || typeof response.status !== 'number') return undefined;
	return { statusCode: response.status, headers: response.headers, body: response.data };
}
