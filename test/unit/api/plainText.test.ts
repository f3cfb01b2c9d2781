import { kindOf, parseText } from '../../../nodes/Pika/api/plainText';

describe('parseText', () => {
	it.each<[string, unknown, string]>([
		['a text', ' a ', ' a '],
		['nothing', undefined, ''],
		['null', null, ''],
		['zero', 0, '0'],
		['negative zero', -0, '0'],
		['the largest exact integer', 2 ** 53 - 1, '9007199254740991'],
		['a fraction', 0.1, '0.1'],
		['a long integer', 1163104783924957235n, '1163104783924957235'],
		['a date', new Date(0), '1970-01-01T00:00:00.000Z'],
		[
			'a date of Luxon',
			{
				isLuxonDateTime: true,
				isValid: true,
				toISO: () => null,
				toString: () => '2024-01-01T00:00:00.000Z',
			},
			'2024-01-01T00:00:00.000Z',
		],
	])('parseText reads %s', (_what, value, text) => {
		expect(parseText(value)).toEqual({ kind: 'text', text });
	});

	it.each<[string, unknown, string, string]>([
		['an object', {}, 'object', 'is an object, not text'],
		['an object without a prototype', Object.create(null), 'object', 'is an object, not text'],
		['an invalid date', new Date(NaN), 'object', 'is an object, not text'],
		[
			'an object that only claims to be a date',
			{ isLuxonDateTime: true },
			'object',
			'is an object, not text',
		],
		[
			'JSON that claims to be a date',
			{ isLuxonDateTime: true, isValid: true, toString: 5 },
			'object',
			'is an object, not text',
		],
		['a list', [], 'list', 'is a list, not text'],
		['true', true, 'boolean', 'is the boolean true, not text'],
		['NaN', NaN, 'other', 'is NaN, not text'],
		['infinity', -Infinity, 'other', 'is -Infinity, not text'],
		['a function', () => 'x', 'other', 'is a function, not text'],
		['a symbol', Symbol('x'), 'other', 'is a symbol, not text'],
		[
			'2^53',
			2 ** 53,
			'inexact',
			'is the number 9007199254740992, which has more digits than a number can keep',
		],
	])('parseText refuses %s', (_what, value, kind, fault) => {
		expect(parseText(value)).toEqual({ kind, fault });
	});
});

describe('kindOf', () => {
	it.each<[unknown, string]>([
		[undefined, 'nothing'],
		[null, 'nothing'],
		['x', 'text'],
		[5, 'the number 5'],
		[NaN, 'NaN'],
		[false, 'the boolean false'],
		[[], 'a list'],
		[{}, 'an object'],
		[5n, 'a bigint'],
	])('kindOf describes %p', (value, kind) => {
		expect(kindOf(value)).toBe(kind);
	});
});
