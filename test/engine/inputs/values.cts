import fc from 'fast-check';

/** A value for a field and the expected text in the request; undefined if nothing may be sent. */
export interface Given {
	value: unknown;
	/** Empty if the item goes out without the field. */
	sent: string | undefined;
}

const UNSAFE = 2 ** 53;

/** Every JSON type, and what else an expression can return. */
const anyValue: fc.Arbitrary<unknown> = fc.oneof(
	fc.jsonValue({ maxDepth: 2 }),
	fc.integer(),
	fc.double(),
	fc.integer().map((n) => UNSAFE + Math.abs(n)),
	fc.bigInt(),
	fc.boolean(),
	fc.constantFrom(undefined, null, '', NaN, Infinity, -Infinity, 0, {}, [], [[]], { value: '1' }),
	fc.constantFrom('a [object Object] b', '  '),
	fc.dictionary(fc.string({ maxLength: 3 }), fc.string({ maxLength: 3 })),
);

/** The values that count as text, defined independently of the node. */
function textOf(value: unknown): string | undefined {
	switch (typeof value) {
		case 'string':
			return value.includes('[object Object]') ? undefined : value;
		case 'bigint':
			return String(value);
		case 'number':
			if (Number.isSafeInteger(value)) return String(value);
			return Number.isFinite(value) && !Number.isInteger(value) ? String(value) : undefined;
		default:
			return value === undefined || value === null ? '' : undefined;
	}
}

/** Which texts a field accepts. */
interface TextRules {
	longest: number;
	isRequired?: boolean;
	/** Whether white space counts as empty. */
	dropsBlanks?: boolean;
	isTrimmed?: boolean;
	/** Whether it must be a web address. */
	isUrl?: boolean;
}

function sentText(value: unknown, rules: TextRules): string | undefined {
	const text = textOf(value);
	if (text === undefined || Array.from(text).length > rules.longest) return undefined;
	if (rules.isUrl && text.trim() !== '' && !/^https?:\/\/./i.test(text.trim())) return undefined;
	if (text.trim() !== '') return rules.isTrimmed ? text.trim() : text;
	if (rules.isRequired) return undefined;
	return rules.dropsBlanks || rules.isTrimmed ? '' : text;
}

/** Texts, mostly valid ones, and everything else. */
export function texts(rules: TextRules): fc.Arbitrary<Given> {
	const { longest } = rules;
	const anyText = fc.string({ unit: 'binary', minLength: 1, maxLength: Math.min(longest / 2, 40) });
	const url = fc.webUrl({ withQueryParameters: true, size: 'small' }).map((text) => ` ${text}\n`);
	const good = rules.isUrl ? fc.oneof({ weight: 8, arbitrary: url }, anyText) : anyText;
	const start = rules.isUrl ? 'https://a.example/' : '';
	const tooLong = fc
		.constantFrom('x'.repeat(longest + 1), '🌊'.repeat(longest + 1))
		.map((end) => start + end);
	return fc
		.oneof(
			{ weight: 12, arbitrary: good },
			{ weight: 2, arbitrary: anyValue },
			{ weight: 1, arbitrary: tooLong },
		)
		.map((value) => ({ value, sent: sentText(value, rules) }));
}

const unseen = fc.constantFrom('', '', ' ', '\n', '\u00a0', '\u200b', '\ufeff', '\u00ad', '\u202e');

/** An ID with what a paste may bring along, which is not part of it. */
export function pasted(id: string): fc.Arbitrary<string> {
	const { length } = id;
	return fc
		.array(unseen, { minLength: length + 1, maxLength: length + 1 })
		.map((gaps) => gaps.map((gap, i) => gap + (id[i] ?? '')).join(''));
}

/** The given IDs, as they are or pasted, and everything else that is not text. */
export function ids(known: fc.Arbitrary<string>, isRequired: boolean): fc.Arbitrary<Given> {
	const good = known.chain((id) => pasted(id).map((value) => ({ value, sent: id })));
	const others = anyValue
		.filter((value) => typeof value !== 'string' || textOf(value)?.trim() === '')
		.map((value) => ({ value, text: textOf(value) }))
		// A number may be an ID, even if the API does not know it.
		.filter(({ text }) => text === undefined || text.trim() === '')
		.map(({ value, text }) => ({ value, sent: text === undefined || isRequired ? undefined : '' }));
	return fc.oneof({ weight: 6, arbitrary: good }, { weight: 1, arbitrary: others });
}

function isFew(number: number): boolean {
	return number >= 1 && number < 5;
}

/** Whether a field accepts a number, which may be given as text. */
function numbers(
	good: fc.Arbitrary<number>,
	isTaken: (number: number) => boolean,
	sent: (number: number) => string,
): fc.Arbitrary<Given> {
	const read = (value: unknown): string | undefined => {
		if (value === undefined || value === null || value === '') return '';
		const isText = typeof value === 'string' && value.trim() !== '';
		const number = isText ? Number(value) : value;
		if (typeof number !== 'number' || !Number.isFinite(number)) return undefined;
		return isTaken(number) ? sent(number) : undefined;
	};
	return fc
		.oneof(
			{ weight: 6, arbitrary: fc.oneof(good, good.map(String)) },
			// With few slots, items would wait, which other tests cover.
			{
				weight: 1,
				arbitrary: anyValue.filter((value) => typeof value === 'object' || !isFew(Number(value))),
			},
		)
		.map((value) => ({ value, sent: read(value) }));
}

export const maximumJobs = numbers(
	fc.integer({ min: 5, max: 10 }),
	(number) => number >= 1 && number <= 10,
	(number) => String(Math.floor(number)),
);

/** How long to wait is not sent; only its validity matters. */
export const minutes = numbers(
	fc.double({ min: 0, max: 600, noNaN: true }),
	(number) => number >= 0 && number <= 365 * 24 * 60,
	() => '',
);

export const switches: fc.Arbitrary<Given> = fc
	.oneof(
		{ weight: 6, arbitrary: fc.constantFrom(true, false, 'true', 'false', 'TRUE', '', null) },
		{ weight: 1, arbitrary: anyValue },
	)
	.map((value) => {
		const text = typeof value === 'string' ? value.trim().toLowerCase() : value;
		const isTaken = [true, false, 'true', 'false', '', null, undefined].includes(text as boolean);
		return { value, sent: isTaken ? '' : undefined };
	});

/** One of the options, or any other value. */
export function choices(known: readonly string[], unset: readonly unknown[]): fc.Arbitrary<Given> {
	const isTaken = (value: unknown) => known.includes(value as string) || unset.includes(value);
	return fc
		.oneof({ weight: 8, arbitrary: fc.constantFrom(...known) }, { weight: 1, arbitrary: anyValue })
		.map((value) => ({
			value,
			sent: isTaken(value) ? ((value as string | null) ?? '') : undefined,
		}));
}
