import type { IDataObject } from 'n8n-workflow';

import { isRecord } from './isRecord';

const MAXIMUM_DEPTH = 5;

/** A failed request's errors, the outermost first: n8n wraps the error of axios, which wraps Node's. */
export function causesOf(error: unknown): IDataObject[] {
	const causes: IDataObject[] = [];
	let current = error;
	while (isRecord(current) && causes.length < MAXIMUM_DEPTH) {
		causes.push(current);
		// Node tries several addresses, and fails with one error for each.
		current = current.cause ?? (Array.isArray(current.errors) ? current.errors[0] : undefined);
	}
	return causes;
}

/**
 * True only if the request surely never left this machine unencrypted or as a whole: its connection was never made, or
 * was to be encrypted and never became so. Node keeps that at the request, and axios keeps the request at its error.
 */
export function isBeforeTls(causes: IDataObject[]): boolean {
	const request = causes.map((cause) => cause.request).find(isRecord);
	if (!request) return false;
	const { protocol, socket } = request;
	// Behind a proxy a request gets its socket only when the proxy has connected it.
	if (socket === null) return true;
	if (protocol !== 'https:' || !isRecord(socket)) return false;
	return socket.encrypted !== true || socket.secureConnecting === true;
}

/** What n8n gives of an answer. */
export interface FullResponse {
	statusCode: number;
	headers: unknown;
	body: unknown;
}

/** The answer that n8n made an error of; undefined if there was none. */
export function responseIn(causes: IDataObject[]): FullResponse | undefined {
	const response = causes.map((cause) => cause.response).find(isRecord);
	if (!response || typeof response.status !== 'number') return undefined;
	return { statusCode: response.status, headers: response.headers, body: response.data };
}
