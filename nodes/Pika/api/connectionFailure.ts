import type { IDataObject } from 'n8n-workflow';

import { causesOf, isBeforeTls } from './errorCauses';
import { sanitizeText } from './sanitizeText';

/** A request without an answer. */
export interface ConnectionFailure {
	/**
	 * `notSent`: it did not reach the API. `broken`: it may have reached the API. `uploadAborted`: it ended while the upload was
	 * being sent, so the API cannot have received all of it. `cancelled`: the execution was stopped.
	 */
	kind: 'notSent' | 'broken' | 'uploadAborted' | 'cancelled';
	/** Node's error code, such as ECONNRESET, or the class of an error of n8n. */
	reason: string;
}

/** Errors in building the request, resolving the host or connecting: nothing was sent. */
const BEFORE_SENDING = new Set([
	'ECONNREFUSED',
	'ENOTFOUND',
	'EAI_AGAIN',
	'EHOSTUNREACH',
	'EHOSTDOWN',
	'ENETUNREACH',
	'EADDRNOTAVAIL',
	'ERR_INVALID_CHAR',
	'ERR_INVALID_URL',
	'ERR_UNESCAPED_CHARACTERS',
	// n8n's protection of private networks (docs/n8n-internals.md, "Protected networks")
	'SsrfBlockedIpError',
	'SsrfBlockedHostnameError',
]);

/** Node checks the server's certificate before it sends anything. */
const UNTRUSTED_CERTIFICATE =
	/^(CERT_|CRL_|UNABLE_TO_|ERROR_IN_C|ERR_TLS_CERT_|INVALID_(CA|PURPOSE)|PATH_LENGTH_EXCEEDED|HOSTNAME_MISMATCH)|SELF_SIGNED_CERT|CERTIFICATE_VERIFY_FAILED/;

/** With TLS 1.3, a client may send data before the server rejects the handshake, but the server does not read it. */
const HANDSHAKE_ALERT =
	/ALERT_(\w+_)?(CERTIFICATE|UNKNOWN_CA|ACCESS_DENIED|HANDSHAKE_FAILURE|PROTOCOL_VERSION|INSUFFICIENT_SECURITY)/;

const NEVER_SECURE = 'disconnected before secure TLS connection';

function firstText(values: unknown[]): string | undefined {
	return values.find((value): value is string => typeof value === 'string' && value !== '');
}

function isHandshake(causes: IDataObject[], code = ''): boolean {
	if (isBeforeTls(causes) || UNTRUSTED_CERTIFICATE.test(code)) return true;
	const messages = causes.map(({ message }) => String(message));
	if (messages.some((message) => message.includes(NEVER_SECURE))) return true;
	// Node puts the alert into the code or, with EPROTO, only into the message.
	const isTls = code === 'EPROTO' || code.startsWith('ERR_SSL_');
	const said = [code, ...messages].map((text) => text.toUpperCase().replace(/\W+/g, '_'));
	return isTls && said.some((text) => HANDSHAKE_ALERT.test(text));
}

/** An unknown error counts as `broken`, which is the safe choice: such a submission is never sent again. */
export function parseConnectionFailure(error: unknown): ConnectionFailure {
	const causes = causesOf(error).reverse();
	const code = firstText(causes.map((cause) => cause.code));
	const known = causes.map((cause) => cause.name).find((name) => BEFORE_SENDING.has(String(name)));
	const reason = code ?? firstText([known]) ?? firstText(causes.map((cause) => cause.message));
	if (causes.some((cause) => cause.code === 'ERR_CANCELED')) {
		return { kind: 'cancelled', reason: 'ERR_CANCELED' };
	}
	const isConnecting = causes.some((cause) => cause.syscall === 'connect');
	const isConnected = causes.some(({ syscall }) => syscall === 'read' || syscall === 'write');
	const isEarly = BEFORE_SENDING.has(reason ?? '') || (code === 'ETIMEDOUT' && isConnecting);
	return {
		kind: (isEarly && !isConnected) || isHandshake(causes, code) ? 'notSent' : 'broken',
		reason: sanitizeText(reason ?? 'unknown'),
	};
}
