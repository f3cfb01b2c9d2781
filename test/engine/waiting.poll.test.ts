import type { INode } from 'n8n-workflow';

import type { Sandbox, TerminalStatus } from '../../sandbox/sandbox.cts';
import { useFreshSandbox } from './freshSandbox.cts';
import { useFastClock } from './fastClock.cts';
import { startWorkflow, type WorkflowRun, runWorkflow } from './harness/run.cts';
import { type PikaWorkflow, imageItem, pikaWorkflow } from './pika.cts';

/** In the node's time, a thousand times faster: about a minute. */
const A_MINUTE = 0.06;

let sandbox: Sandbox;
const { pauses } = useFastClock();

useFreshSandbox({ jobSeconds: A_MINUTE }, (started) => {
	sandbox = started;
});

type Options = Omit<PikaWorkflow, 'sandbox'>;

function polling({ parameters, ...options }: Options = {}) {
	return pikaWorkflow({ ...options, parameters: { completion: 'poll', ...parameters }, sandbox });
}

async function run(options: Options = {}): Promise<WorkflowRun> {
	return await runWorkflow(polling(options));
}

function paths(method = 'GET'): string[] {
	return sandbox.requests.filter((each) => each.method === method).map(({ path }) => path);
}

describe('polling mode', () => {
	it('The node returns to each of three items its finished job, prompt and position', async () => {
		const items = ['one', 'two [seconds=0.2]', 'three'].map((name) => imageItem({ name }));
		const { output, error } = await run({ items, parameters: { prompt: '={{ $json.name }}' } });
		expect(error).toBeUndefined();
		expect(
			output('Pika').map(({ json, pairedItem }) => [json.prompt, json.status, pairedItem]),
		).toEqual(items.map(({ json }, item) => [json?.name, 'completed', { item }]));
	});

	it('The node requests the list of running jobs at least ten seconds apart, and reads only jobs that have left it', async () => {
		sandbox.changeSettings({ jobSeconds: Infinity });
		const { result } = await startWorkflow(polling({ items: [imageItem(), imageItem()] }));
		await sandbox.waitFor(() => paths().length >= 3);
		expect(new Set(paths())).toEqual(new Set(['/v1/pika/account', '/v1/pika/jobs']));
		for (const { jobid } of sandbox.jobs) sandbox.finishJob(jobid);
		await result;
		expect(paths().filter((path) => path === '/v1/pika/jobs/')).toHaveLength(2);
		expect(Math.min(...pauses)).toBe(10_000);
	});

	it('The node runs 50 items with different results through ten slots, each to its own output with its details', async () => {
		const endings = ['', '[fail]', '[moderated]', '[cancel]', '[moderate]'];
		const items = Array.from({ length: 50 }, (_, i) =>
			imageItem({ prompt: `item ${i} ${endings[i % endings.length]}` }),
		);
		const { output, error } = await run({
			items,
			parameters: { prompt: '={{ $json.prompt }}' },
			node: { onError: 'continueErrorOutput' },
		});
		expect(error).toBeUndefined();
		const indexes = [...items.keys()];
		expect(output('Pika').map(({ json, pairedItem }) => [json.prompt, pairedItem])).toEqual(
			indexes.filter((i) => i % 5 === 0).map((item) => [items[item]?.json?.prompt, { item }]),
		);
		const failed = output('Pika', 1);
		const expected: Array<TerminalStatus | undefined> = [
			undefined,
			'failed',
			'moderated',
			'cancelled',
			'moderated',
		];
		expect(failed.map(({ pairedItem, json }) => [pairedItem, json.details])).toEqual(
			indexes
				.filter((i) => i % 5 !== 0)
				.map((item) => [
					{ item },
					expect.objectContaining({ status: expected[item % 5], jobid: expect.any(String) }),
				]),
		);
		expect(paths('POST')).toHaveLength(50);
		expect(sandbox.requests.filter(({ status }) => status === 429)).toHaveLength(0);
		expect(new Set(sandbox.jobs.map(({ replyRef }) => replyRef)).size).toBe(50);
	});

	it('The node uses the slots that other users’ jobs leave, and waits for more', async () => {
		sandbox.changeSettings({ jobSeconds: Infinity });
		await run({
			items: Array.from({ length: 8 }, () => imageItem()),
			parameters: { completion: 'off' },
		});
		const foreign = sandbox.jobs.map(({ jobid }) => jobid ?? '');
		sandbox.changeSettings({ jobSeconds: A_MINUTE });
		const items = Array.from({ length: 6 }, () => imageItem());
		const { output } = await run({ items });
		expect(output('Pika')).toHaveLength(6);
		expect(sandbox.jobs).toHaveLength(foreign.length + 6);
	});

	it.each([
		['failed', '[fail]'],
		['was rejected (moderated)', '[moderated]'],
		['was cancelled', '[cancel]'],
	])('The node fails the item of a job that %s, with its error and ID', async (end, prompt) => {
		const { error } = await run({ parameters: { prompt } });
		expect(error?.message).toContain(`The Pika job ${end}`);
		expect(error?.message).toContain(`(job ${sandbox.jobs[0]?.jobid})`);
	});

	it('The node returns an unsuccessful job as output if the user chose that', async () => {
		const { output, error } = await run({
			parameters: { prompt: '[fail]', onUnsuccessful: 'output' },
		});
		expect(error).toBeUndefined();
		expect(output('Pika')[0]?.json).toMatchObject({ status: 'failed', error: 'Job failed' });
	});

	it('The node fails at the wait limit with the last status and the IDs of all jobs', async () => {
		sandbox.changeSettings({ jobSeconds: Infinity });
		const { error } = await run({
			items: [imageItem(), imageItem()],
			parameters: { waitLimit: 0.5 },
		});
		const [first, second] = sandbox.jobs;
		expect(error?.message).toBe(
			`The Pika job ${first?.jobid} had not ended after 0.5 minutes; its last known status was "started"`,
		);
		expect(error?.description).toContain(second?.jobid);
	});

	it('The node continues at the wait limit with timedOut and the last status, under Continue', async () => {
		const items = [imageItem({ limit: 0.5 }), imageItem({ limit: 30 })];
		const { output } = await run({
			items: items.map((item, i) => ({
				...item,
				json: { ...item.json, prompt: i === 0 ? '[seconds=60]' : 'b' },
			})),
			parameters: { waitLimit: '={{ $json.limit }}', prompt: '={{ $json.prompt }}' },
			node: { onError: 'continueRegularOutput' },
		});
		const [late, inTime] = output('Pika');
		expect(late?.json.details).toMatchObject({
			timedOut: true,
			status: expect.any(String),
			jobid: sandbox.jobs[0]?.jobid,
		});
		expect(inTime?.json.status).toBe('completed');
	});

	it('The node repeats reads that the API cannot answer, and never submits again', async () => {
		const unavailable = { status: 503, body: '<h1>Unavailable</h1>' };
		sandbox.addFault({ on: { endpoint: 'jobs', times: 2 }, do: { answer: unavailable } });
		sandbox.addFault({ on: { endpoint: 'jobs/' }, do: { resetAfterAccepting: true } });
		const { output } = await run();
		expect(output('Pika')[0]?.json.status).toBe('completed');
		expect(paths('POST')).toHaveLength(1);
	});

	it('The node returns to the same jobs under Retry On Fail, and submits nothing again', async () => {
		const items = ['good', '[fail]'].map((prompt) => imageItem({ prompt }));
		const node: Partial<INode> = { retryOnFail: true, maxTries: 3, waitBetweenTries: 1 };
		const { error } = await run({ items, node, parameters: { prompt: '={{ $json.prompt }}' } });
		expect(error?.message).toContain('The Pika job failed');
		expect(paths('POST')).toHaveLength(2);
	});

	it('The node starts no second job under Retry On Fail for a first item that has an error', async () => {
		const node: Partial<INode> = { retryOnFail: true, maxTries: 3, waitBetweenTries: 1 };
		const { output } = await run({
			node,
			parameters: { prompt: '[fail]', onUnsuccessful: 'output' },
		});
		expect(output('Pika')[0]?.json.status).toBe('failed');
		expect(paths('POST')).toHaveLength(1);
	});
});

