import {
	type Failure,
	neverSubmittedFailure,
	refusalFailure,
	submissionFailure,
	timedOutFailure,
	unansweredFailure,
	unreachableFailure,
	unreadableFailure,
	unsuccessfulFailure,
} from '../../../nodes/Pika/results/failures';
import type { Job } from '../../../nodes/Pika/api/job';
import { parseSubmitResult } from '../../../nodes/Pika/api/outcomes';
import { parseApiError } from '../../../nodes/Pika/api/apiError';
import type { RequestKind } from '../../../nodes/Pika/api/request';

const refusalOf = (
	httpStatus: number,
	body: unknown,
	request: RequestKind = 'submission',
	redirectsTo?: string,
) => parseApiError({ kind: 'answer', httpStatus, body, redirectsTo }, request);

const unreachable = (reason: string, isNeverSent?: true) =>
	({ kind: 'unreachable', reason, isNeverSent }) as const;

describe('refusalFailure', () => {
	it.each<[string, number, object, RegExp]>([
		['400', 400, { error: 'image is not File or Blob', code: 400 }, /Correct the field/],
		['401', 401, { error: 'Unauthorized', code: 401 }, /complete API token/],
		[
			'402',
			402,
			{ error: 'Account has no subscription or subscription expired', code: 402 },
			/Renew/,
		],
		['429', 429, { error: 'Maximum of 10 jobs', code: 429 }, /Keep Retrying For/],
		['another documented error', 418, { error: 'Teapot', code: 418 }, /See what the answer says/],
	])(
		'refusalFailure contains the error text of %s and the next step',
		(_, httpStatus, body, step) => {
			const failure = refusalFailure(refusalOf(httpStatus, body), 'ref');
			expect(failure).toMatchObject({ httpStatus, replyRef: 'ref' });
			expect(failure.message).toContain(Object.values(body)[0]);
			expect(failure.description).toMatch(step);
		},
	);

	it('refusalFailure mentions the withdrawn service if the response has no documented shape', () => {
		expect(refusalFailure(refusalOf(410, '<h1>Gone</h1>'))).toMatchObject({
			message: 'The Pika API answered 410: Gone',
			description: expect.stringContaining('withdrew'),
		});
	});

	it.each<[number, RequestKind, RegExp]>([
		[404, 'submission', /^Check the base URL/],
		[404, 'retry', /ID of the job.*base URL/],
		[404, 'job', /31 days/],
		[404, 'cancel', /Job: Get/],
		[404, 'runningJobs', /^Check the base URL/],
		[404, 'account', /^Check the channel/],
		[404, 'replyUrl', /^Check the base URL/],
		[400, 'job', /ID of the job/],
		[400, 'account', /"Maximum Jobs"/],
		[413, 'submission', /image is too large.*proxy/],
		[413, 'account', /request is too large/],
		[407, 'submission', /proxy.*user name/],
		[407, 'job', /proxy.*user name/],
		[403, 'job', /proxy or firewall/],
		[405, 'submission', /^Check the base URL/],
		[410, 'submission', /^Check the base URL/],
		[422, 'submission', /prompt or the image/],
		[429, 'submission', /Keep Retrying For.*at most an hour/],
		[429, 'accounts', /too many requests/],
		[500, 'job', /later/],
		[503, 'replyUrl', /later/],
	])('refusalFailure explains a %i for a request of the kind "%s"', (httpStatus, request, step) => {
		const refusal = refusalOf(httpStatus, { error: 'No', code: httpStatus }, request);
		expect(refusalFailure(refusal).description).toMatch(step);
	});

	it.each([301, 302, 303, 307, 308])('refusalFailure names the target of a %i', (httpStatus) => {
		const refusal = refusalOf(httpStatus, '', 'job', 'https://login.example.com/sso');
		const failure = refusalFailure(refusal);
		expect(failure.message).toBe(
			`The Pika API answered ${httpStatus}: it redirects to https://login.example.com/sso`,
		);
		expect(failure.description).toMatch(/https:\/\/login\.example\.com\/sso.*base URL.*proxy/);
	});

	it.each<[number]>([[407], [413], [429]])(
		'refusalFailure does not mistake a page with %i for a withdrawn service',
		(httpStatus) => {
			const failure = refusalFailure(refusalOf(httpStatus, '<h1>No</h1>'));
			expect(failure.description).not.toContain('withdrew');
		},
	);

	it('refusalFailure names the job in the response', () => {
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
	])('submissionFailure says %s', (_, outcome, message) => {
		const failure = submissionFailure(outcome, 'ref');
		expect(failure.message).toMatch(message);
		expect(failure.replyRef).toBe('ref');
		expect(failure.httpStatus).toBeUndefined();
	});

	it.each(['SsrfBlockedIpError', 'SsrfBlockedHostnameError'])(
		'submissionFailure names the settings of n8n that allow a blocked address, for %s',
		(reason) => {
			const allowing = /N8N_SSRF_ALLOWED_HOSTNAMES.*N8N_SSRF_ALLOWED_IP_RANGES/;
			const { description } = submissionFailure({ kind: 'notSent', reason }, 'ref');
			expect(description).toMatch(allowing);
			expect(unreachableFailure(unreachable(reason), 'job').description).toMatch(allowing);
			expect(unreachableFailure(unreachable('ENOTFOUND'), 'job').description).not.toMatch(allowing);
		},
	);

	it('submissionFailure keeps the status and the job ID of an inconclusive response', () => {
		const outcome = parseSubmitResult({
			kind: 'answer',
			httpStatus: 504,
			body: { error: 'query overflow', jobid: 'job-1', code: 504 },
		});
		const failure = outcome.kind === 'unknown' ? submissionFailure(outcome, 'ref') : undefined;
		expect(failure).toMatchObject({ httpStatus: 504, jobid: 'job-1' });
	});
});

