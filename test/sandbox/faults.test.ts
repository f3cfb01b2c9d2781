import { channelFullBody, discordLimitBody } from '../../sandbox/contract.cts';
import { acceptedJobid, allowAnyAnswer, call, picture, submit } from './client';
import { sendPartOfUpload } from './raw-client.cts';
import { useSandbox } from './useSandbox';

const sandbox = useSandbox();
beforeAll(allowAnyAnswer);

const submissions = { endpoint: 'encrypt_image' } as const;
const statuses = () => sandbox.requests.map((request) => request.status);

const typeOf = (body: unknown) =>
	String(body).startsWith('<') ? /^text\/html/ : /^application\/json/;

describe('Response faults', () => {
	it.each([
		['429 of a full channel', 429, channelFullBody(3, ['a', 'b', 'c'])],
		['429 of Discord', 429, discordLimitBody(10)],
		['422', 422, { error: 'Invalid parameter', jobid: 'j', status: 'moderated', code: 422 }],
		['401', 401, { error: 'Unauthorized', code: 401 }],
		['402', 402, { error: 'Account has no subscription', code: 402 }],
		['404', 404, { error: 'Not found', code: 404 }],
		['a withdrawn service in HTML', 410, '<html><body>Gone</body></html>'],
		['broken JSON', 500, '{"error": "half'],
		['an empty 502', 502, undefined],
		['503', 503, 'Service Unavailable'],
		['504', 504, '<html>Gateway Time-out</html>'],
	])('A fault can make the response %s.', async (_case, status, body) => {
		sandbox.addFault({ on: submissions, do: { answer: { status, body } } });
		const answer = await submit(sandbox);
		expect({ status: answer.status, body: answer.body }).toEqual({ status, body: body ?? '' });
		const type = answer.headers.get('content-type');
		expect(type).toEqual(body === undefined ? null : expect.stringMatching(typeOf(body)));
		expect(sandbox.jobs).toEqual([]);
		expect((await submit(sandbox)).status).toBe(200);
	});

	it('A response fault can set headers and a content type.', async () => {
		const answer = {
			status: 429,
			headers: { 'retry-after': '7' },
			contentType: 'text/plain',
			body: 'x',
		};
		sandbox.addFault({ do: { answer } });
		const { headers } = await submit(sandbox);
		expect([headers.get('retry-after'), headers.get('content-type')]).toEqual(['7', 'text/plain']);
	});

	it('answerAfterAccepting replaces the response and leaves a job behind.', async () => {
		for (const body of ['{"jobid": "', undefined, '<html>Bad Gateway</html>']) {
			sandbox.addFault({ on: submissions, do: { answerAfterAccepting: { status: 502, body } } });
			expect(await submit(sandbox)).toMatchObject({ status: 502, body: body ?? '' });
		}
		expect(sandbox.jobs.map((job) => job.status)).toEqual(['started', 'started', 'started']);
		expect(statuses()).toEqual([502, 502, 502]);
	});

	it('answerAfterAccepting can contain the job ID.', async () => {
		const body = { error: 'Query overflow', jobid: '<jobid>', code: 504 };
		sandbox.addFault({ on: submissions, do: { answerAfterAccepting: { status: 504, body } } });
		const answer = await submit(sandbox);
		expect(answer.body).toEqual({ ...body, jobid: sandbox.jobs[0]?.jobid });
	});

	it('earlyAnswer closes the connection during the upload.', async () => {
		sandbox.addFault({
			on: submissions,
			do: { earlyAnswer: { status: 429, body: discordLimitBody() } },
		});
		const answer = await sendPartOfUpload(sandbox.baseUrl, sandbox.apiToken, 1_000_000);
		expect(answer).toMatch(/^HTTP\/1.1 429 [^]*connection: close[^]*Discord \/interactions/i);
		expect(sandbox.jobs).toEqual([]);
		expect(statuses()).toEqual([429]);
	});

	it('earlyAnswer also reaches a client that has sent everything.', async () => {
		sandbox.addFault({ on: submissions, do: { earlyAnswer: { status: 429 } } });
		expect((await submit(sandbox)).status).toBe(429);
		expect(sandbox.jobs).toEqual([]);
	});

	it('A delay holds back the response to a job that is accepted at once.', async () => {
		sandbox.addFault({ on: submissions, do: { delay: 60 } });
		const answer = submit(sandbox);
		const job = await sandbox.waitFor(() => sandbox.jobs[0]);
		expect(statuses()).toEqual([undefined]);
		expect((await answer).body.jobid).toBe(job.jobid);
	});
});

