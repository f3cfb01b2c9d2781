import type { NodeApiError } from 'n8n-workflow';

import type { Sandbox } from '../../sandbox/sandbox.cts';
import { useFreshSandbox } from './freshSandbox.cts';
import { clock } from '../../nodes/Pika/jobs/clock';
import { takeAll } from '../../nodes/Pika/waiting/backlog';
import type { Suspension } from '../../nodes/Pika/waiting/suspension';
import { useFastClock } from './fastClock.cts';
import { Collect } from './harness/collect.cts';
import { Loop } from './harness/loop.cts';
import { resumeByTimeout, retryRun } from './harness/resume.cts';
import { resumeByWebhook } from './harness/resume-webhook.cts';
import { type RunOptions, type WorkflowRun, runWorkflow } from './harness/run.cts';
import { type PikaWorkflow, imageItem, pikaWorkflow } from './pika.cts';

let sandbox: Sandbox;
useFastClock();

useFreshSandbox({ jobSeconds: Infinity }, (started) => {
	sandbox = started;
});

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

/** Delivers a callback to the engine and returns the execution as it is then. */
async function call(run: WorkflowRun, body: object): Promise<WorkflowRun> {
	const answer = await resumeByWebhook(run, { body });
	expect(answer.status).toBe(200);
	return answer.run ?? run;
}

function jobid(i: number): string {
	return sandbox.jobs[i]?.jobid ?? '';
}

/** Ends a job and delivers its callback to the waiting execution. */
async function end(run: WorkflowRun, i: number, status?: 'failed'): Promise<WorkflowRun> {
	sandbox.finishJob(jobid(i), status);
	return await call(run, { jobid: jobid(i) });
}

function posts(): number {
	return sandbox.requests.filter(({ method }) => method === 'POST').length;
}

