import type { IDataObject } from 'n8n-workflow';

import type { Sandbox, TerminalStatus } from '../../sandbox/sandbox.cts';
import { useFreshSandbox } from './freshSandbox.cts';
import { useFastClock } from './fastClock.cts';
import { runWorkflow } from './harness/run.cts';
import { imageItem, pikaWorkflow } from './pika.cts';

const STATUSES: TerminalStatus[] = ['completed', 'failed', 'moderated', 'cancelled'];
const CODES = [400, 404, 422, 429, 500, 504, '422', '429', '500', 'broken', null, [500]];

let sandbox: Sandbox;
const { pauses } = useFastClock();
useFreshSandbox({ jobSeconds: Infinity }, (started) => {
	sandbox = started;
});

async function run(parameters: IDataObject, onError?: 'continueErrorOutput') {
	const node = onError && { onError };
	return await runWorkflow(pikaWorkflow({ sandbox, parameters, node }));
}

async function aJob(): Promise<string> {
	const { output } = await run({ operation: 'create', completion: 'off' });
	return String(output('Pika')[0]?.json.jobid);
}

/** A job that has ended with a code of its own in its record. */
async function endedJob(status: TerminalStatus, code: unknown): Promise<string> {
	const jobid = await aJob();
	sandbox.finishJob(jobid, status, { code: code as number });
	return jobid;
}

const endings = STATUSES.flatMap((status) => CODES.map((code) => [status, code] as const));

describe('job records with a code under HTTP 200', () => {
	it.each(endings)(
		'Job: Get returns the record of a %s job with the code %j',
		async (status, code) => {
			const jobid = await endedJob(status, code);
			const get = { resource: 'job', operation: 'get', jobid, onUnsuccessful: 'output' };
			for (const completion of ['off', 'poll']) {
				const { error, output } = await run({ ...get, completion });
				expect(error).toBeUndefined();
				expect(output('Pika')[0]?.json).toMatchObject({ jobid, status, code });
			}
			expect(pauses).not.toContain(2000);
		},
	);

	it.each(endings.filter(([status]) => status !== 'completed'))(
		'A %s job with the code %j fails its item as unsuccessful, not as unreadable',
		async (status, code) => {
			const jobid = await endedJob(status, code);
			const get = { resource: 'job', operation: 'get', jobid, completion: 'poll' };
			const { output } = await run(get, 'continueErrorOutput');
			const [failed] = output('Pika', 1);
			expect(failed?.json.error).toMatch(new RegExp(`^The Pika job .*${status}`));
			const number = Number(code) >= 400 && !Array.isArray(code) ? Number(code) : undefined;
			expect(failed?.json.details).toEqual(
				expect.objectContaining({ jobid, status, ...(number && { code: number }) }),
			);
			expect(pauses).not.toContain(2000);
		},
	);

	it.each([400, 422, 429, 503, '429'])(
		'A running job with the code %j is polled until it ends, and returned unchanged',
		async (code) => {
			const jobid = await aJob();
			const get = { resource: 'job', operation: 'get', jobid, completion: 'poll' };
			const record = { jobid, status: 'progress', code };
			sandbox.addFault({
				on: { path: '/v1/pika/jobs/', times: 1 },
				do: { answer: { status: 200, body: record } },
			});
			const waiting = run(get);
			await sandbox.waitFor(() => sandbox.requests.some(({ path }) => path === '/v1/pika/jobs'));
			sandbox.finishJob(jobid, 'completed');
			const { error, output } = await waiting;
			expect(error).toBeUndefined();
			expect(output('Pika')[0]?.json.status).toBe('completed');
		},
	);

	it('Job: Get Many includes records with a code', async () => {
		const jobids = [await aJob(), await aJob(), await aJob()];
		for (const [i, code] of [429, 500, '422'].entries()) {
			const body = { jobid: jobids[i], status: 'progress', code };
			sandbox.addFault({
				on: { path: '/v1/pika/jobs/', match: { jobid: jobids[i] } },
				do: { answer: { status: 200, body } },
			});
		}
		const { error, output } = await run({ resource: 'job', operation: 'getMany', readEach: true });
		expect(error).toBeUndefined();
		expect(output('Pika').map(({ json }) => [json.jobid, json.code])).toEqual([
			[jobids[0], 429],
			[jobids[1], 500],
			[jobids[2], '422'],
		]);
		expect(pauses).not.toContain(2000);
	});

	it.each<[string, unknown]>([
		['started', 429],
		['started', 400],
		['started', 503],
		['started', '429'],
		['failed', 500],
		['moderated', 422],
		['created', 404],
	])(
		'The response to a submission is an accepted job with the status %s and the code %j',
		async (status, code) => {
			const body = { jobid: 'job-1', status, code };
			sandbox.addFault({ on: { method: 'POST' }, do: { answer: { status: 200, body } } });
			const onUnsuccessful = 'output';
			const { error, output } = await run({ completion: 'off', onUnsuccessful });
			expect(error).toBeUndefined();
			expect(output('Pika')[0]?.json).toEqual(body);
			expect(sandbox.requests).toHaveLength(1);
		},
	);
});

