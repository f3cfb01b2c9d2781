import type { NodeApiError } from 'n8n-workflow';

import { type Sandbox, startSandbox } from '../../sandbox/sandbox.cts';
import { clock } from '../../nodes/Pika/jobs/clock';
import { useFastClock } from './fastClock.cts';
import { Collect } from './harness/collect.cts';
import { Loop } from './harness/loop.cts';
import { resumeByTimeout, retryRun } from './harness/resume.cts';
import { resumeByWebhook } from './harness/resume-webhook.cts';
import { type RunOptions, type WorkflowRun, runWorkflow } from './harness/run.cts';
import { type PikaWorkflow, imageItem, pikaWorkflow } from './pika.cts';

let sandbox: Sandbox;
const { pauses } = useFastClock();

beforeAll(async () => {
	sandbox = await startSandbox({ jobSeconds: Infinity });
});
afterAll(async () => await sandbox.stop());
beforeEach(() => sandbox.reset());

type Options = Omit<PikaWorkflow, 'sandbox'>;

function waiting(options: Options = {}): RunOptions {
	const parameters = { completion: 'callback', ...options.parameters };
	return pikaWorkflow({ ...options, parameters, sandbox });
}

async function begin(options: Options = {}): Promise<WorkflowRun> {
	return await runWorkflow(waiting(options));
}

function items(count: number) {
	return Array.from({ length: count }, (_, i) => imageItem({ prompt: `prompt ${i}` }));
}

const ownPrompt = { prompt: '={{ $json.prompt }}' };

/** Hands a callback to the engine; gives the execution as it is then. */
async function call(run: WorkflowRun, body: object): Promise<WorkflowRun> {
	const answer = await resumeByWebhook(run, { body });
	expect(answer.status).toBe(200);
	return answer.run ?? run;
}

function jobid(i: number): string {
	return sandbox.jobs[i]?.jobid ?? '';
}

/** Ends a job, and lets its callback reach the waiting execution. */
async function end(run: WorkflowRun, i: number, status?: 'failed'): Promise<WorkflowRun> {
	sandbox.finishJob(jobid(i), status);
	return await call(run, { jobid: jobid(i) });
}

function posts(): number {
	return sandbox.requests.filter(({ method }) => method === 'POST').length;
}

