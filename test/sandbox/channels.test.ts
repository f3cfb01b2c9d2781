import { acceptedJobid, call, submit } from './client';
import { useSandbox } from './useSandbox';

const [first, second] = ['1100000000000000001', '1100000000000000002'];

const sandbox = useSandbox({
	jobSeconds: Infinity,
	accounts: [
		{ channel: first, discord: 'discord-token-of-the-first', maxJobs: 2 },
		{ channel: second, discord: 'discord-token-of-the-second', maxJobs: 1 },
	],
});

it('For a full channel, the response is 429 with the IDs of the jobs that run on it.', async () => {
	const running = [
		await acceptedJobid(sandbox, { channel: first }),
		await acceptedJobid(sandbox, { channel: first }),
	];
	await acceptedJobid(sandbox, { channel: second });
	expect(await submit(sandbox, { channel: first })).toMatchObject({
		status: 429,
		body: {
			error: 'Maximum of 2 jobs executing in parallel supported',
			executingJobs: running,
			code: 429,
		},
	});
});

it('A job that ends frees its slot.', async () => {
	const jobid = await acceptedJobid(sandbox, { channel: second });
	expect((await submit(sandbox, { channel: second })).status).toBe(429);
	sandbox.finishJob(jobid, 'failed');
	expect((await submit(sandbox, { channel: second })).status).toBe(200);
});

it('The maxJobs of a request overrides that of the account.', async () => {
	await acceptedJobid(sandbox, { channel: second });
	expect((await submit(sandbox, { channel: second, maxJobs: '2' })).body.maxJobs).toBe(2);
	expect((await submit(sandbox, { channel: first, maxJobs: '1' })).status).toBe(200);
	expect((await submit(sandbox, { channel: first, maxJobs: '1' })).body.error).toBe(
		'Maximum of 1 jobs executing in parallel supported',
	);
});

it('A channel with its own Discord token has ten slots by default.', async () => {
	const channel = '1100000000000000003';
	const { body } = await submit(sandbox, { channel, discord: 'another-discord-token' });
	expect(body).toMatchObject({ channel, discord: 'ano…secured…ken', maxJobs: 10 });
});

it('Without a channel, a job runs on any account with a free slot, and is rejected if there is none.', async () => {
	for (let job = 0; job < 3; job += 1) await acceptedJobid(sandbox);
	expect(sandbox.jobs.map((job) => job.channel).sort()).toEqual([first, first, second]);
	expect(await submit(sandbox)).toMatchObject({
		status: 429,
		body: {
			error: 'Maximum of 3 jobs executing in parallel supported',
			executingJobs: expect.arrayContaining(sandbox.jobs.map((job) => job.jobid)),
		},
	});
});

it('Without a channel and without accounts, a submission is rejected for missing values.', async () => {
	for (const channel of [first, second]) {
		await call(sandbox, 'DELETE', `/v1/pika/account/${channel}`);
	}
	expect((await submit(sandbox)).body.error).toBe(
		'message, prompt, discord or channel value is missing',
	);
});
