import { startSandbox } from '../../sandbox/sandbox.cts';
import { acceptedJobid, call, submit } from './client';
import { useSandbox } from './useSandbox';

const sandbox = useSandbox({ jobSeconds: 0.05 });

const read = (jobid: string) => call(sandbox, 'GET', `/v1/pika/jobs/?jobid=${jobid}`);
const running = async () => (await call(sandbox, 'GET', '/v1/pika/jobs')).body;
const ended = (jobid: string) =>
	sandbox.waitFor(() => sandbox.jobs.find((job) => job.jobid === jobid && job.statuses.length > 3));

it('A job goes from created to completed, and then has a video and the retry button.', async () => {
	const jobid = await acceptedJobid(sandbox, { replyRef: 'r1' });
	expect((await ended(jobid)).statuses).toEqual(['created', 'started', 'progress', 'completed']);
	expect(await read(jobid)).toMatchObject({
		status: 200,
		body: {
			jobid,
			verb: 'pika-encrypt_image',
			status: 'completed',
			replyRef: 'r1',
			buttons: ['retry'],
			attachments: [
				{
					url: expect.stringContaining(`${sandbox.baseUrl}/attachments/`),
					filename: expect.stringMatching(/\.mp4$/),
					content_type: 'video/mp4',
					size: expect.any(Number),
				},
			],
			code: 200,
		},
	});
	expect((await read(jobid)).body).not.toHaveProperty('statuses');
});

it.each([
	['[fail]', { status: 'failed', error: 'Job failed', errorDetails: expect.any(String) }],
	[
		'[moderated]',
		{ status: 'moderated', error: 'Sorry, your input may be inconsistent with server rules.' },
	],
	['[cancel]', { status: 'cancelled' }],
])(
	'A job with %s in its prompt is accepted and ends as that magic word says.',
	async (word, expected) => {
		const jobid = await acceptedJobid(sandbox, { prompt: `waves ${word}` });
		await ended(jobid);
		const { body } = await read(jobid);
		expect(body).toMatchObject(expected);
		expect(body).not.toHaveProperty('attachments');
	},
);

it('The magic word [seconds=N] sets the time of its own job only.', async () => {
	const slow = await acceptedJobid(sandbox, { prompt: '[seconds=900]' });
	const quick = await acceptedJobid(sandbox, { prompt: '[seconds=0.01]' });
	await ended(await acceptedJobid(sandbox));
	await ended(quick);
	expect(await running()).toEqual([slow]);
});

it('jobSeconds can be changed while the sandbox runs.', async () => {
	sandbox.changeSettings({ jobSeconds: Infinity });
	const endless = await acceptedJobid(sandbox);
	sandbox.changeSettings({ jobSeconds: 0 });
	const immediate = await acceptedJobid(sandbox);
	await ended(immediate);
	expect(await running()).toEqual([endless]);
});

it('GET jobs lists the running jobs, and is empty when all have ended.', async () => {
	sandbox.changeSettings({ jobSeconds: Infinity });
	const jobids = [
		await acceptedJobid(sandbox),
		await acceptedJobid(sandbox),
		await acceptedJobid(sandbox),
	];
	expect(await running()).toEqual(jobids);
	for (const jobid of jobids) sandbox.finishJob(jobid);
	expect(await running()).toEqual([]);
});

it('GET jobs without a trailing slash ignores the jobid.', async () => {
	expect((await call(sandbox, 'GET', '/v1/pika/jobs?jobid=any')).body).toEqual([]);
});

it('finishJob ends a job as planned or with the given status, and can add values.', async () => {
	sandbox.changeSettings({ jobSeconds: Infinity });
	const [planned, asked] = [
		await acceptedJobid(sandbox, { prompt: '[fail]' }),
		await acceptedJobid(sandbox, { prompt: '[fail]' }),
	];
	sandbox.finishJob(planned);
	sandbox.finishJob(asked, 'completed', { content: 'done by hand', attachments: [] });
	expect((await read(planned)).body.status).toBe('failed');
	expect((await read(asked)).body).toMatchObject({
		status: 'completed',
		content: 'done by hand',
		attachments: [],
	});
	expect(() => sandbox.finishJob(asked)).toThrow(`Job ${asked} is not running`);
});

it.each(['/v1/pika/jobs/cancel/', '/v1/pika/jobs/cancel'])(
	'GET %s cancels a running job and frees its slot.',
	async (path) => {
		sandbox.changeSettings({ jobSeconds: Infinity });
		const jobid = await acceptedJobid(sandbox, { maxJobs: '1' });
		expect((await submit(sandbox, { maxJobs: '1' })).status).toBe(429);
		expect(await call(sandbox, 'GET', `${path}?jobid=${jobid}`)).toMatchObject({
			status: 200,
			body: { jobid, status: 'cancelled', code: 200 },
		});
		expect((await read(jobid)).body.status).toBe('cancelled');
		expect((await submit(sandbox, { maxJobs: '1' })).status).toBe(200);
	},
);

it.each(['/v1/pika/jobs/', '/v1/pika/jobs/cancel/'])(
	'GET %s rejects a missing and an unknown jobid.',
	async (path) => {
		expect(await call(sandbox, 'GET', path)).toMatchObject({
			status: 400,
			body: { error: 'Query param jobid not provided', code: 400 },
		});
		expect(await call(sandbox, 'GET', `${path}?jobid=no-such`)).toMatchObject({
			status: 404,
			body: { error: 'Unable to locate job no-such', code: 404 },
		});
	},
);

it('A job that has ended cannot be cancelled.', async () => {
	sandbox.changeSettings({ jobSeconds: Infinity });
	const jobid = await acceptedJobid(sandbox);
	sandbox.finishJob(jobid);
	expect((await call(sandbox, 'GET', `/v1/pika/jobs/cancel/?jobid=${jobid}`)).status).toBe(404);
	expect((await read(jobid)).body.status).toBe('completed');
});

it.each(['/v1/pika/jobs', '/v1/pika/jobs/?jobid=a', '/v1/pika/jobs/cancel/?jobid=a'])(
	'GET %s needs the token and a subscription.',
	async (path) => {
		expect((await call(sandbox, 'GET', path, undefined, {})).body.error).toBe('Unauthorized');
		sandbox.changeSettings({ subscriptionIsActive: false });
		expect((await call(sandbox, 'GET', path)).status).toBe(402);
	},
);

it('A reset deletes jobs and requests, and restores the settings.', async () => {
	await acceptedJobid(sandbox);
	sandbox.changeSettings({ jobSeconds: 77 });
	sandbox.reset();
	expect(sandbox.jobs).toEqual([]);
	expect(sandbox.requests).toEqual([]);
	expect(sandbox.settings.jobSeconds).toBe(0.05);
});

it('Stopping the sandbox rejects pending calls of waitFor.', async () => {
	const other = await startSandbox();
	const never = other.waitFor(() => false);
	await other.stop();
	await expect(never).rejects.toThrow('The sandbox has stopped');
	await expect(other.waitFor(() => true)).rejects.toThrow('The sandbox has stopped');
});