describe('waiting by callback', () => {
	it('submits ten of 50 items on ten slots, and the next with every callback, until all are done', async () => {
		const input = items(50);
		let run = await begin({ items: input, parameters: { ...ownPrompt, download: true } });
		expect(sandbox.jobs).toHaveLength(10);
		for (let i = 0; i < 50; i++) {
			expect(run.status).toBe('waiting');
			run = await end(run, i);
			expect(sandbox.jobs).toHaveLength(Math.min(50, 11 + i));
		}
		expect(run.error).toBeUndefined();
		expect(run.status).toBe('success');
		const output = run.output('Pika');
		expect(output.map(({ json, pairedItem }) => [json.prompt, json.status, pairedItem])).toEqual(
			input.map(({ json }, item) => [json?.prompt, 'completed', { item }]),
		);
		expect((await run.binary(output[7]!, 'video')).length).toBeGreaterThan(1000);
		expect(posts()).toBe(50);
	});

	it.each<[string, Options]>([
		['the credential’s default', { credential: { replyUrl: 'https://elsewhere.example/hook' } }],
		[
			'one that was set for another way of waiting',
			{ parameters: { options: { replyUrl: 'https://elsewhere.example/hook' } } },
		],
	])('gives the resume URL to the API, in place of %s', async (_what, options) => {
		await begin(options);
		const submitted = sandbox.requests.find(({ method }) => method === 'POST');
		expect(submitted?.fields.replyUrl).toMatch(
			/^http:\/\/127\.0\.0\.1:1\/webhook-waiting\/\d+\?signature=/,
		);
	});

	it('leaves no token in what n8n saves while it waits', async () => {
		const credential = { discordToken: 'discord-token', channel: '42', maxJobs: 1 };
		const run = await begin({ items: items(2), credential });
		const submitted = sandbox.requests.find(({ method }) => method === 'POST');
		expect(submitted?.fields.discord).toBe('discord-token');
		const saved = JSON.stringify([run.contextData, run.run.data]);
		for (const secret of ['discord-token', sandbox.apiToken]) expect(saved).not.toContain(secret);
		await end(run, 0);
		expect(sandbox.requests.filter(({ fields }) => fields.discord)).toHaveLength(2);
	});

	it('saves the error for a wait that runs out without a stack and without a second copy of the node', async () => {
		const run = await begin({ items: items(2) });
		const [waitingNode] = run.run.data.executionData?.nodeExecutionStack ?? [];
		const error = waitingNode?.metadata?.resumeError as NodeApiError;
		expect(error.message).toContain('has not ended');
		expect(error.stack?.split('\n')).toHaveLength(1);
		expect(error.node).toBe(waitingNode?.node);
	});

	it('goes on after jobs that end out of order, several at once, and stays paired', async () => {
		let run = await begin({ items: items(4), parameters: ownPrompt });
		sandbox.finishJob(jobid(3));
		sandbox.finishJob(jobid(1));
		run = await call(run, { jobid: jobid(3) });
		run = await end(run, 0);
		expect(run.status).toBe('waiting');
		run = await end(run, 2);
		expect(run.output('Pika').map(({ json }) => json.prompt)).toEqual(
			[0, 1, 2, 3].map((i) => `prompt ${i}`),
		);
	});

	it('sends each ending to its own output, with its details', async () => {
		let run = await begin({
			items: items(3),
			parameters: ownPrompt,
			node: { onError: 'continueErrorOutput' },
		});
		run = await end(run, 0);
		run = await end(run, 1, 'failed');
		run = await end(run, 2);
		expect(run.output('Pika').map(({ pairedItem }) => pairedItem)).toEqual([
			{ item: 0 },
			{ item: 2 },
		]);
		expect(run.output('Pika', 1)[0]).toMatchObject({
			pairedItem: { item: 1 },
			json: { details: { status: 'failed', jobid: jobid(1) } },
		});
	});

	it('fails with the ids of the others when one job has failed and the rest are over', async () => {
		let run = await begin({ items: items(2) });
		run = await end(run, 0, 'failed');
		expect(run.status).toBe('waiting');
		run = await end(run, 1);
		expect(run.error?.message).toContain('The Pika job failed');
		expect(run.error?.description).toContain(jobid(1));
	});

	it('shows of each item its job and its status while it waits, and saves no record of it', async () => {
		let run = await begin({
			items: items(3),
			parameters: { ...ownPrompt, options: { maxJobs: 2 } },
		});
		run = await end(run, 1);
		expect(run.output('Pika').map(({ json }) => json)).toEqual([
			{ jobid: jobid(0), status: 'started' },
			{ jobid: jobid(1), status: 'completed' },
			{ jobid: jobid(2), status: 'started' },
		]);
		expect(JSON.stringify(run.run.data)).not.toContain('messageId');
	});

	it('waits with Retry On Fail too, where the first job has failed before the wait begins', async () => {
		sandbox.addFault({
			on: { match: { prompt: 'prompt 0' } },
			do: { jobEnd: 'failed', jobSeconds: 0 },
		});
		const node = {
			retryOnFail: true,
			maxTries: 3,
			waitBetweenTries: 1,
			onError: 'continueErrorOutput',
		} as const;
		const parameters = { ...ownPrompt, options: { maxJobs: 1 } };
		let run = await begin({ items: items(3), parameters, node });
		expect([run.status, sandbox.jobs.length, run.runsOf('Pika').length]).toEqual(['waiting', 2, 1]);
		// n8n runs a node again whose first output item has an error, and would give it what is to go on when the wait runs out.
		expect(run.output('Pika')[0]?.json).not.toHaveProperty('error');
		expect(sandbox.requests.filter(({ query }) => query.jobid)).toHaveLength(1);
		run = await end(run, 1);
		run = await end(run, 2);
		expect(run.output('Pika').map(({ json }) => json.prompt)).toEqual(['prompt 1', 'prompt 2']);
		expect(run.output('Pika', 1)[0]?.json.details).toMatchObject({ status: 'failed' });
		expect(posts()).toBe(3);
	});

	it('does not wait for jobs that have ended before the wait begins', async () => {
		sandbox.changeSettings({ jobSeconds: 0 });
		const run = await begin({ items: items(12), parameters: ownPrompt });
		expect(run.status).toBe('success');
		expect(run.output('Pika')).toHaveLength(12);
	});

	it.each<[string, object | string]>([
		['names another job', { jobid: 'forged', status: 'completed' }],
		['claims what is not true', { status: 'completed' }],
		['is not an object', 'completed'],
		['is empty', {}],
	])('goes on waiting after a callback that %s, and submits nothing', async (_what, body) => {
		const run = await begin();
		const answer = await resumeByWebhook(run, { body: body as object });
		expect([answer.status, answer.run]).toEqual([200, undefined]);
		const early = await resumeByWebhook(run, { body: { jobid: jobid(0), status: 'completed' } });
		expect([early.status, early.run]).toEqual([200, undefined]);
		expect(posts()).toBe(1);
		expect((await end(run, 0)).status).toBe('success');
	});

	it('calls in place of a callback that came while n8n was saving the wait', async () => {
		sandbox.addFault({ on: { endpoint: 'jobs' }, do: { delay: 20, jobSeconds: 0 } });
		await begin();
		sandbox.finishJob(jobid(0));
		await sandbox.waitFor(
			() => sandbox.requests.filter(({ path }) => path === '/v1/pika/jobs').length === 2,
		);
		expect(pauses).toContain(5000);
	});
});

