import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import {
	chain,
	endNode,
	type Link,
	node,
	type Node,
	pikaNode,
	workflow,
} from '../../e2e/fixture/workflows.mts';
import { type Measurement, withRatioAtMost } from '../report/measurement.cts';
import { inTurns, median } from '../report/statistics.cts';
import { type Bench, repeat, Values } from '../measure/bench.mts';
import { type MeasuredN8n, startMeasuredN8n } from '../measure/n8n.mts';
import { httpCallback } from './http-loop.mts';

type Way = 'callback' | 'httpCallback';

interface Published {
	workflowId: string;
	path: string;
}

const WAYS: readonly Way[] = ['callback', 'httpCallback'];
const NAMES = {
	callback: 'Pika, by callback',
	httpCallback: 'HTTP Request + Wait, by callback',
};
/** Long enough that no job ends by itself. */
const JOB_SECONDS = 1e7;
const STARTED_AT_ONCE = 10;
const WITHIN_MILLISECONDS = 300_000;
/** A node that waits looks once more after five seconds, and n8n frees what has ended after that. */
const SETTLE_MILLISECONDS = 8000;
/** These are called back one by one, so that none waits for another. */
const ONE_BY_ONE = 10;
const REPETITIONS = 3;
/** Executions before those that are measured. */
const WARMING = 10;
const KILOBYTE = 1000;
const WAITING_EXECUTIONS = join(import.meta.dirname, '../measure/waiting-executions.mts');
/** n8n itself keeps the data of an execution that waits. The package may add no more than this ratio leaves. */
const KEPT_AT_MOST = 1.1;
/** On one channel. */
const SLOTS = 10;
const CHANNEL = 1_300_000_000_000_000_000n;
/** Whose saved data are looked at. */
const LOOKED_AT = 5;

function waitingNodes(way: Way, { sandbox }: Bench, { bearer }: MeasuredN8n) {
	const prompt = 'side by side';
	if (way === 'httpCallback') {
		const http = { sandboxUrl: sandbox.baseUrl, bearer, fields: { prompt } };
		const { submit, resumed } = httpCallback(http);
		return { first: submit, last: resumed, links: chain(submit, resumed) };
	}
	const pika = pikaNode({ operation: 'create', prompt, completion: way });
	return { first: pika, last: pika, links: [] };
}

/** A workflow that a webhook starts, that waits for one job, and that calls the gate when it goes on. */
async function publish(way: Way, bench: Bench, n8n: MeasuredN8n): Promise<Published> {
	const path = randomUUID();
	const hook = { httpMethod: 'POST', path, responseMode: 'onReceived', options: {} };
	const start: Node = node('Start', 'n8n-nodes-base.webhook', 2, hook, { webhookId: path });
	const { first, last, links } = waitingNodes(way, bench, n8n);
	const url = `=${bench.gate.url}/resumed?jobid={{ $json.jobid ?? $json.body.jobid }}`;
	const resumed = node('Resumed', 'n8n-nodes-base.httpRequest', 4.5, { url, options: {} });
	const all: Link[] = [
		[start, first],
		...links,
		[last, resumed],
		...chain(resumed, endNode('End')),
	];
	const plain = workflow(all, { credential: n8n.credential });
	const workflowId = await n8n.rest.saveWorkflow({ ...plain, name: `Waiting ${way}` });
	await n8n.rest.activate(workflowId);
	return { workflowId, path };
}

/** Polls every half second until the condition holds. */
async function until(what: string, isSo: () => Promise<boolean>): Promise<void> {
	const deadline = Date.now() + WITHIN_MILLISECONDS;
	while (!(await isSo())) {
		if (Date.now() > deadline) throw new Error(`Too late: ${what}`);
		await wait(500);
	}
}

interface Round {
	way: Way;
	published: Published;
	count: number;
	values: Values;
}

async function startAll(
	{ sandbox }: Bench,
	{ rest }: MeasuredN8n,
	{ published: { workflowId, path }, count }: Round,
): Promise<void> {
	let left = count;
	const lane = async () => {
		while (left > 0) {
			left -= 1;
			await (await rest.callWebhook(path, { method: 'POST', body: '' })).arrayBuffer();
		}
	};
	const before = await rest.countExecutions(workflowId, ['waiting']);
	await Promise.all(Array.from({ length: STARTED_AT_ONCE }, lane));
	await until('all jobs submitted', async () => (await sandbox.jobs()).length === count);
	await until(
		'all executions waiting',
		async () => (await rest.countExecutions(workflowId, ['waiting'])) === before + count,
	);
	await wait(SETTLE_MILLISECONDS);
}

