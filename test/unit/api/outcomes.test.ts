import { parseReadResult, parseSubmitResult } from '../../../nodes/Pika/api/outcomes';
import type { SendResult } from '../../../nodes/Pika/api/request';

const answer = (httpStatus: number, body: unknown): SendResult => ({
	kind: 'answer',
	httpStatus,
	body,
});

describe('parseSubmitResult', () => {
	it.each<[string, SendResult, string]>([
		[
			'the documented success',
			answer(200, { jobid: 'a', status: 'started', code: 200 }),
			'accepted',
		],
		['a success without status', answer(200, { jobid: 'a' }), 'accepted'],
		['a created job', answer(201, { jobid: 'a' }), 'accepted'],
		[
			'a moderated job',
			answer(422, { error: 'Sorry', jobid: 'a', status: 'moderated', code: 422 }),
			'accepted',
		],
		['a moderated job under HTTP 200', answer(200, { jobid: 'a', code: 422 }), 'accepted'],
		[
			'a job with the code of a full channel under HTTP 200',
			answer(200, { jobid: 'a', status: 'started', code: 429 }),
			'accepted',
		],
		[
			'a job that failed at once with a code of its own',
			answer(200, { jobid: 'a', status: 'failed', code: 500 }),
			'accepted',
		],
		[
			'a job whose code is a text',
			answer(200, { jobid: 'a', status: 'started', code: '400' }),
			'accepted',
		],
		['a job under HTTP 429', answer(429, { jobid: 'a', status: 'started', code: 200 }), 'busy'],
		['a job without status and with the code 429', answer(200, { jobid: 'a', code: 429 }), 'busy'],
		['422 without a job', answer(422, { error: 'No', code: 422 }), 'refused'],
		['400', answer(400, { error: 'message is not File or Blob', code: 400 }), 'refused'],
		['401', answer(401, { error: 'Unauthorized', code: 401 }), 'refused'],
		['402', answer(402, { error: 'No subscription', code: 402 }), 'refused'],
		['404', answer(404, '<html>Not found</html>'), 'refused'],
		['410', answer(410, ''), 'refused'],
		['a full channel', answer(429, { error: 'Maximum', executingJobs: [], code: 429 }), 'busy'],
		['429 as a page', answer(429, '<html></html>'), 'busy'],
		['429 under HTTP 200', answer(200, { error: 'Maximum', code: 429 }), 'busy'],
		['500', answer(500, { error: 'Oops', code: 500 }), 'unknown'],
		['502', answer(502, '<html>Bad gateway</html>'), 'unknown'],
		['504', answer(504, { error: 'query overflow', code: 504 }), 'unknown'],
		['504 that names a job', answer(504, { error: 'overflow', jobid: 'a', code: 504 }), 'unknown'],
		['an empty success', answer(200, ''), 'unknown'],
		['a success that is a page', answer(200, '<html>Welcome</html>'), 'unknown'],
		['a success that is a list', answer(200, [{ jobid: 'a' }]), 'unknown'],
		['a success that is null', answer(200, null), 'unknown'],
		['a success whose job id is a number', answer(200, { jobid: 7 }), 'unknown'],
		['a success whose job id is empty', answer(200, { jobid: '' }), 'unknown'],
		[
			'a success whose job id is inherited',
			answer(200, JSON.parse('{"__proto__":{"jobid":"a"}}')),
			'unknown',
		],
		['a success that is JSON in a text', answer(200, '{"jobid":"a"}'), 'unknown'],
		['a request that was never sent', { kind: 'notSent', reason: 'ENOTFOUND' }, 'notSent'],
		['a broken connection', { kind: 'broken', reason: 'ECONNRESET' }, 'unknown'],
		['an aborted upload', { kind: 'uploadAborted', reason: 'ECONNRESET' }, 'uploadAborted'],
		['a stopped execution', { kind: 'cancelled', reason: 'ERR_CANCELED' }, 'cancelled'],
	])('parseSubmitResult classifies %s', (_, reply, kind) => {
		expect(parseSubmitResult(reply).kind).toBe(kind);
	});

	it('parseSubmitResult distinguishes a full channel from Discord’s rate limit', () => {
		const full = parseSubmitResult(
			answer(429, { error: 'Maximum of 10 jobs', executingJobs: ['a'], code: 429 }),
		);
		const limited = parseSubmitResult(
			answer(429, {
				error: 'Discord /interactions failed with HTTP status 429',
				errorDetails: '{"global":true,"message":"You are being rate limited.","retry_after":10}',
				code: 429,
			}),
		);
		expect(full).toMatchObject({ isChannelFull: true, retryAfterSeconds: undefined });
		expect(limited).toMatchObject({ isChannelFull: false, retryAfterSeconds: 10 });
	});
});

describe('parseReadResult', () => {
	it.each<[string, SendResult, string]>([
		['a success', answer(200, { jobid: 'a' }), 'found'],
		['an empty success', answer(204, ''), 'found'],
		['401', answer(401, { error: 'Unauthorized', code: 401 }), 'refused'],
		['404', answer(404, { error: 'Unable to locate job a', code: 404 }), 'refused'],
		['404 under HTTP 200', answer(200, { error: 'Unable to locate', code: 404 }), 'refused'],
		['a job that failed', answer(200, { jobid: 'a', status: 'failed', code: 500 }), 'found'],
		['a job that was refused', answer(200, { jobid: 'a', status: 'failed', code: 404 }), 'found'],
		['a page', answer(200, '<html>Log in</html>'), 'unreachable'],
		['429', answer(429, { error: 'Later', code: 429 }), 'unreachable'],
		['503', answer(503, ''), 'unreachable'],
		['a request that was never sent', { kind: 'notSent', reason: 'ENOTFOUND' }, 'unreachable'],
		['a broken connection', { kind: 'broken', reason: 'ECONNRESET' }, 'unreachable'],
		['a stopped execution', { kind: 'cancelled', reason: 'ERR_CANCELED' }, 'cancelled'],
	])('parseReadResult classifies %s', (_, reply, kind) => {
		expect(parseReadResult(reply, 'job').kind).toBe(kind);
	});

	it('parseReadResult keeps the requested wait and the kind of the refused request', () => {
		const reply = { ...answer(503, { error: 'Maintenance' }), retryAfter: '40' };
		expect(parseReadResult(reply, 'accounts')).toMatchObject({
			reason: 'HTTP 503: Maintenance',
			retryAfterSeconds: 40,
			refusal: { request: 'accounts' },
		});
	});

	it.each<[SendResult['kind'], true | undefined]>([
		['notSent', true],
		['broken', undefined],
		['uploadAborted', undefined],
	])(
		'parseReadResult says whether a request with the result %s certainly never reached the API',
		(kind, isNeverSent) => {
			const outcome = parseReadResult({ kind, reason: 'x' } as SendResult, 'account');
			expect(outcome).toEqual({ kind: 'unreachable', reason: 'x', isNeverSent });
		},
	);
});