describe('unreachableFailure and unansweredFailure', () => {
	it.each<[string, RegExp]>([
		['ENOTFOUND', /base URL.*network/],
		['EPROTO', /TLS.*port/],
		['ERR_SSL_WRONG_VERSION_NUMBER', /TLS.*port/],
		['CERT_HAS_EXPIRED', /certificate/],
		['UNABLE_TO_VERIFY_LEAF_SIGNATURE', /NODE_EXTRA_CA_CERTS/],
		['DEPTH_ZERO_SELF_SIGNED_CERT', /NODE_EXTRA_CA_CERTS/],
		['a proxy refused the connection with HTTP 407', /HTTPS_PROXY.*NO_PROXY/],
		['Proxy connection ended before receiving CONNECT response', /HTTPS_PROXY/],
	])('unreachableFailure says what to check after %s', (reason, step) => {
		expect(unreachableFailure(unreachable(reason), 'job').description).toMatch(step);
		expect(submissionFailure({ kind: 'notSent', reason }, 'ref').description).toMatch(step);
	});

	it.each<[RequestKind, RegExp]>([
		['cancel', /not known: Job: Get/],
		['account', /not known: Account: Get Many/],
	])('unansweredFailure says how to find out whether a change was made: %s', (request, step) => {
		const { description } = unreachableFailure(unreachable('ECONNRESET'), request);
		expect(description).toMatch(step);
		const neverSent = unreachableFailure(unreachable('ENOTFOUND', true), request);
		expect(neverSent.description).toMatch(/Nothing was changed\.$/);
	});
});

describe('unreadableFailure', () => {
	it('unreadableFailure says why a job could not be read, if that is known', () => {
		expect(unansweredFailure('job-1', 'ref').message).toMatch(/gave no usable answer$/);
		expect(unansweredFailure('job-1', 'ref', unreachable('HTTP 503: Later')).message).toMatch(
			/gave no usable answer: HTTP 503: Later$/,
		);
	});
});

describe('unsuccessfulFailure', () => {
	it.each<[unknown, number | undefined]>([
		[422, 422],
		['422', 422],
		[500, 500],
		[200, undefined],
		['200', undefined],
		['soon', undefined],
		[null, undefined],
	])('unsuccessfulFailure treats the code %j of the record as %s', (code, httpStatus) => {
		const job = { jobid: 'job-1', status: 'failed', code } as Job;
		expect(unsuccessfulFailure(job).httpStatus).toBe(httpStatus);
	});

	it('unsuccessfulFailure says how and why the job ended, and names it', () => {
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

describe('timedOutFailure and neverSubmittedFailure', () => {
	it.each<[string, number, string]>([
		['half an hour', 1_800_000, '30 minutes'],
		['a fraction of a minute', 90_000, '1.5 minutes'],
		['a third of a minute', 20_000, '0.33 minutes'],
	])('timedOutFailure names a limit of %s and the last status', (_, milliseconds, text) => {
		const job = { jobid: 'job-1', status: 'progress' };
		const failure = timedOutFailure('job-1', milliseconds, job, 'ref');
		expect(failure).toMatchObject({ jobid: 'job-1', status: 'progress', timedOut: true });
		expect(failure.message).toContain(text);
		expect(failure.message).toContain('progress');
	});

	it('neverSubmittedFailure keeps the reply reference of an item that never got a slot', () => {
		expect(neverSubmittedFailure('ref')).toMatchObject({ replyRef: 'ref', timedOut: true });
	});
});

describe('a status with the name of a JavaScript built-in', () => {
	it.each(['constructor', '__proto__', 'toString'])(
		'unsuccessfulFailure has a description for the status "%s"',
		(status) => {
			const { description } = unsuccessfulFailure({ jobid: 'a', status });
			expect(description).toMatch(/^To try again/);
		},
	);
});

describe('untrusted text in messages', () => {
	const long = `start\u0000\u001b[31m\n${'x'.repeat(5000)}`;
	const hostile = { jobid: long, status: long, error: long, errorDetails: long, replyRef: long };
	const failures: Array<[string, Failure]> = [
		['a refusal', refusalFailure(refusalOf(400, hostile))],
		['a job that ended', unsuccessfulFailure(hostile)],
		['a job that cannot be read', unreadableFailure(long, refusalOf(404, hostile))],
		['a job that ended too late', timedOutFailure(long, 60_000, hostile)],
	];

	it.each(failures)('The message of %s has no control characters', (_, { message }) => {
		expect(message).not.toMatch(/\p{Cc}/u);
	});

	it.each(failures)('The message of %s is limited in length', (_, { message }) => {
		expect(message.length).toBeLessThan(2500);
	});
});
