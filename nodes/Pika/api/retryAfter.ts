import type { ApiResponse } from './request';
import { isRecord } from './isRecord';

/** A longer wait is not plausible: after an hour, the API is asked again. */
export const MAXIMUM_RETRY_AFTER_SECONDS = 3600;

const MS_PER_SECOND = 1000;
const DECIMAL = /^\d+(\.\d+)?$/;

function secondsIn(value: unknown): number {
	const text = typeof value === 'string' ? value.trim() : '';
	const seconds = DECIMAL.test(text) ? Number(text) : value;
	return typeof seconds === 'number' && seconds > 0 ? seconds : 0;
}

/** Only a text with letters is a date: Date.parse accepts nearly every number. */
function secondsUntil(header: string | undefined, now: number): number {
	const date = header !== undefined && /[a-z]/i.test(header) ? Date.parse(header) : NaN;
	return Number.isNaN(date) ? 0 : Math.max(0, (date - now) / MS_PER_SECOND);
}

/** In a 429 caused by Discord, `errorDetails` is a string of JSON; an object is accepted as well. */
export function parseDetails(details: unknown): Record<string, unknown> {
	if (isRecord(details)) return details;
	if (typeof details !== 'string') return {};
	try {
		const parsed: unknown = JSON.parse(details);
		return isRecord(parsed) ? parsed : {};
	} catch {
		return {};
	}
}

/**
 * How long an answer asks the client to wait, in seconds: the longest of `Retry-After` and of `retry_after` at the top
 * level and in `errorDetails`, at most an hour. Undefined if it does not say.
 */
export function retryAfterSeconds(
	{ body, retryAfter }: ApiResponse,
	now = Date.now(),
): number | undefined {
	const record = isRecord(body) ? body : {};
	const longest = Math.max(
		secondsIn(retryAfter),
		secondsUntil(retryAfter, now),
		secondsIn(record.retry_after),
		secondsIn(parseDetails(record.errorDetails).retry_after),
	);
	return longest > 0 ? Math.min(longest, MAXIMUM_RETRY_AFTER_SECONDS) : undefined;
}