describe('Reset faults', () => {
	it.each(['headers', 'midway'] as const)(
		'A reset at %s creates no job.',
		async (resetBeforeAccepting) => {
			sandbox.addFault({ on: submissions, do: { resetBeforeAccepting } });
			await expect(submit(sandbox, { message: picture(3_000_000) })).rejects.toThrow();
			expect(sandbox.jobs).toEqual([]);
			expect(statuses()).toEqual(['reset']);
		},
	);

	it('A reset midway ends the connection before the end of the upload.', async () => {
		sandbox.addFault({ on: submissions, do: { resetBeforeAccepting: 'midway' } });
		await expect(sendPartOfUpload(sandbox.baseUrl, sandbox.apiToken, 3_000_000)).rejects.toThrow(
			'ECONNRESET',
		);
		expect(sandbox.requests[0]?.files).toEqual({});
	});

	it('A reset after accepting leaves a job behind.', async () => {
		sandbox.addFault({ on: submissions, do: { resetAfterAccepting: true } });
		await expect(submit(sandbox)).rejects.toThrow();
		expect(sandbox.jobs.map((job) => job.status)).toEqual(['started']);
		expect(statuses()).toEqual(['reset']);
	});

	it('A request that its client aborts is recorded as reset.', async () => {
		sandbox.addFault({ do: { delay: 10_000 } });
		const giveUp = new AbortController();
		const answer = fetch(`${sandbox.baseUrl}/v2/account`, { signal: giveUp.signal });
		await sandbox.waitFor(() => sandbox.requests.length === 1);
		giveUp.abort();
		await expect(answer).rejects.toThrow();
		const ended = await sandbox.waitFor(() => sandbox.requests.find((request) => request.endedAt));
		expect(ended.status).toBe('reset');
	});
});

describe('Fault conditions', () => {
	it('A fault that concerns a job applies to the next submission, not to the next request.', async () => {
		sandbox.addFault({ do: { jobSeconds: 0.01, jobEnd: 'failed' } });
		await call(sandbox, 'GET', '/v1/pika/jobs');
		await acceptedJobid(sandbox);
		await sandbox.waitFor(() => sandbox.jobs.some((job) => job.status === 'failed'));
	});

	const answer = { status: 503 };

	it('A fault applies to one matching request by default, or to `times` requests from the nth on.', async () => {
		sandbox.addFault({ on: { ...submissions, nth: 2, times: 2 }, do: { answer } });
		for (let request = 0; request < 5; request += 1) await submit(sandbox);
		expect(statuses()).toEqual([200, 503, 503, 200, 200]);
	});

	it('A fault can match the endpoint, the path and the method.', async () => {
		sandbox.addFault({ on: { endpoint: 'jobs' }, do: { answer: { status: 500 } } });
		sandbox.addFault({ on: { path: '/v1/pika/acc*' }, do: { answer: { status: 502 } } });
		sandbox.addFault({ on: { method: 'POST' }, do: { answer: { status: 504 } } });
		for (const [method, path] of [
			['GET', '/v2/account'],
			['GET', '/v1/pika/jobs/?jobid=x'],
			['GET', '/v1/pika/jobs'],
			['GET', '/v1/pika/account'],
			['POST', '/v2/account'],
		] as const) {
			await call(sandbox, method, path);
		}
		expect(statuses()).toEqual([200, 404, 500, 502, 504]);
	});

	it('A fault can match text in the prompt, the replyRef and the jobid.', async () => {
		const jobid = await acceptedJobid(sandbox);
		sandbox.addFault({ on: { match: { prompt: 'second' } }, do: { answer } });
		sandbox.addFault({ on: { match: { replyRef: 'c' } }, do: { resetBeforeAccepting: 'headers' } });
		sandbox.addFault({ on: { match: { jobid } }, do: { answer: { status: 500 } } });
		await submit(sandbox, { prompt: 'first', replyRef: 'a' });
		await submit(sandbox, { prompt: 'second', replyRef: 'b' });
		await expect(submit(sandbox, { prompt: 'third', replyRef: 'c' })).rejects.toThrow();
		await call(sandbox, 'GET', `/v1/pika/jobs/?jobid=${jobid}`);
		expect(statuses()).toEqual([200, 200, 503, 'reset', 500]);
	});

	it('If two faults match, the one that was added first applies.', async () => {
		sandbox.addFault({ on: { match: { prompt: 'waves' } }, do: { answer } });
		sandbox.addFault({ on: submissions, do: { answer: { status: 500 } } });
		await submit(sandbox);
		await submit(sandbox);
		expect(statuses()).toEqual([503, 500]);
	});

	it('After clearFaults, no fault applies.', async () => {
		sandbox.addFault({ do: { answer } });
		sandbox.clearFaults();
		expect((await submit(sandbox)).status).toBe(200);
	});
});

it('A fault can set the time and the status with which a job ends.', async () => {
	sandbox.addFault({ on: submissions, do: { jobSeconds: 0.01, jobEnd: 'failed' } });
	await acceptedJobid(sandbox);
	await acceptedJobid(sandbox);
	await sandbox.waitFor(() => sandbox.jobs[0]?.status === 'failed');
	expect(sandbox.jobs[1]?.status).toBe('started');
});

it('keepNothing discards files without hashing them.', async () => {
	sandbox.addFault({ on: submissions, do: { keepNothing: true } });
	await submit(sandbox, { message: picture(1_000_000) });
	expect(sandbox.requests[0]?.files.message).toMatchObject({ size: 1_000_000, sha256: '' });
});

it('An invalid fault is rejected.', () => {
	const misspelt = JSON.parse('{"do": {"anwser": {"status": 503}}}');
	expect(() => sandbox.addFault(misspelt)).toThrow('anwser');
});
