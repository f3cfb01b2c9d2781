import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import type { RecordedCallback } from '../../sandbox/callbacks.cts';
import { type Execution, type Item, outputOf } from '../../scripts/execution.mts';
import { pikaWorkflow, resultsOf } from '../fixture/pika-workflow.mts';
import { postJson } from '../fixture/post-json.mts';
import { chain, endNode, node, pikaNode, workflow } from '../fixture/workflows.mts';
import { startPublished, webhookStart } from './fixture/published.mts';
import { type QueueN8n, startQueueN8n } from './fixture/queue-n8n.mts';

const EXECUTIONS = 6;
const ITEMS = 10;
const SLOTS = 3;
/** Two of the executions share the first channel, and two the second. */
const CHANNELS = [
	'1100000000000000001',
	'1100000000000000002',
	'1100000000000000003',
	'1100000000000000004',
];
/** Its worker dies while this item's submission is under way: accepted, not answered. */
const KILLED = { execution: 3, item: 4 };
const FOREVER = 99_999;
const OVER = ['success', 'error', 'crashed', 'canceled'];
const ANY_STATUS = [...OVER, 'new', 'running', 'waiting', 'unknown'];
const PNG_SIGNATURE_BYTES = 8;
/** Milliseconds before a worker dies and after it is back in which its death can make a callback lost. */
const AROUND = 15_000;
/** Milliseconds after which neither a worker that lives nor a callback of another job would continue the execution. */
const NOTICED_AFTER = 60_000;

function promptOf(execution: number, item: number): string {
	const isLong = execution === KILLED.execution && item >= SLOTS;
	const seconds = isLong ? FOREVER : 1 + ((execution + item) % 3);
	return `execution ${execution} item ${item} [seconds=${seconds}]`;
}

const all = Array.from({ length: EXECUTIONS }, (_, execution) => ({
	channel: CHANNELS[execution % CHANNELS.length],
	items: Array.from({ length: ITEMS }, (_item, item) => ({
		prompt: promptOf(execution, item),
		payload: 1 + execution * ITEMS + item,
	})),
}));

