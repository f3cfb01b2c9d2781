import { isRecord } from './isRecord';

/** No documented answer is nested deeper than three; n8n and JSON.stringify fail on very deep ones. */
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

/** What stands in the place of a secret that an answer echoes. */
export const HIDDEN = '[hidden]';

function hide(text: string, secrets: string[]): string {
	return secrets.reduce((hidden, secret) => hidden.replaceAll(secret, HIDDEN), text);
}

function hideInside(value: unknown, secrets: string[]): unknown {
	if (typeof value === 'string') return hide(value, secrets);
	if (Array.isArray(value)) return value.map((each) => hideInside(each, secrets));
	if (!isRecord(value)) return value;
	return Object.fromEntries(
		Object.entries(value).map(([name, each]) => [hide(name, secrets), hideInside(each, secrets)]),
	);
}

/**
 * The JSON of an answer, or its text where it is none or nested beyond measure. Secrets that the answer echoes are
 * hidden here, at the edge, so that nothing behind it can show them.
 */
export function parseAndRedactBody(body: unknown, secrets: string[]): unknown {
	const text = typeof body === 'string' ? body : '';
	try {
		const parsed: unknown = JSON.parse(text);
		if (isShallow(parsed)) return hideInside(parsed, secrets);
	} catch {
		return hide(text, secrets);
	}
	return hide(text, secrets);
}