describe('a callback that another process of n8n has taken for too long', () => {
	const SLOTS = { parameters: { ...ownPrompt, options: { maxJobs: 1 } } };

	/** As another process sees it: n8n gives it the execution as it was, and it knows nothing of other callbacks. */
	async function callLate(old: WorkflowRun): Promise<WorkflowRun> {
		await clock.pause(10 * 60_000);
		return await call({ ...old }, { jobid: jobid(0) });
	}

	it('makes no second job, neither for one that runs nor for one that has ended meanwhile', async () => {
		const node = { onError: 'continueErrorOutput' } as const;
		const old = await begin({ items: items(4), node, ...SLOTS });
		await end(await end(old, 0), 1);
		expect(sandbox.jobs.map(({ prompt }) => prompt)).toEqual(['prompt 0', 'prompt 1', 'prompt 2']);
		const run = await end(await callLate(old), 2);
		expect(sandbox.jobs.map(({ prompt }) => prompt)).toEqual(['prompt 0', 'prompt 1', 'prompt 2']);
		expect(run.output('Pika').map(({ json }) => json.prompt)).toEqual(['prompt 0', 'prompt 2']);
		const unsure = run.output('Pika', 1);
		expect(unsure.map(({ pairedItem }) => pairedItem)).toEqual([{ item: 1 }, { item: 3 }]);
		for (const { json } of unsure) expect(json.error).toMatch(/may have been submitted/);
		expect(unsure[0]?.json.details).toMatchObject({ replyRef: sandbox.jobs[1]?.replyRef });
	});

	it('submits nothing of which it does not know whether it was submitted meanwhile', async () => {
		const old = await begin({ items: items(3), ...SLOTS });
		await end(old, 0);
		sandbox.finishJob(jobid(1));
		const run = await callLate(old);
		expect(sandbox.jobs.map(({ prompt }) => prompt)).toEqual(['prompt 0', 'prompt 1']);
		expect(run.error?.message).toMatch(/may have been submitted/);
		expect(run.error?.description).toContain(jobid(0));
	});
});

describe('when nobody calls', () => {
	it('fails with the last state and the ids of all jobs', async () => {
		const run = await resumeByTimeout(await begin({ items: items(2) }));
		expect(run.error?.message).toBe(
			`The Pika job ${jobid(0)} has not ended within 30 minutes, its last status is started`,
		);
		expect(run.error?.description).toContain(jobid(1));
	});

	it.each(['continueRegularOutput', 'continueErrorOutput'] as const)(
		'hands on what there is, with the last state, under %s',
		async (onError) => {
			let run = await begin({ items: items(12), parameters: ownPrompt, node: { onError } });
			run = await end(run, 1);
			run = await resumeByTimeout(run);
			expect(run.error).toBeUndefined();
			const good = run.output('Pika').filter(({ json }) => !json.error);
			const late = [...run.output('Pika'), ...run.output('Pika', 1)].filter(
				({ json }) => json.error,
			);
			expect(good.map(({ json, pairedItem }) => [json.prompt, pairedItem])).toEqual([
				['prompt 1', { item: 1 }],
			]);
			expect(late).toHaveLength(11);
			expect(late[0]?.json.details).toMatchObject({
				timedOut: true,
				status: 'started',
				jobid: jobid(0),
			});
			expect(late.at(-1)?.json.error).toContain('was not submitted');
			if (onError === 'continueErrorOutput') expect(run.output('Pika')).toHaveLength(1);
		},
	);

	it('adopts the jobs in the editor’s Retry and submits nothing again', async () => {
		let failed = await begin({ items: items(2), parameters: ownPrompt });
		failed = await end(failed, 0, 'failed');
		failed = await end(failed, 1);
		expect(failed.status).toBe('error');
		const run = await retryRun(failed);
		expect(run.error?.message).toContain(`(job ${jobid(0)})`);
		expect(run.error?.description).toContain(jobid(1));
		expect(posts()).toBe(2);
	});
});

