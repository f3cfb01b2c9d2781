import { isRecord } from './isRecord';

/** No documented answer has more than three levels. n8n and JSON.stringify fail on very deep nesting. */
const DEEPEST = 50;

function isShallow(value: unknown): boolean {
	let level: unknown[] = [value];
	for (let depth = 0; level.length > 0; depth++) {
		if (depth > DEEPEST) return false;
		level = level.flatMap((each) =>
			Array.isArray(each) ? each : isRecord(each) ? Object.values(each) : [],
		);
	}
	return true;
}

/** Replaces a secret that an answer echoes. */
export const HIDDEN = '[hidden]';

function hide(text: string, secrets: string[]): string {
	return secrets.reduce((hidden, secret) => hidden.replaceAll(secret, HIDDEN), text);
}

/** A parsed value with the secrets in its texts replaced. It must not be nested deeply. */
export function redact(value: unknown, secrets: string[]): unknown {
	if (typeof value === 'string') return hide(value, secrets);
	if (Array.isArray(value)) return value.map((each) => redact(each, secrets));
	if (!isRecord(value)) return value;
	return Object.fromEntries(
		Object.entries(value).map(([name, each]) => [hide(name, secrets), redact(each, secrets)]),
	);
}

/**
 * The JSON of an answer, or its text if it is not JSON or nested too deeply. Secrets that the answer echoes are redacted
 * here, where it enters, so that no other code can show them.
 */
export function parseAndRedactBody(body: unknown, secrets: string[]): unknown {
	const text = typeof body === 'string' ? body : '';
	try {
		const parsed: unknown = JSON.parse(text);
		if (isShallow(parsed)) return redact(parsed, secrets);
	} catch {
		return hide(text, secrets);
	}
	return hide(text, secrets);
}
