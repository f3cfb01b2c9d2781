import { UserError } from 'n8n-workflow';

const LOOPBACK_HOSTS = /^(localhost|127(\.\d{1,3}){3}|\[::1\])$/;

function parse(url: string): URL | undefined {
	return URL.canParse(url) ? new URL(url) : undefined;
}

/** True where a URL names this very machine, so that nothing sent there crosses a network. */
export function isLoopback(url: URL): boolean {
	return LOOPBACK_HOSTS.test(url.hostname);
}

/**
 * What is wrong with a base URL, as a sentence for the user; undefined where nothing is.
 * Only https is accepted, except on loopback (the sandbox): the token would be readable on the way.
 */
export function baseUrlFault(baseUrl: string): string | undefined {
	const url = parse(baseUrl);
	if (!url) return `The base URL "${baseUrl}" in the credential is no URL`;
	if (url.username !== '' || url.password !== '' || /[?#]/.test(baseUrl)) {
		return 'The base URL in the credential holds more than a server and a path';
	}
	if (url.protocol === 'https:') return undefined;
	if (url.protocol === 'http:' && isLoopback(url)) return undefined;
	return `The base URL "${baseUrl}" in the credential does not begin with https://, so the API token would travel unprotected`;
}

/**
 * Gives the token only to the server that the credential names, over a safe connection.
 * Throws where a request goes elsewhere: credential tests and other nodes' requests pass here too.
 */
export function assertMayCarryToken(baseUrl: string, requestUrl: string): void {
	const fault = baseUrlFault(baseUrl);
	if (fault) throw new UserError(fault);
	if (parse(requestUrl)?.origin !== new URL(baseUrl).origin) {
		throw new UserError(
			`The API token belongs to ${new URL(baseUrl).origin} and is not sent to another server`,
		);
	}
}