describe('in every kind of workflow', () => {
	it('runs once for all items with executeOnce', async () => {
		const run = await end(await begin({ items: items(3), node: { executeOnce: true } }), 0);
		expect(run.output('Pika')).toHaveLength(1);
		expect(posts()).toBe(1);
	});

	it('keeps files and prompts in combined binary mode', async () => {
		let run = await begin({
			items: items(12),
			parameters: ownPrompt,
			settings: { binaryMode: 'combined' },
		});
		for (let i = 0; i < 12; i++) run = await end(run, i);
		expect(run.status).toBe('success');
		expect(new Set(sandbox.requests.flatMap(({ files }) => files.message?.sha256 ?? [])).size).toBe(
			1,
		);
		expect(run.output('Pika').map(({ json }) => json.prompt)).toEqual(
			items(12).map(({ json }) => json?.prompt),
		);
	});

	it('waits with Retry On Fail on, and returns to the same jobs', async () => {
		const node = { retryOnFail: true, maxTries: 3, waitBetweenTries: 1 };
		const run = await end(await begin({ node }), 0, 'failed');
		expect(run.error?.message).toContain('The Pika job failed');
		expect(posts()).toBe(1);
	});

	it('waits in two nodes one after the other, and late callbacks of the first do not disturb the second', async () => {
		const options = waiting();
		const [source, pika, collect] = options.nodes;
		const second = {
			...pika!,
			name: 'Second',
			parameters: { ...pika!.parameters, message: "={{ $('Source').item.binary.data }}" },
		};
		let run = await runWorkflow({
			...options,
			nodes: [source!, pika!, second, collect!],
			connections: [
				['Source', 'Pika'],
				['Pika', 'Second'],
				['Second', 'Collect'],
			],
		});
		run = await end(run, 0);
		expect(run.status).toBe('waiting');
		const late = await resumeByWebhook(run, { body: { jobid: jobid(0) } });
		expect([late.status, late.run]).toEqual([200, undefined]);
		run = await end(run, 1);
		expect(run.status).toBe('success');
		expect(run.output('Second')).toHaveLength(1);
		expect(posts()).toBe(2);
	});

	it('asks instead of waiting while n8n may still hold the timer of another node’s wait', async () => {
		const options = waiting({ parameters: { waitLimit: 1 } });
		const [source, pika, collect] = options.nodes;
		const message = "={{ $('Source').item.binary.data }}";
		const second = { ...pika!, name: 'Second', parameters: { ...pika!.parameters, message } };
		const run = await runWorkflow({
			...options,
			nodes: [source!, pika!, second, collect!],
			connections: [
				['Source', 'Pika'],
				['Pika', 'Second'],
				['Second', 'Collect'],
			],
		});
		sandbox.changeSettings({ jobSeconds: 0.03 });
		const done = await end(run, 0);
		expect(done.status).toBe('success');
		expect(done.output('Second')).toHaveLength(1);
	});

	it('waits again in each round of a loop', async () => {
		const options = waiting({ items: items(3), parameters: ownPrompt });
		const [source, pika] = options.nodes;
		const done = new Collect();
		let run = await runWorkflow({
			...options,
			nodes: [
				source!,
				{ name: 'Loop', type: 'test.loop' },
				pika!,
				{ name: 'Done', type: 'test.done' },
			],
			connections: [
				['Source', 'Loop'],
				['Loop', 'Done', 0],
				['Loop', 'Pika', 1],
				['Pika', 'Loop'],
			],
			nodeTypes: { ...options.nodeTypes, 'test.loop': new Loop(), 'test.done': done },
		});
		for (let i = 0; i < 3; i++) {
			expect(run.status).toBe('waiting');
			expect(sandbox.jobs).toHaveLength(i + 1);
			run = await end(run, i);
		}
		expect(run.status).toBe('success');
		expect(run.output('Done').map(({ json }) => json.prompt)).toEqual(
			[0, 1, 2].map((i) => `prompt ${i}`),
		);
	});
});

describe('what cannot be called back is refused before any request', () => {
	it.each<[string, Options, string]>([
		[
			'an n8n on this machine',
			{ credential: { baseUrl: 'https://api.useapi.net' }, publicUrl: 'http://localhost:5678' },
			'useapi.net cannot call this n8n at http://localhost:5678',
		],
		[
			'an n8n in a private network',
			{ credential: { baseUrl: 'https://api.useapi.net' }, publicUrl: 'http://192.168.1.20:5678' },
			'useapi.net cannot call this n8n at http://192.168.1.20:5678',
		],
	])('refuses %s', async (_what, options, message) => {
		const { error } = await begin(options);
		expect(error?.message).toBe(message);
		expect(sandbox.requests).toEqual([]);
	});

	it('refuses to wait by callback as an agent’s tool', async () => {
		const options = waiting();
		const [source, pika, collect] = options.nodes;
		const type = 'n8n-nodes-useapi-pika.pikaTool';
		const { output } = await runWorkflow({
			...options,
			nodes: [source!, { ...pika!, type }, collect!],
			connections: [['Source', 'Pika']],
			nodeTypes: { ...options.nodeTypes, [type]: options.nodeTypes['n8n-nodes-useapi-pika.pika']! },
		});
		// Told as a result: of an error that is thrown the agent would learn nothing.
		expect(output('Pika')[0]?.json.error).toBe('An AI agent cannot wait for a callback');
		expect(sandbox.requests).toEqual([]);
	});
});