describe('60 jobs in queue mode, while a worker is killed', () => {
	let n8n: QueueN8n;
	let executions: Execution[];
	let lost: Execution[];

	before(async () => {
		const accounts = CHANNELS.map((channel, i) => ({
			channel,
			discord: `made-up-discord-token-${i}`,
			maxJobs: SLOTS,
		}));
		n8n = await startQueueN8n({ accounts });
		const { sandbox, rest, workers } = n8n;
		const killedPrompt = `execution ${KILLED.execution} item ${KILLED.item} `;
		sandbox.addFault({
			on: { endpoint: 'encrypt_image', match: { prompt: killedPrompt } },
			do: { delay: 600_000 },
		});
		const ids: string[] = [];
		for (const { channel, items } of all) {
			const { path, trigger } = webhookStart();
			const parameters = { completion: 'callback', options: { channel, maxJobs: SLOTS } };
			ids.push(await startPublished(n8n, pikaWorkflow(n8n, { items, trigger, parameters }), path));
		}
		await sandbox.waitFor(() =>
			sandbox.jobs.some(({ prompt }) => prompt?.startsWith(killedPrompt)),
		);
		const id = ids[KILLED.execution] ?? '';
		const tasks = await Promise.all(workers.map(async (worker) => await worker.lastTaskOf(id)));
		const busy = workers[tasks.indexOf(Math.max(...tasks))];
		assert.ok(busy && Math.max(...tasks) > 0, 'no worker has said that it runs the execution');
		await busy.kill();
		const killedAt = Date.now();
		await busy.startAgain();
		const death = { from: killedAt - AROUND, until: Date.now() + AROUND };

		// n8n marks it as crashed when the worker is back, and as failed when the queue misses the worker's sign of life.
		const failed = rest.waitForExecution(id, { until: ['error'], withinSeconds: 150 });
		await failed.catch(() => undefined);
		executions = await untilOver(n8n, ids, death);
		const reset = await busy.resetExecutions();
		lost = executions.filter((execution) => isLost(execution) || isUnsure(execution, reset));
	});
	after(async () => {
		await n8n.stop();
	});

	it('Every execution runs on the workers.', async () => {
		for (const { id } of executions) {
			const tasks = await Promise.all(n8n.workers.map((worker) => worker.lastTaskOf(id)));
			assert.ok(Math.max(...tasks) > 0, `no worker took execution ${id}`);
		}
	});

	it('The execution of the killed worker is lost, which n8n says, and the others succeed.', () => {
		const killed = executions[KILLED.execution];
		assert.ok(killed && lost.includes(killed), `it is ${killed?.status ?? 'unknown'}`);
		const others = executions.filter((execution) => !lost.includes(execution));
		const unsuccessful = others.filter(({ status }) => status !== 'success');
		const errors = unsuccessful.map(({ id, status, error }) => ({ id, status, error }));
		assert.deepEqual(errors, []);
	});

	it('No item has a second job.', () => {
		const { jobs } = n8n.sandbox;
		assert.equal(new Set(jobs.map(({ prompt }) => prompt)).size, jobs.length);
		assert.equal(new Set(jobs.map(({ replyRef }) => replyRef)).size, jobs.length);
	});

	it('Every execution that n8n has not lost has all its results, in order and paired.', () => {
		for (const [i, execution] of executions.entries()) {
			if (lost.includes(execution)) continue;
			const results = resultsOf(execution).map(({ jobid, ...rest }) => {
				assert.ok(jobid);
				return rest;
			});
			const expected = all[i]?.items.map(({ prompt, payload }, item) => ({
				item,
				prompt,
				status: 'completed',
				size: PNG_SIGNATURE_BYTES + payload,
			}));
			assert.deepEqual(results, expected, `execution ${i}`);
		}
	});

	it('Every job belongs to an item that has it, or to an execution that n8n has lost.', () => {
		const whole = executions.filter((execution) => !lost.includes(execution));
		const results = whole.flatMap((execution) => resultsOf(execution).map(({ jobid }) => jobid));
		const references = lost.map(({ id }) => `n8n-${id}-`);
		for (const { jobid, replyRef = '' } of n8n.sandbox.jobs) {
			const isOfLost = references.some((reference) => replyRef.startsWith(reference));
			assert.ok(isOfLost || results.includes(jobid), `${jobid} ${replyRef}`);
		}
	});

	it('The jobs of a lost execution that still run are found by their reply references, with their videos.', async () => {
		const { sandbox, rest } = n8n;
		const jobsBefore = sandbox.jobs.length;
		for (const { id } of lost) {
			const reference = `n8n-${id}-`;
			const running = sandbox.jobs.filter(
				({ replyRef, status }) => replyRef?.startsWith(reference) && status !== 'completed',
			);
			const { path, trigger } = webhookStart();
			const nodes = [
				trigger,
				pikaNode({ resource: 'job', operation: 'getMany', readEach: true }, {}, 'Running'),
				node('Of That Execution', 'n8n-nodes-base.filter', 2.2, {
					conditions: {
						combinator: 'and',
						options: { caseSensitive: true, typeValidation: 'strict', version: 2 },
						conditions: [
							{
								leftValue: "={{ $json.replyRef ?? '' }}",
								rightValue: reference,
								operator: { type: 'string', operation: 'startsWith' },
							},
						],
					},
				}),
				pikaNode(
					{
						resource: 'job',
						operation: 'get',
						jobid: { __rl: true, mode: 'id', value: '={{ $json.jobid }}' },
						completion: 'poll',
						download: true,
					},
					{},
					'Get',
				),
				endNode('Done'),
			];
			const got = () => sandbox.requests.filter(({ query }) => query.jobid).length;
			// Counted before it starts, because a busy machine answers the start late.
			const before = got();
			const execution = await startPublished(n8n, workflow(chain(...nodes), n8n), path);
			if (running.length > 0) await sandbox.waitFor(() => got() >= before + 2 * running.length);
			for (const { jobid } of running) sandbox.finishJob(jobid);
			const ended = await rest.waitForExecution(execution, { withinSeconds: 300 });
			assert.equal(ended.error, undefined);
			const found = resultsOf(ended, 'Get').map(({ prompt, status }) => ({ prompt, status }));
			const expected = running.map(({ prompt }) => ({ prompt, status: 'completed' }));
			assert.deepEqual(found, expected);
			assert.ok(resultsOf(ended, 'Get').length === outputOf(ended, 'Get').filter(hasVideo).length);
		}
		assert.equal(sandbox.jobs.length, jobsBefore, 'a lost execution has gone on');
	});
});