describe('a code under HTTP 200 without a job', () => {
	it.each<[string, object, RegExp]>([
		['404 and an error', { error: 'Unable to locate job', code: 404 }, /answered 404/],
		['404 and the job, without a status', { jobid: 'job-1', code: 404 }, /answered 404/],
		['401', { error: 'Unauthorized', code: 401 }, /answered 401: Unauthorized/],
		['400 and a status', { status: 'failed', code: 400 }, /answered 400/],
		['402 and an empty status', { jobid: 'job-1', status: '', code: 402 }, /answered 402/],
	])(
		'A read treats the code in the body as the status of the response: %s',
		async (_, body, message) => {
			sandbox.addFault({ on: { method: 'GET' }, do: { answer: { status: 200, body } } });
			const get = { resource: 'job', operation: 'get', jobid: 'job-1', completion: 'off' };
			expect((await run(get)).error?.message).toMatch(message);
		},
	);

	it.each<[string, object]>([
		['429 of a full channel', { error: 'Maximum of 1 jobs', executingJobs: ['x'], code: 429 }],
		['429 and a job without a status', { jobid: 'job-1', code: 429 }],
	])(
		'A submission treats the code in the body as the status of the response: %s',
		async (_, body) => {
			sandbox.addFault({ on: { method: 'POST' }, do: { answer: { status: 200, body } } });
			const { error, output } = await run({ completion: 'off' });
			expect(error).toBeUndefined();
			expect(output('Pika')[0]?.json.jobid).toBe(sandbox.jobs[0]?.jobid);
			expect(sandbox.requests).toHaveLength(2);
		},
	);
});

describe('job records under HTTP 422', () => {
	const answerAlways = () =>
		sandbox.addFault({
			on: { path: '/v1/pika/jobs/' },
			do: {
				answer: {
					status: 422,
					body: { jobid: 'job-1', status: 'moderated', error: 'Sorry', code: 422 },
				},
			},
		});

	it('A read accepts a record of the requested job under HTTP 422, as a submission does', async () => {
		answerAlways();
		const get = { resource: 'job', operation: 'get', jobid: 'job-1', onUnsuccessful: 'output' };
		const { output } = await run({ ...get, completion: 'poll' });
		expect(output('Pika')[0]?.json).toMatchObject({ jobid: 'job-1', status: 'moderated' });
	});

	it('A read does not accept a record of another job under HTTP 422', async () => {
		answerAlways();
		const get = { resource: 'job', operation: 'get', jobid: 'job-2', completion: 'off' };
		expect((await run(get)).error?.message).toMatch(/job-2 cannot be read.*422/);
	});
});

describe('job records of several items', () => {
	it('Each item gets its own job, whatever codes the records contain', async () => {
		const items = [0, 1, 2, 3].map((n) => imageItem({ n }));
		const parameters = { operation: 'create', completion: 'poll', onUnsuccessful: 'output' };
		const options = { prompt: '=item {{ $json.n }}' };
		const running = runWorkflow(
			pikaWorkflow({ sandbox, items, parameters: { ...parameters, ...options } }),
		);
		await sandbox.waitFor(() => sandbox.jobs.length === 4);
		for (const [i, job] of [...sandbox.jobs].entries()) {
			sandbox.finishJob(job.jobid, STATUSES[i], { code: [200, 500, 422, 429][i] });
		}
		const { error, output } = await running;
		expect(error).toBeUndefined();
		const byJob = Object.fromEntries(sandbox.jobs.map(({ jobid, prompt }) => [jobid, prompt]));
		expect(output('Pika').map(({ json }) => byJob[String(json.jobid)])).toEqual(
			[0, 1, 2, 3].map((n) => `item ${n}`),
		);
	});
});
