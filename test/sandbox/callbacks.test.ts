import { acceptedJobid, call, submit } from './client';
import { wrongInCallback } from '../openapi/contract.cts';
import { startReceiver, type Receiver } from './receiver.cts';
import { useSandbox } from './useSandbox';

const sandbox = useSandbox();
let receiver: Receiver;
beforeAll(async () => {
	receiver = await startReceiver();
});
beforeEach(() => {
	receiver.calls.length = 0;
});
afterEach(() => {
	expect(sandbox.callbacks.flatMap(({ body }) => wrongInCallback(body))).toEqual([]);
});
afterAll(async () => {
	await receiver.stop();
});

const answered = (count: number) =>
	sandbox.waitFor(() => sandbox.callbacks.filter(({ endedAt }) => endedAt).length >= count);

it.each(['completed', 'failed', 'moderated', 'cancelled'] as const)(
	'The record of a %s job is posted to its replyUrl.',
	async (status) => {
		const replyUrl = `${receiver.url}?ind=1`;
		const jobid = await acceptedJobid(sandbox, { replyUrl, replyRef: 'r1' });
		sandbox.finishJob(jobid, status);
		await answered(1);
		const [received] = receiver.calls;
		expect(received).toMatchObject({
			method: 'POST',
			path: '/callback?ind=1',
			headers: {
				'content-type': 'application/json',
				'content-length': String(new Blob([received?.body ?? '']).size),
			},
		});
		const job = (await call(sandbox, 'GET', `/v1/pika/jobs/?jobid=${jobid}`)).body;
		expect(JSON.parse(received?.body ?? '')).toEqual(job);
		expect(job).toMatchObject({ status, replyRef: 'r1' });
		expect(received?.headers).not.toHaveProperty('authorization');
		expect(sandbox.callbacks).toMatchObject([{ url: replyUrl, body: job, status: 200 }]);
	},
);

it('Cancelling a job through the API sends a callback.', async () => {
	const jobid = await acceptedJobid(sandbox, { replyUrl: receiver.url });
	await call(sandbox, 'GET', `/v1/pika/jobs/cancel/?jobid=${jobid}`);
	await answered(1);
	expect(sandbox.callbacks[0]?.body.status).toBe('cancelled');
});

it('The default replyUrl receives the callbacks of jobs without a replyUrl.', async () => {
	const own = `${receiver.url}/own`;
	await call(sandbox, 'POST', '/v2/account', { replyUrl: receiver.url });
	for (const values of [{}, { replyUrl: own }]) {
		sandbox.finishJob(await acceptedJobid(sandbox, values));
	}
	await answered(2);
	expect(sandbox.callbacks.map(({ url }) => url)).toEqual([receiver.url, own]);
});

it('No callback is sent without a replyUrl, or for a submission that is rejected with 422.', async () => {
	sandbox.finishJob(await acceptedJobid(sandbox));
	await submit(sandbox, { prompt: '[moderate]', replyUrl: receiver.url });
	expect(sandbox.callbacks).toEqual([]);
});

it('The magic word [no-callback] suppresses only the callback of its own job.', async () => {
	const prompt = 'waves [no-callback]';
	const silent = await acceptedJobid(sandbox, { prompt, replyUrl: receiver.url });
	const loud = await acceptedJobid(sandbox, { replyUrl: receiver.url });
	sandbox.finishJob(silent);
	sandbox.finishJob(loud);
	await answered(1);
	expect(sandbox.callbacks.map(({ body }) => body.jobid)).toEqual([loud]);
	expect(sandbox.jobs.map(({ status }) => status)).toEqual(['completed', 'completed']);
});

it('A failed callback is recorded and has no other effect.', async () => {
	const failing = await startReceiver(500);
	const redirecting = await startReceiver(302, receiver.url);
	for (const replyUrl of [failing.url, redirecting.url, 'http://127.0.0.1:1/', 'no url']) {
		sandbox.finishJob(await acceptedJobid(sandbox, { replyUrl }));
	}
	await answered(4);
	expect(sandbox.callbacks.map(({ status, error }) => status ?? error)).toEqual([
		500,
		302,
		expect.stringContaining('ECONNREFUSED'),
		expect.stringContaining('Invalid URL'),
	]);
	expect(receiver.calls).toEqual([]);
	await failing.stop();
	await redirecting.stop();
});

describe('Callback faults', () => {
	it('A fault can send one callback three times.', async () => {
		sandbox.addFault({ do: { callbacks: { times: 3 } } });
		sandbox.finishJob(await acceptedJobid(sandbox, { replyUrl: receiver.url }));
		await answered(3);
		expect(new Set(receiver.calls.map(({ body }) => body)).size).toBe(1);
		expect(receiver.calls).toHaveLength(3);
	});

	it('A fault can suppress a callback.', async () => {
		sandbox.addFault({ do: { callbacks: { times: 0 } } });
		const [silent, loud] = [
			await acceptedJobid(sandbox, { replyUrl: receiver.url }),
			await acceptedJobid(sandbox, { replyUrl: receiver.url }),
		];
		sandbox.finishJob(silent);
		sandbox.finishJob(loud);
		await answered(1);
		expect(sandbox.callbacks.map(({ body }) => body.jobid)).toEqual([loud]);
	});

	it('A fault can send the callback before the response to the submission.', async () => {
		sandbox.addFault({ do: { callbacks: { isEarly: true } } });
		const { body } = await submit(sandbox, { replyUrl: receiver.url });
		expect(body.status).toBe('started');
		expect(receiver.calls.map((received) => JSON.parse(received.body))).toMatchObject([
			{ jobid: body.jobid, status: 'completed' },
		]);
	});

	it('A fault can send callbacks for the statuses started and progress.', async () => {
		sandbox.addFault({ do: { jobSeconds: 0.02, callbacks: { nonTerminal: true } } });
		await acceptedJobid(sandbox, { replyUrl: receiver.url });
		await answered(3);
		expect(sandbox.callbacks.map(({ body }) => body.status)).toEqual([
			'started',
			'progress',
			'completed',
		]);
	});
});