function hasVideo({ binary }: Item): boolean {
	return binary?.video?.mimeType === 'video/mp4';
}

/** What n8n makes of an execution whose worker has died: it never runs it again. */
function isLost({ status, error = '' }: Execution): boolean {
	return status === 'crashed' || error.includes('failed to be processed too many times');
}

/** Whether the node cannot know what it submitted, because n8n has reset the execution to an earlier wait. */
function isUnsure({ id, error = '' }: Execution, reset: readonly string[]): boolean {
	return reset.includes(id) && error.includes('may have been submitted');
}

/** The time in which the worker's death can make a callback lost, in milliseconds since 1970. */
interface Death {
	from: number;
	until: number;
}

/**
 * Waits until all are over and no worker has anything left to do: a worker that comes back marks executions as crashed
 * that others still run, and those then go on all the same.
 */
async function untilOver(
	n8n: QueueN8n,
	ids: readonly string[],
	death: Death,
): Promise<Execution[]> {
	const repeated = new Set<RecordedCallback>();
	const deadline = Date.now() + 400_000;
	for (;;) {
		// The workers first, because the end of what they run changes the executions.
		const idle = await Promise.all(n8n.workers.map(async (worker) => await worker.isIdle()));
		const executions = await Promise.all(
			ids.map(async (id) => await n8n.rest.waitForExecution(id, { until: ANY_STATUS })),
		);
		const open = executions.filter(({ status }) => !OVER.includes(status));
		if (open.length === 0 && idle.every(Boolean)) return executions;
		const states = open.map(({ id, status }) => `${id} ${status}`).join(', ');
		if (Date.now() > deadline) throw new Error(`Not over after 400 seconds: ${states}`);
		for (const { id, status: state } of open) {
			const lost = state === 'waiting' && lostCallback(n8n, id, death);
			if (!lost || repeated.has(lost)) continue;
			repeated.add(lost);
			const status = await postJson(lost.url, lost.body);
			assert.equal(status, 200, 'n8n refused the repeated callback');
		}
		await pause(500);
	}
}

/**
 * The last callback of an execution that waits for no other, if it came around the death of the worker. It can be lost then:
 * the worker looks some seconds later for a callback that n8n refused while it saved the wait, and a worker that comes
 * back resets executions (docs/n8n-internals.md, "Crashed executions"). The next callback continues the execution.
 */
function lostCallback(
	{ sandbox }: QueueN8n,
	executionId: string,
	{ from, until }: Death,
): RecordedCallback | undefined {
	const isOurs = ({ replyRef }: { replyRef?: string }) =>
		replyRef?.startsWith(`n8n-${executionId}-`) === true;
	if (sandbox.jobs.some((job) => isOurs(job) && job.status !== 'completed')) return undefined;
	const last = sandbox.callbacks.filter(({ body }) => isOurs(body)).at(-1);
	const isLost = last && last.startedAt > from && last.startedAt < until;
	return isLost && Date.now() > last.startedAt + NOTICED_AFTER ? last : undefined;
}
