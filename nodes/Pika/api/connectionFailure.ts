import { sanitizeText } from './sanitizeText';
import { isRecord } from './isRecord';

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

/** Failures while looking up, connecting or shaking hands: no byte of the request has left yet. */
const BEFORE_SENDING = new Set([
	'ECONNREFUSED',
	'ENOTFOUND',
	'EAI_AGAIN',
	'EHOSTUNREACH',
	'EHOSTDOWN',
	'ENETUNREACH',
	'EADDRNOTAVAIL',
	'CERT_HAS_EXPIRED',
	'DEPTH_ZERO_SELF_SIGNED_CERT',
	'ERR_TLS_CERT_ALTNAME_INVALID',
	'SELF_SIGNED_CERT_IN_CHAIN',
	'UNABLE_TO_GET_ISSUER_CERT_LOCALLY',
	'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
	// n8n's own protection against requests into private networks
	'SsrfBlockedIpError',
	'SsrfBlockedHostnameError',
]);

const MAXIMUM_DEPTH = 5;

/** n8n wraps axios' error, which wraps Node's: the innermost code is the most telling. */
function causesOf(error: unknown): Array<Record<string, unknown>> {
	const causes: Array<Record<string, unknown>> = [];
	let current = error;
	while (isRecord(current) && causes.length < MAXIMUM_DEPTH) {
		causes.push(current);
		// Node tries several addresses, and fails with one error for each.
		current = current.cause ?? (Array.isArray(current.errors) ? current.errors[0] : undefined);
	}
	return causes;
}

function firstText(values: unknown[]): string | undefined {
	return values.find((value): value is string => typeof value === 'string' && value !== '');
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
		kind: isEarly && !isConnected ? 'notSent' : 'broken',
		reason: sanitizeText(reason ?? 'unknown'),
	};
}
