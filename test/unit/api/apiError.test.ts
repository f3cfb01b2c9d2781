import { effectiveStatus, parseApiError } from '../../../nodes/Pika/api/apiError';
import type { ApiResponse } from '../../../nodes/Pika/api/request';

const answer = (httpStatus: number, body: unknown): ApiResponse => ({
	kind: 'answer',
	httpStatus,
	body,
});

/** The errors that the documentation of encrypt_image lists. */
const DOCUMENTED: Array<[string, number, object, string]> = [
	[
		'a missing value',
		400,
		{ error: 'message, prompt, discord or channel value is missing', code: 400 },
		'message, prompt, discord or channel value is missing',
	],
	[
		'a long value',
		400,
		{ error: 'prompt, replyRef or replyUrl is too long', code: 400 },
		'prompt, replyRef or replyUrl is too long',
	],
	[
		'no message file',
		400,
		{ error: 'message is not File or Blob', code: 400 },
		'message is not File or Blob',
	],
	[
		'no reference file',
		400,
		{ error: 'image is not File or Blob', code: 400 },
		'image is not File or Blob',
	],
	['a wrong token', 401, { error: 'Unauthorized', code: 401 }, 'Unauthorized'],
	[
		'no subscription',
		402,
		{ error: 'Account has no subscription or subscription expired', code: 402 },
		'Account has no subscription or subscription expired',
	],
	[
		'a moderated message',
		422,
		{
			error: 'Sorry, your input may be inconsistent with server rules.',
			jobid: '<jobid>',
			status: 'moderated',
			code: 422,
		},
		'Sorry, your input may be inconsistent with server rules.',
	],
	[
		'an invalid parameter',
		422,
		{
			error: 'Invalid parameter',
			errorDetails: 'Unrecognized parameter(s): `size`',
			jobid: '<jobid>',
			status: 'moderated',
			code: 422,
		},
		'Invalid parameter (Unrecognized parameter(s): `size`)',
	],
	[
		'a full channel',
		429,
		{
			error: 'Maximum of <maxJobs> jobs executing in parallel supported',
			executingJobs: ['<jobid>', '<jobid>', '<jobid>'],
			code: 429,
		},
		'Maximum of <maxJobs> jobs executing in parallel supported',
	],
	[
		"Discord's rate limit",
		429,
		{
			error: 'Discord /interactions failed with HTTP status 429',
			errorDetails: '{"global":true,"message":"You are being rate limited.","retry_after":10}',
			code: 429,
		},
		'Discord /interactions failed with HTTP status 429 (You are being rate limited.)',
	],
];

describe('parseApiError', () => {
	it.each(DOCUMENTED)(
		'parseApiError returns the error text of %s',
		(_, httpStatus, body, words) => {
			const refusal = parseApiError(answer(httpStatus, body), 'submission');
			expect(refusal).toMatchObject({ httpStatus, text: words, isDocumentedShape: true });
		},
	);

	it.each<[string, unknown, string]>([
		['an empty answer', '', 'an empty answer'],
		['no answer', undefined, 'an empty answer'],
		['null', null, 'null'],
		['a list', ['a', 'b'], '["a","b"]'],
		['a number', 7, '7'],
		['an error that is an object', { error: { code: 1 } }, '{"error":{"code":1}}'],
		['an empty error', { error: ' ' }, '{"error":" "}'],
		['a plain text', 'Service withdrawn', 'Service withdrawn'],
		[
			'an HTML page',
			'<!doctype html><html><head><title>410 Gone</title><style>p { color: red }</style></head><body><p>The API\nis gone.</p><script>x()</script></body></html>',
			'410 Gone The API is gone.',
		],
		['details in a list', { error: 'No', errorDetails: [] }, 'No'],
		['empty details', { error: 'No', errorDetails: '  ' }, 'No'],
		['details that are a JSON number', { error: 'No', errorDetails: '7' }, 'No (7)'],
		['details that are a JSON list', { error: 'No', errorDetails: '["a"]' }, 'No (["a"])'],
		['control characters', { error: 'one\u0000two\r\nthree\u001b[31m' }, 'one two three [31m'],
	])('parseApiError reads the error text from %s', (_, body, words) => {
		expect(parseApiError(answer(410, body), 'job').text).toBe(words);
	});

	it.each<[string, unknown]>([
		['a blank text', '  \n '],
		['a page of nothing but markup', '<html><body></body></html>'],
		['a text of control characters', '\u0000\u0001'],
		['an error of control characters', { error: '\u0000' }],
	])('parseApiError returns a fallback text for %s', (_, body) => {
		expect(parseApiError(answer(502, body), 'job').text).not.toBe('');
	});

	it.each<[string, unknown]>([
		['a huge error', { error: 'e'.repeat(1_000_000), errorDetails: 'd'.repeat(1_000_000) }],
		['a huge text', 't'.repeat(1_000_000)],
		['a huge list', Array(100_000).fill('x')],
	])('parseApiError shortens %s', (_, body) => {
		expect(parseApiError(answer(500, body), 'job').text.length).toBeLessThan(1100);
	});

	it('parseApiError keeps the job ID of a refused job', () => {
		const body = { error: 'No', jobid: 'a', status: 'moderated' };
		const { job, request } = parseApiError(answer(422, body), 'submission');
		expect([job, request]).toEqual([body, 'submission']);
	});

	it('parseApiError keeps the target of a redirect', () => {
		const redirect = { ...answer(302, ''), redirectsTo: 'https://login.example.com/' };
		expect(parseApiError(redirect, 'job').redirectsTo).toBe('https://login.example.com/');
	});
});

describe('effectiveStatus', () => {
	it.each<[string, number, unknown, number]>([
		['HTTP if both agree', 200, { code: 200 }, 200],
		['HTTP if the body has no code', 204, '', 204],
		['the body if HTTP reports success and the body does not', 200, { code: 429 }, 429],
		['HTTP if HTTP reports a failure', 502, { code: 200 }, 502],
		['HTTP if the code is a text', 200, { code: '429' }, 200],
		['HTTP if the code is negative', 200, { code: -1 }, 200],
		['HTTP if the body is a list', 200, [{ code: 500 }], 200],
		[
			'HTTP for a job that failed with a code',
			200,
			{ jobid: 'a', status: 'failed', code: 500 },
			200,
		],
		['HTTP for a job that was moderated', 200, { jobid: 'a', status: 'moderated', code: 422 }, 200],
		['HTTP for a running job', 200, { jobid: 'a', status: 'progress', code: 429 }, 200],
		[
			'HTTP for a job whose code is a text',
			200,
			{ jobid: 'a', status: 'failed', code: '504' },
			200,
		],
		[
			'HTTP if HTTP reports a failure of a job',
			503,
			{ jobid: 'a', status: 'failed', code: 200 },
			503,
		],
		['a body without a status', 200, { jobid: 'a', code: 404 }, 404],
		['a body with an empty status', 200, { jobid: 'a', status: '', code: 404 }, 404],
		['a body without a job ID', 200, { status: 'failed', code: 500 }, 500],
		['a body whose job ID is a number', 200, { jobid: 7, status: 'failed', code: 500 }, 500],
	])('effectiveStatus returns the status from %s', (_, httpStatus, body, status) => {
		expect(effectiveStatus(answer(httpStatus, body))).toBe(status);
	});
});
