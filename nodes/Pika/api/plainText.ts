import { isRecord } from './isRecord';

/** Text, or why a value is not text: `fault` is the predicate of a sentence about the value, such as "is a list, not text". */
export type ParsedText =
	| { kind: 'text'; text: string }
	| { kind: 'object' | 'list' | 'boolean' | 'inexact' | 'other'; fault: string };

/** What an object inside a text becomes in n8n and JavaScript. */
const OBJECT_IN_TEXT = '[object Object]';

/** The kind of a value, in the form that follows "is". */
export function kindOf(value: unknown): string {
	if (value === null || value === undefined) return 'nothing';
	if (typeof value === 'string') return 'text';
	if (typeof value === 'boolean') return `the boolean ${value}`;
	if (Array.isArray(value)) return 'a list';
	if (typeof value === 'number') return Number.isFinite(value) ? `the number ${value}` : `${value}`;
	return typeof value === 'object' ? 'an object' : `a ${typeof value}`;
}

/** Dates come as objects of JavaScript or Luxon, except inside a collection, where n8n turns them into text. */
function dateText(value: unknown): string | undefined {
	if (value instanceof Date) {
		return Number.isNaN(value.getTime()) ? undefined : value.toISOString();
	}
	const { isLuxonDateTime, isValid, toISO }: Record<string, unknown> = isRecord(value) ? value : {};
	const isDate = isLuxonDateTime === true && isValid === true && typeof toISO === 'function';
	return isDate ? String(value) : undefined;
}

function parseNumber(value: number): ParsedText {
	if (Number.isInteger(value) && !Number.isSafeInteger(value)) {
		const fault = `is the number ${value}, which has more digits than a number can keep`;
		return { kind: 'inexact', fault };
	}
	return Number.isFinite(value)
		? { kind: 'text', text: String(value) }
		: { kind: 'other', fault: `is ${value}, not text` };
}

/**
 * Reads a value of any type as text. Exact numbers and dates count as text, a missing value as empty text. Anything else
 * would become text that nobody wants.
 */
export function parseText(value: unknown): ParsedText {
	if (value === undefined || value === null) return { kind: 'text', text: '' };
	if (typeof value === 'number') return parseNumber(value);
	const text = typeof value === 'bigint' ? String(value) : (dateText(value) ?? value);
	const fault = `is ${kindOf(value)}, not text`;
	if (Array.isArray(text)) return { kind: 'list', fault };
	if (typeof text === 'object') return { kind: 'object', fault };
	if (typeof text === 'boolean') return { kind: 'boolean', fault };
	if (typeof text !== 'string') return { kind: 'other', fault };
	return text.includes(OBJECT_IN_TEXT)
		? { kind: 'object', fault: `contains "${OBJECT_IN_TEXT}", which an object in a text becomes` }
		: { kind: 'text', text };
}
