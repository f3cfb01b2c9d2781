import { MAXIMUM_RETRY_AFTER_SECONDS, retryAfterSeconds } from '../../../nodes/Pika/api/retryAfter';

const NOW = Date.parse('2026-01-02T03:04:05Z');

const answer = (body: unknown, retryAfter?: string) =>
	retryAfterSeconds({ kind: 'answer', httpStatus: 429, body, retryAfter }, NOW);

describe('retryAfterSeconds', () => {
	it.each<[string, unknown, number | undefined]>([
		[
			'the documented text',
			'{"global":true,"message":"You are being rate limited.","retry_after":10}',
			10,
		],
		['a fraction', '{"retry_after":0.35}', 0.35],
		['a number as text', '{"retry_after":"10"}', 10],
		['a text with blanks', '{"retry_after":" 10.5 "}', 10.5],
		['a billion', '{"retry_after":1e9}', MAXIMUM_RETRY_AFTER_SECONDS],
		['a number that is too large', '{"retry_after":1e999}', MAXIMUM_RETRY_AFTER_SECONDS],
		['a negative number', '{"retry_after":-5}', undefined],
		['a negative text', '{"retry_after":"-5"}', undefined],
		['zero', '{"retry_after":0}', undefined],
		['words', '{"retry_after":"soon"}', undefined],
		['an empty text', '{"retry_after":""}', undefined],
		['null', '{"retry_after":null}', undefined],
		['a list', '{"retry_after":[10]}', undefined],
		['NaN, which is not JSON', '{"retry_after":NaN}', undefined],
		['a list instead of an object', '[10]', undefined],
		['text that is not JSON', 'retry_after: 10', undefined],
		['an object instead of a text', { retry_after: 10 }, 10],
		['an object with a text', { retry_after: '10' }, 10],
		['nothing', undefined, undefined],
	])('retryAfterSeconds handles errorDetails with %s', (_, errorDetails, seconds) => {
		expect(answer({ errorDetails })).toBe(seconds);
	});

	it.each<[string, unknown, number | undefined]>([
		['a number', { retry_after: 40 }, 40],
		['a text', { retry_after: '40' }, 40],
		['thirty days', { retry_after: 30 * 86_400 }, MAXIMUM_RETRY_AFTER_SECONDS],
		['false', { retry_after: false }, undefined],
		['an object', { retry_after: {} }, undefined],
	])('retryAfterSeconds handles a top-level retry_after that is %s', (_, body, seconds) => {
		expect(answer(body)).toBe(seconds);
	});

	it.each<[string, string, number | undefined]>([
		['seconds', '120', 120],
		['seconds surrounded by spaces', ' 120 ', 120],
		['zero', '0', undefined],
		['a date', 'Fri, 02 Jan 2026 03:06:05 GMT', 120],
		['a date of the older form', 'Friday, 02-Jan-26 03:06:05 GMT', 120],
		['a date in the past', 'Fri, 02 Jan 2026 03:04:00 GMT', undefined],
		['a date next year', 'Sat, 02 Jan 2027 03:04:05 GMT', MAXIMUM_RETRY_AFTER_SECONDS],
		['a negative number', '-120', undefined],
		['words', 'in a while', undefined],
		['nothing', '', undefined],
	])('retryAfterSeconds handles a Retry-After header with %s', (_, header, seconds) => {
		expect(answer('<h1>Too many requests</h1>', header)).toBe(seconds);
	});

	it.each<[string, string, unknown]>([
		['the header', '90', { retry_after: 20, errorDetails: '{"retry_after":30}' }],
		['the top level', '20', { retry_after: 90, errorDetails: { retry_after: 30 } }],
		['the details', '20', { retry_after: '30', errorDetails: '{"retry_after":"90"}' }],
	])(
		'retryAfterSeconds returns the longest of several times, here that of %s',
		(_, header, body) => {
			expect(answer(body, header)).toBe(90);
		},
	);

	it.each<[string, unknown]>([
		['a list', []],
		['null', null],
		['a page', '<html></html>'],
	])('retryAfterSeconds returns nothing for a body that is %s', (_, body) => {
		expect(answer(body)).toBeUndefined();
	});
});