describe('Stop while polling', () => {
	async function stopped(options: Options): Promise<WorkflowRun> {
		sandbox.changeSettings({ jobSeconds: Infinity });
		const items = [imageItem(), imageItem()];
		const { result, cancel } = await startWorkflow(polling({ items, ...options }));
		await sandbox.waitFor(() => paths().includes('/v1/pika/jobs'));
		cancel();
		return await result;
	}

	it('Stop ends the execution and does not cancel the jobs', async () => {
		const { run: shown } = await stopped({});
		expect(shown.status).toBe('canceled');
		expect(sandbox.jobs.map(({ status }) => status)).toEqual(['started', 'started']);
	});

	it('Stop cancels the jobs with Cancel on Stop', async () => {
		await stopped({ parameters: { options: { cancelOnStop: true } } });
		await sandbox.waitFor(() => sandbox.jobs.every(({ status }) => status === 'cancelled'));
		expect(paths().filter((path) => path === '/v1/pika/jobs/cancel/')).toHaveLength(2);
	});
});

describe('Job: Get', () => {
	async function get(
		jobid: string,
		parameters = {},
		node: Partial<INode> = {},
	): Promise<WorkflowRun> {
		const of = { resource: 'job', operation: 'get', completion: 'off', jobid, ...parameters };
		return await run({ items: [{}], parameters: of, node });
	}

	async function submitted(prompt: string): Promise<string> {
		await run({ parameters: { completion: 'off', prompt } });
		return sandbox.jobs.at(-1)?.jobid ?? '';
	}

	it('Job: Get returns a running job unchanged', async () => {
		sandbox.changeSettings({ jobSeconds: Infinity });
		const jobid = await submitted('waves');
		const { output } = await get(jobid);
		expect(output('Pika')[0]?.json).toMatchObject({ jobid, status: 'started' });
		expect(paths()).toEqual(['/v1/pika/jobs/']);
	});

	it('Job: Get waits for a job whose callback was lost, and downloads its video', async () => {
		const jobid = await submitted('waves');
		const { output, binary } = await get(jobid, { completion: 'poll', download: true });
		const [item] = output('Pika');
		expect(item?.json.status).toBe('completed');
		expect((await binary(item!, 'video')).length).toBeGreaterThan(1000);
	});

	it('Job: Get shows what the API says of an unknown job', async () => {
		const { error } = await get('unknown-job');
		expect(error?.message).toBe(
			'The Pika job unknown-job cannot be read, the API answered 404: Unable to locate job unknown-job',
		);
		expect(paths()).toEqual(['/v1/pika/jobs/']);
	});

	it('Job: Get escapes an ID that looks like a query', async () => {
		await get('a&b=c/../d?e');
		expect(sandbox.requests[0]).toMatchObject({
			path: '/v1/pika/jobs/',
			query: { jobid: 'a&b=c/../d?e' },
		});
	});
});
