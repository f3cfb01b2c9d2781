import { UserError } from 'n8n-workflow';

/** What decides where the API token may go. */
export interface Destination {
	baseUrl: string;
	/** Whether the base URL may be plain http on another machine. */
	allowPlainHttp?: boolean;
}

/** The label of the switch in the credential. */
const ALLOW_PLAIN_HTTP = 'Allow Plain HTTP (Insecure)';

const LOOPBACK_HOSTS = /^(localhost|127(\.\d{1,3}){3}|\[::1\])$/;

function parse(url: string): URL | undefined {
	return URL.canParse(url) ? new URL(url) : undefined;
}

/** True if a request to this URL does not leave the machine. */
export function isLoopback(url: URL): boolean {
	return LOOPBACK_HOSTS.test(url.hostname);
}

/** What people paste from the documentation of an endpoint. */
const API_PATH = /\/v[12](\/[\w/-]*)?$/i;

const HOW_TO_WRITE = 'Write it as in "http://127.0.0.1:4010"';

/** Another scheme, or one with a typing error. A name before a colon alone may be a host with its port. */
const WRONG_SCHEME = /^([a-z]*[:;]\/+|https?[:;/]+|\/+)/i;

function withoutScheme({ baseUrl, allowPlainHttp }: Destination): string {
	if (baseUrl === '') return `The credential has no base URL. ${HOW_TO_WRITE}`;
	const server = baseUrl.replace(WRONG_SCHEME, '').replace(API_PATH, '');
	const url = parse(`https://${server}`);
	const scheme = url && (allowPlainHttp || isLoopback(url)) ? 'http' : 'https';
	const advice = url ? `Write "${scheme}://${server}"` : HOW_TO_WRITE;
	return `The base URL "${baseUrl}" in the credential does not begin with https:// or http://. ${advice}`;
}

/**
 * What is wrong with a base URL, as a sentence; undefined if nothing is. Plain http is for loopback (the sandbox), and
 * for other machines only if the credential allows it.
 */
export function baseUrlProblem(destination: Destination): string | undefined {
	const { baseUrl, allowPlainHttp } = destination;
	if (/[@?#]/.test(baseUrl)) {
		return `The base URL in the credential holds more than a server and a path. ${HOW_TO_WRITE}`;
	}
	if (!/^https?:\/\//i.test(baseUrl)) return withoutScheme(destination);
	const url = parse(baseUrl);
	if (!url) return `The base URL "${baseUrl}" in the credential is not a URL. ${HOW_TO_WRITE}`;
	const prefix = baseUrl.replace(API_PATH, '');
	if (prefix !== baseUrl) {
		return `The base URL "${baseUrl}" in the credential already has the path of the API. Write "${prefix}": the node adds the rest`;
	}
	if (url.protocol === 'https:') return undefined;
	if (allowPlainHttp || isLoopback(url)) return undefined;
	return `The base URL "${baseUrl}" in the credential does not begin with https://, so the API token would travel unprotected. Write https://, or turn on "${ALLOW_PLAIN_HTTP}" for a sandbox in your own network`;
}

/**
 * Throws if a request would carry the token to a server other than the credential's, or over an unencrypted connection
 * that the credential does not allow.
 */
export function assertMayCarryToken(destination: Destination, requestUrl: string): void {
	const { baseUrl } = destination;
	const fault = baseUrlProblem(destination);
	if (fault) throw new UserError(fault);
	if (parse(requestUrl)?.origin !== new URL(baseUrl).origin) {
		throw new UserError(
			`The API token belongs to ${new URL(baseUrl).origin} and is not sent to another server`,
		);
	}
}
