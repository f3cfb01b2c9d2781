import type { IDataObject } from 'n8n-workflow';

import { causesOf, isBeforeTls } from './errorCauses';
import { sanitizeText } from './sanitizeText';

/** A request without an answer. */
export interface ConnectionFailure {
	/**
	 * It surely never reached the API; nobody knows whether it did; it broke off while the upload was still being sent,
	 * so the API cannot have had it whole; this execution was stopped.
	 */
	kind: 'notSent' | 'broken' | 'cutOff' | 'cancelled';
	/** Node's error code such as ECONNRESET, or the class of n8n's refusal. */
	reason: string;
}

/** Failures while building the request, looking up or connecting: no byte of the request has left yet. */
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
	// n8n's own protection against requests into private networks
	'SsrfBlockedIpError',
	'SsrfBlockedHostnameError',
]);

/** Node checks the server's certificate once, before it sends anything. */
const UNTRUSTED_CERTIFICATE =
	/^(CERT_|CRL_|UNABLE_TO_|ERROR_IN_C|ERR_TLS_CERT_|INVALID_(CA|PURPOSE)|PATH_LENGTH_EXCEEDED|HOSTNAME_MISMATCH)|SELF_SIGNED_CERT|CERTIFICATE_VERIFY_FAILED/;

/** With TLS 1.3 a client may send before the server refuses the handshake; the server then reads none of it. */
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
	// Node has the alert in the code or, with EPROTO, in the message alone.
	const isTls = code === 'EPROTO' || code.startsWith('ERR_SSL_');
	const said = [code, ...messages].map((text) => text.toUpperCase().replace(/\W+/g, '_'));
	return isTls && said.some((text) => HANDSHAKE_ALERT.test(text));
}

/** What it does not recognise is `broken`, the careful reading: a submission like that is never simply sent again. */
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