describe('callback mode', () => {
	it('The node submits ten of 30 items to ten slots, and another with every callback, until all have ended', async () => {
		const input = items(30);
		let run = await begin({ items: input, parameters: { ...ownPrompt, download: true } });
		expect(sandbox.jobs).toHaveLength(10);
		for (let i = 0; i < 30; i++) {
			expect(run.status).toBe('waiting');
			run = await end(run, i);
			expect(sandbox.jobs).toHaveLength(Math.min(30, 11 + i));
		}
		expect(run.error).toBeUndefined();
		expect(run.status).toBe('success');
		const output = run.output('Pika');
		expect(output.map(({ json, pairedItem }) => [json.prompt, json.status, pairedItem])).toEqual(
			input.map(({ json }, item) => [json?.prompt, 'completed', { item }]),
		);
		expect((await run.binary(output[7]!, 'video')).length).toBeGreaterThan(1000);
		expect(posts()).toBe(30);
	});

	it.each<[string, Options]>([
		['the credential’s default', { credential: { replyUrl: 'https://elsewhere.example/hook' } }],
		[
			'one that was set for another way of waiting',
			{ parameters: { options: { replyUrl: 'https://elsewhere.example/hook' } } },
		],
	])('The node sends the resume URL instead of %s', async (_what, options) => {
		await begin(options);
		const submitted = sandbox.requests.find(({ method }) => method === 'POST');
		expect(submitted?.fields.replyUrl).toMatch(
			/^http:\/\/127\.0\.0\.1:1\/webhook-waiting\/\d+\?signature=/,
		);
	});

	it('The state that n8n saves while it waits contains no token', async () => {
		const credential = { discordToken: 'discord-token', channel: '42', maxJobs: 1 };
		const parameters = { operation: 'create', prompt: 'waves' };
		const run = await begin({ items: items(2), parameters, credential });
		const submitted = sandbox.requests.find(({ method }) => method === 'POST');
		expect(submitted?.fields.discord).toBe('discord-token');
		const { backlog } = run.contextData['node:Pika']?.waiting as unknown as Suspension;
		const packed = await takeAll(structuredClone(backlog));
		expect(packed).toHaveLength(1);
		const saved = JSON.stringify([run.contextData, run.run.data, packed]);
		for (const secret of ['discord-token', sandbox.apiToken]) expect(saved).not.toContain(secret);
		await end(run, 0);
		expect(sandbox.requests.filter(({ fields }) => fields.discord)).toHaveLength(2);
	});

	it('The state contains the error for an expired wait limit, without a stack or a second copy of the node', async () => {
		const run = await begin({ items: items(2) });
		const [waitingNode] = run.run.data.executionData?.nodeExecutionStack ?? [];
		const error = waitingNode?.metadata?.resumeError as NodeApiError;
		expect(error.message).toContain('had not ended after 30 minutes');
		expect(error.stack?.split('\n')).toHaveLength(1);
		expect(error.node).toBe(waitingNode?.node);
	});

	it('The node continues after jobs that end out of order and several at once, with correct pairing', async () => {
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

	it('Each item goes to the output of its result, with its details', async () => {
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

	it('The node fails with the IDs of the others when one job has failed and the rest have ended', async () => {
		let run = await begin({ items: items(2) });
		run = await end(run, 0, 'failed');
		expect(run.status).toBe('waiting');
		run = await end(run, 1);
		expect(run.error?.message).toContain('The Pika job failed');
		expect(run.error?.description).toContain(jobid(1));
	});

	it('The node shows the job and the status of each item while it waits, and saves no job record', async () => {
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

	it('The node waits with Retry On Fail even if the first job has failed before', async () => {
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
		// n8n reruns a node whose first output item has an error, with the items that continue when the wait expires.
		expect(run.output('Pika')[0]?.json).not.toHaveProperty('error');
		expect(sandbox.requests.filter(({ query }) => query.jobid)).toHaveLength(1);
		run = await end(run, 1);
		run = await end(run, 2);
		expect(run.output('Pika').map(({ json }) => json.prompt)).toEqual(['prompt 1', 'prompt 2']);
		expect(run.output('Pika', 1)[0]?.json.details).toMatchObject({ status: 'failed' });
		expect(posts()).toBe(3);
	});

	it('The node does not wait for jobs that have ended before', async () => {
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
	])(
		'The node goes on waiting after a callback that %s, and submits nothing',
		async (_what, body) => {
			const run = await begin();
			const answer = await resumeByWebhook(run, { body: body as object });
			expect([answer.status, answer.run]).toEqual([200, undefined]);
			const early = await resumeByWebhook(run, { body: { jobid: jobid(0), status: 'completed' } });
			expect([early.status, early.run]).toEqual([200, undefined]);
			expect(posts()).toBe(1);
			expect((await end(run, 0)).status).toBe('success');
		},
	);
});

describe('a callback that another n8n process handles too slowly', () => {
	const SLOTS = { parameters: { ...ownPrompt, options: { maxJobs: 1 } } };

	/** The view of another process: n8n loads an outdated execution there, and it knows no other callbacks. */
	async function callLate(old: WorkflowRun, named = jobid(0)): Promise<WorkflowRun> {
		await clock.pause(10 * 60_000);
		return await call({ ...old }, { jobid: named });
	}

	it('The node submits no second job, neither for a running job nor for one that has ended meanwhile', async () => {
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

	it('The node takes over the job that the callback names, although it has ended', async () => {
		const node = { onError: 'continueErrorOutput' } as const;
		const old = await begin({ items: items(3), node, ...SLOTS });
		await end(old, 0);
		sandbox.finishJob(jobid(1));
		const run = await callLate(old, jobid(1));
		expect(run.output('Pika').map(({ json }) => json.jobid)).toEqual([jobid(0), jobid(1)]);
		expect(run.output('Pika', 1).map(({ pairedItem }) => pairedItem)).toEqual([{ item: 2 }]);
		expect(JSON.stringify(run.run.data)).not.toContain('pikaCalledJob');
		expect(posts()).toBe(2);
	});

	it.each<[string, string[], number]>([
		['the item that has its prompt', ['first', 'second', 'third'], 2],
		['only one of two items that are alike', ['first', 'alike', 'alike'], 1],
	])(
		'With a shared reply reference, the node takes over that job for %s',
		async (_which, prompts, owner) => {
			const parameters = { ...ownPrompt, options: { maxJobs: 1, replyRef: 'the same' } };
			const node = { onError: 'continueErrorOutput' } as const;
			const ordered = prompts.map((prompt) => imageItem({ prompt }));
			const old = await begin({ items: ordered, node, parameters });
			await end(await end(old, 0), 1);
			sandbox.finishJob(jobid(2));
			const run = await callLate(old, jobid(2));
			const [, taken, ...others] = run.output('Pika');
			expect(taken?.json).toMatchObject({ jobid: jobid(2), prompt: prompts[owner] });
			expect(taken?.pairedItem).toEqual({ item: owner });
			expect(others).toEqual([]);
			expect(run.output('Pika', 1).map(({ json }) => json.error)).toEqual([
				expect.stringMatching(/may have been submitted/),
			]);
			expect(posts()).toBe(3);
		},
	);

	it('The node does not take over the job of somebody else that a callback names', async () => {
		const old = await begin({ items: items(2), ...SLOTS });
		await end(old, 0);
		const other = await begin();
		expect(other.status).toBe('waiting');
		sandbox.finishJob(jobid(1));
		sandbox.finishJob(jobid(2));
		const run = await callLate(old, jobid(2));
		expect(run.error?.message).toMatch(/may have been submitted/);
		expect(JSON.stringify(run.error?.description)).not.toContain(jobid(2));
	});

	it('The node submits nothing that may have been submitted meanwhile', async () => {
		const old = await begin({ items: items(3), ...SLOTS });
		await end(old, 0);
		sandbox.finishJob(jobid(1));
		const run = await callLate(old);
		expect(sandbox.jobs.map(({ prompt }) => prompt)).toEqual(['prompt 0', 'prompt 1']);
		expect(run.error?.message).toMatch(/may have been submitted/);
		expect(run.error?.description).toContain(jobid(0));
	});
});

describe('an n8n that could not resume the execution', () => {
	it('The node continues with a callback that comes half a minute later', async () => {
		const run = await begin({ items: items(3), parameters: ownPrompt });
		sandbox.finishJob(jobid(0));
		const failed = await resumeByWebhook(run, { body: { jobid: jobid(0) } }, undefined, {
			cannotSave: true,
		});
		expect([failed.status, failed.run]).toEqual([500, undefined]);
		const early = await resumeByWebhook(run, { body: { jobid: jobid(0) } });
		expect([early.status, early.run]).toEqual([409, undefined]);
		await clock.pause(30_000);
		let resumed = await end(run, 1);
		expect(resumed).not.toBe(run);
		resumed = await end(resumed, 2);
		expect(resumed.output('Pika').map(({ json }) => json.status)).toEqual(
			Array(3).fill('completed'),
		);
		expect(posts()).toBe(3);
	});

	it('The node answers 503 and keeps waiting if the credential cannot be read', async () => {
		const run = await begin();
		sandbox.finishJob(jobid(0));
		const host = { ...run.execution.host, credentials: {} };
		const locked = { ...run, execution: { ...run.execution, host } };
		const answer = await resumeByWebhook(locked, { body: { jobid: jobid(0) } });
		expect([answer.status, answer.run]).toEqual([503, undefined]);
		expect((await call(run, { jobid: jobid(0) })).status).toBe('success');
	});
});

describe('callbacks that never come', () => {
	it('The node fails at the wait limit with the last state and the IDs of all jobs', async () => {
		const run = await resumeByTimeout(await begin({ items: items(2) }));
		expect(run.error?.message).toBe(
			`The Pika job ${jobid(0)} had not ended after 30 minutes; its last known status was "started"`,
		);
		expect(run.error?.description).toContain(jobid(1));
	});

	it.each(['continueRegularOutput', 'continueErrorOutput'] as const)(
		'The node continues at the wait limit with what there is and the last state, under %s',
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

	it('The editor’s Retry recovers the jobs and submits nothing again', async () => {
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

describe('callback mode in other workflows', () => {
	it('The node runs once for all items with executeOnce', async () => {
		const run = await end(await begin({ items: items(3), node: { executeOnce: true } }), 0);
		expect(run.output('Pika')).toHaveLength(1);
		expect(posts()).toBe(1);
	});

	it('The node keeps files and prompts in combined binary mode', async () => {
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

	it('The node waits with Retry On Fail on, and returns to the same jobs', async () => {
		const node = { retryOnFail: true, maxTries: 3, waitBetweenTries: 1 };
		const run = await end(await begin({ node }), 0, 'failed');
		expect(run.error?.message).toContain('The Pika job failed');
		expect(posts()).toBe(1);
	});

	it('Two nodes wait one after the other, and late callbacks of the first do not disturb the second', async () => {
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

	it('The node polls instead of waiting while n8n may still hold the timer of another node’s wait', async () => {
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

	it('The node waits again in each round of a loop', async () => {
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

describe('workflows that cannot be called back', () => {
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
	])(
		'The node refuses to wait for callbacks of %s before any request',
		async (_what, options, message) => {
			const { error } = await begin(options);
			expect(error?.message).toBe(message);
			expect(sandbox.requests).toEqual([]);
		},
	);

	it('The node refuses to wait for callbacks as an AI agent’s tool', async () => {
		const options = waiting();
		const [source, pika, collect] = options.nodes;
		const type = 'n8n-nodes-useapi-pika.pikaTool';
		const { output } = await runWorkflow({
			...options,
			nodes: [source!, { ...pika!, type }, collect!],
			connections: [['Source', 'Pika']],
			nodeTypes: { ...options.nodeTypes, [type]: options.nodeTypes['n8n-nodes-useapi-pika.pika']! },
		});
		// Returned as a result: the agent would not see an error that is thrown.
		expect(output('Pika')[0]?.json.error).toBe('An AI agent cannot wait for a callback');
		expect(sandbox.requests).toEqual([]);
	});
});
