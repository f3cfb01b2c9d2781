import { type IExecuteFunctions, NodeOperationError } from 'n8n-workflow';

import { isRecord } from '../api/isRecord';
import { cleanId } from '../api/pasted';
import { type ParsedText, kindOf, parseText } from '../api/plainText';
import { sanitizeText } from '../api/sanitizeText';

/** The parameter that a value belongs to: the part of n8n's node property that messages need. */
export interface Field {
	name: string;
	displayName: string;
}

/** An error for a parameter that the user must correct: what is wrong, and what to do. */
export function parameterError(
	node: IExecuteFunctions,
	i: number,
	message: string,
	description: string,
): NodeOperationError {
	return new NodeOperationError(node.getNode(), message, { itemIndex: i, description });
}

/** An error for a required parameter that is empty, or whose expression returns nothing. */
export function missingError(
	node: IExecuteFunctions,
	i: number,
	{ name, displayName }: Field,
	description: string,
): NodeOperationError {
	const set: unknown = node.getNode().parameters[name];
	const typed = isLocator(set) ? set.value : set;
	const isExpression = typeof typed === 'string' && typed.startsWith('=');
	if (!isExpression) return parameterError(node, i, `${displayName}: it is empty`, description);
	const message = `${displayName}: the expression returns nothing`;
	const enter = description.charAt(0).toLowerCase() + description.slice(1);
	const whatToDo = `Check that the input item has the value that the expression reads, or switch the field to "Fixed" and ${enter}`;
	return parameterError(node, i, message, whatToDo);
}

const GIVE_TEXT: Record<Exclude<ParsedText['kind'], 'text'>, string> = {
	object:
		'Use an expression that returns text, for example {{ $json.title }} instead of {{ $json }}.',
	list: 'Use an expression that returns text: one entry, for example {{ $json.titles[0] }}, or all of them, {{ $json.titles.join(", ") }}.',
	boolean: 'Use an expression that returns text. To send the word, write it without an expression.',
	inexact: `Pass it as text, in quotes, from the first node on: a number above ${Number.MAX_SAFE_INTEGER} loses its last digits.`,
	other: 'Use an expression that returns text.',
};

/** Reads the value of a parameter as text, empty if there is none. Throws if the value cannot be written as text. */
export function textIn(
	node: IExecuteFunctions,
	i: number,
	displayName: string,
	value: unknown,
): string {
	const parsed = parseText(value);
	if (parsed.kind === 'text') return parsed.text;
	const message = `${displayName}: the value ${parsed.fault}`;
	throw parameterError(node, i, message, GIVE_TEXT[parsed.kind]);
}

function isLocator(value: unknown): value is { value?: unknown } {
	return isRecord(value) && ('__rl' in value || ('mode' in value && 'value' in value));
}

/** Reads an ID from a resource locator, or from the value that an expression returns in its place. */
export function idIn(
	node: IExecuteFunctions,
	i: number,
	displayName: string,
	value: unknown,
): string {
	return cleanId(textIn(node, i, displayName, isLocator(value) ? value.value : value));
}

/** A value as messages show it: text in quotes, a number as it is, and only the kind of anything else. */
export function shown(value: unknown): string {
	if (typeof value === 'string') return `"${sanitizeText(value)}"`;
	return typeof value === 'number' ? String(value) : kindOf(value);
}

/** A number, or the number that a text contains; undefined for anything else. */
export function numberIn(value: unknown): number | undefined {
	const number = typeof value === 'string' && value.trim() !== '' ? Number(value) : value;
	return typeof number === 'number' && Number.isFinite(number) ? number : undefined;
}

/** True if a field is empty, or its expression returns nothing. */
export function isUnset(value: unknown): boolean {
	return value === undefined || value === null || value === '';
}

/** Reads a switch; an expression may also return the text "true" or "false". Off if it is not set. */
export function flagIn(
	node: IExecuteFunctions,
	i: number,
	displayName: string,
	value: unknown,
): boolean {
	const flag = typeof value === 'string' ? value.trim().toLowerCase() : value;
	if (flag === true || flag === 'true') return true;
	if (flag === false || flag === 'false' || isUnset(flag)) return false;
	const message = `${displayName}: the value is ${shown(value)}, not true or false`;
	throw parameterError(node, i, message, 'Use an expression that returns true or false.');
}

/** Throws if the value of a parameter is not one of the options that n8n offers. */
export function assertChoice(
	node: IExecuteFunctions,
	i: number,
	displayName: string,
	value: unknown,
	choices: ReadonlyArray<string | boolean>,
): void {
	if (choices.some((choice) => choice === value)) return;
	const message = `${displayName}: the value is ${shown(value)}, which is not one of ${choices.join(', ')}`;
	throw parameterError(node, i, message, `Choose "${displayName}" again.`);
}
