import {
	type Failure,
	neverSubmittedFailure,
	refusalFailure,
	submissionFailure,
	timedOutFailure,
	unreachableFailure,
	unreadableFailure,
	unsuccessfulFailure,
} from '../../../nodes/Pika/results/failures';
import { parseSubmitResult } from '../../../nodes/Pika/api/outcomes';
import { parseApiError } from '../../../nodes/Pika/api/apiError';

const refusalOf = (httpStatus: number, body: unknown) =>
	parseApiError({ kind: 'answer', httpStatus, body });

describe('refusalFailure', () => {
	it.each<[string, number, object, RegExp]>([
		['400', 400, { error: 'image is not File or Blob', code: 400 }, /Correct the field/],
		['401', 401, { error: 'Unauthorized', code: 401 }, /whole API token/],
		[
			'402',
			402,
			{ error: 'Account has no subscription or subscription expired', code: 402 },
			/Renew/,
		],
		['404', 404, { error: 'Unable to locate job a', code: 404 }, /31 days/],
		['429', 429, { error: 'Maximum of 10 jobs', code: 429 }, /Keep Retrying For/],
		['another documented shape', 418, { error: 'Teapot', code: 418 }, /words of the answer/],
	])('says the words of %s and the next step', (_, httpStatus, body, step) => {
		const failure = refusalFailure(refusalOf(httpStatus, body), 'ref');
		expect(failure).toMatchObject({ httpStatus, replyRef: 'ref' });
		expect(failure.message).toContain(Object.values(body)[0]);
		expect(failure.description).toMatch(step);
	});

	it('mentions the withdrawn service where the answer has no documented shape', () => {
		expect(refusalFailure(refusalOf(410, '<h1>Gone</h1>'))).toMatchObject({
			message: 'The Pika API answered 410: Gone',
			description: expect.stringContaining('withdrew'),
		});
	});

	it('names the job that the answer names', () => {
		const failure = refusalFailure(
			refusalOf(400, { error: 'No', jobid: 'job-1', status: 'failed' }),
		);
		expect(failure).toMatchObject({ jobid: 'job-1', status: 'failed' });
		expect(failure.message).toContain('job-1');
	});
});

describe('submissionFailure', () => {
	it.each<[string, Parameters<typeof submissionFailure>[0], RegExp]>([
		[
			'that nothing was submitted',
			{ kind: 'notSent', reason: 'ENOTFOUND' },
			/ENOTFOUND.*Nothing was submitted/,
		],
		[
			'that a job may exist',
			{ kind: 'unknown', reason: 'ECONNRESET' },
			/may have been submitted.*ECONNRESET/,
		],
		['that it was stopped', { kind: 'cancelled' }, /stopped/],
	])('says %s', (_, outcome, message) => {
		const failure = submissionFailure(outcome, 'ref');
		expect(failure.message).toMatch(message);
		expect(failure.replyRef).toBe('ref');
		expect(failure.httpStatus).toBeUndefined();
	});

	it.each(['SsrfBlockedIpError', 'SsrfBlockedHostnameError'])(
		'says which settings of n8n allow what it blocks, for %s',
		(reason) => {
			const allowing = /N8N_SSRF_ALLOWED_HOSTNAMES.*N8N_SSRF_ALLOWED_IP_RANGES/;
			const { description } = submissionFailure({ kind: 'notSent', reason }, 'ref');
			expect(description).toMatch(allowing);
			expect(unreachableFailure(reason).description).toMatch(allowing);
			expect(unreachableFailure('ENOTFOUND').description).not.toMatch(allowing);
		},
	);

	it('keeps the status and the job id that an unclear answer names', () => {
		const outcome = parseSubmitResult({
			kind: 'answer',
			httpStatus: 504,
			body: { error: 'query overflow', jobid: 'job-1', code: 504 },
		});
		const failure = outcome.kind === 'unknown' ? submissionFailure(outcome, 'ref') : undefined;
		expect(failure).toMatchObject({ httpStatus: 504, jobid: 'job-1' });
	});
});

describe('unsuccessfulFailure', () => {
	it('says how the job ended, why, and which it was', () => {
		const failure = unsuccessfulFailure({
			jobid: 'job-1',
			status: 'moderated',
			error: 'Invalid parameter',
			errorDetails: 'Unrecognized parameter(s): `size`',
			replyRef: 'ref',
		});
		expect(failure).toMatchObject({ jobid: 'job-1', status: 'moderated', replyRef: 'ref' });
		expect(failure.message).toMatch(/moderated.*Invalid parameter.*`size`.*job-1/);
	});
});

describe('the end of the waiting', () => {
	it.each<[string, number, string]>([
		['half an hour', 1_800_000, '30 minutes'],
		['a fraction of a minute', 90_000, '1.5 minutes'],
		['a third of a minute', 20_000, '0.33 minutes'],
	])('is told after %s, with the last status', (_, milliseconds, text) => {
		const job = { jobid: 'job-1', status: 'progress' };
		const failure = timedOutFailure('job-1', milliseconds, job, 'ref');
		expect(failure).toMatchObject({ jobid: 'job-1', status: 'progress', timedOut: true });
		expect(failure.message).toContain(text);
		expect(failure.message).toContain('progress');
	});

	it('is told of an item that never got a slot', () => {
		expect(neverSubmittedFailure('ref')).toMatchObject({ replyRef: 'ref', timedOut: true });
	});
});

describe('a status that is the name of something in JavaScript', () => {
	it.each(['constructor', '__proto__', 'toString'])('leaves a description for %s', (status) => {
		const { description } = unsuccessfulFailure({ jobid: 'a', status });
		expect(description).toMatch(/^Start a new execution/);
	});
});

describe('foreign text in every message', () => {
	const long = `start\u0000\u001b[31m\n${'x'.repeat(5000)}`;
	const hostile = { jobid: long, status: long, error: long, errorDetails: long, replyRef: long };
	const failures: Array<[string, Failure]> = [
		['a refusal', refusalFailure(refusalOf(400, hostile))],
		['a job that ended', unsuccessfulFailure(hostile)],
		['a job that cannot be read', unreadableFailure(long, refusalOf(404, hostile))],
		['a job that ended too late', timedOutFailure(long, 60_000, hostile)],
	];

	it.each(failures)('has no control characters in the message of %s', (_, { message }) => {
		expect(message).not.toMatch(/\p{Cc}/u);
	});

	it.each(failures)('is cut in the message of %s', (_, { message }) => {
		expect(message.length).toBeLessThan(2500);
	});
});