/** Ends some jobs; from the end of each to its execution going on. A callback leaves the sandbox at once. */
async function resumeSome(bench: Bench): Promise<number[]> {
	const { gate, sandbox } = bench;
	const resumedAt = new Map<string, number>();
	gate.onRequest = async (url, at) => {
		await Promise.resolve();
		resumedAt.set(url.searchParams.get('jobid') ?? '', at);
	};
	const ids = (await sandbox.jobs()).map(({ jobid }) => jobid);
	const endedAt = new Map<string, number>();
	const end = async (jobid: string) => {
		endedAt.set(jobid, Date.now());
		await sandbox.finish(jobid);
	};
	const first = ids.slice(0, ONE_BY_ONE);
	for (const jobid of first) {
		await end(jobid);
		await until(`${jobid} resumed`, () => Promise.resolve(resumedAt.has(jobid)));
	}
	return first.map((jobid) => (resumedAt.get(jobid) ?? NaN) - (endedAt.get(jobid) ?? NaN));
}

async function measureRound(bench: Bench, n8n: MeasuredN8n, round: Round): Promise<void> {
	const { way, published, count, values } = round;
	const { rest, inspector } = n8n;
	const { workflowId } = published;
	await bench.sandbox.reset({ jobSeconds: JOB_SECONDS });
	for (let slots = 0; slots < count; slots += SLOTS) {
		await bench.sandbox.saveChannel(String(CHANNEL + BigInt(slots)), SLOTS);
	}
	bench.report(`${count} executions, ${NAMES[way]}`);
	await startAll(bench, n8n, round);
	const running = await rest.countExecutions(workflowId, ['running', 'new']);
	const beforehand = await inspector.heapAfterGarbageCollection();
	await inspector.call(WAITING_EXECUTIONS, 'forget', { program: bench.installation.program });
	const kept = beforehand - (await inspector.heapAfterGarbageCollection());
	const waiting = await rest.executionsOf(workflowId);
	const sizes = await Promise.all(
		waiting.slice(0, LOOKED_AT).map(async (id) => await rest.sizeOfExecution(id)),
	);
	const latencies = await resumeSome(bench);
	values.add(`running ${way}`, running);
	values.add(`kept ${way}`, Math.max(0, kept) / KILOBYTE / count);
	values.add(`saved ${way}`, median(sizes) / KILOBYTE);
	values.add(`latency ${way}`, median(latencies));
}

/** In an n8n of its own: what the executions of another way have left is freed late, and would count as less. */
async function measureWay(
	bench: Bench,
	userFolder: string,
	{ way, count, values }: Omit<Round, 'published'>,
): Promise<void> {
	const n8n = await startMeasuredN8n({ ...bench, userFolder });
	try {
		const published = await publish(way, bench, n8n);
		const round = { way, published };
		const warming = bench.isQuick ? 1 : WARMING;
		await measureRound(bench, n8n, { ...round, count: warming, values: new Values() });
		await measureRound(bench, n8n, { ...round, count, values });
	} finally {
		await n8n.stop();
	}
}

/** 100 executions that wait for a job: what they hold meanwhile, and how soon they go on. */
export async function measureWaiting(bench: Bench): Promise<Measurement[]> {
	const { isQuick } = bench;
	const count = isQuick ? 5 : 100;
	const values = new Values();
	const userFolder = await bench.newUserFolder();
	await repeat(isQuick ? 1 : REPETITIONS, async (repetition) => {
		for (const way of inTurns(WAYS, repetition)) {
			await measureWay(bench, userFolder, { way, count, values });
		}
	});
	return results(values, count);
}

function results(values: Values, count: number): Measurement[] {
	const of = (what: string, way: Way) => ({
		name: NAMES[way],
		values: values.of(`${what} ${way}`),
	});
	const compared = (what: string, title: string, unit: Measurement['unit']): Measurement => ({
		section: 'waiting',
		what: title,
		unit,
		ours: of(what, 'callback'),
		theirs: of(what, 'httpCallback'),
	});
	const slots = compared(
		'running',
		`Worker slots held by ${count} waiting executions`,
		'executions',
	);
	return [
		{ ...slots, target: { text: 'none', isMet: Math.max(...slots.ours.values) === 0 } },
		withRatioAtMost(
			compared('kept', `Memory kept for each of ${count} waiting executions`, 'kB'),
			KEPT_AT_MOST,
		),
		compared('saved', 'Data saved for a waiting execution', 'kB'),
		compared('latency', 'From the end of a job until the execution continues', 'ms'),
	];
}
