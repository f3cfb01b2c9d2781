import { randomUUID } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { setTimeout as wait } from 'node:timers/promises';
import { chain, endNode, node, type Node, workflow } from '../../e2e/fixture/workflows.mts';
import { type Measurement, withRatioAtLeast } from '../report/measurement.cts';
import { byPlace } from '../report/places.cts';
import { inTurns } from '../report/statistics.cts';
import { type Bench, repeat, Values } from '../measure/bench.mts';
import { millisecondsByPlace } from '../report/cpu-profile.cts';
import { postAll } from '../measure/load.mts';
import { type MeasuredN8n, startMeasuredN8n } from '../measure/n8n.mts';
import type { Job } from '../measure/sandbox-process.mts';

type Receiver = 'webhook' | 'trigger' | 'confirming';

interface Published {
	workflowId: string;
	url: string;
}

const RECEIVERS: readonly Receiver[] = ['webhook', 'trigger', 'confirming'];
const NAMES = {
	webhook: "n8n's Webhook",
	trigger: 'Pika Trigger, unconfirmed',
	confirming: 'Pika Trigger, confirmed',
};
/** Of the Webhook node's callbacks a second. */
const LEAST_UNCONFIRMED = 0.8;
const CONNECTIONS = 10;
const REPETITIONS = 3;
const WITHIN_MILLISECONDS = 300_000;
/** Seldom, because each look takes n8n as long as a callback. */
const LOOK_MILLISECONDS = 2000;
/** Half of the channel's slots: a job that takes no time is still there for an instant after its answer. */
const SUBMITTED_AT_ONCE = 5;
/** Of the two numbers for time on the CPU in /proc/<pid>/stat, whose unit Linux fixes at 1/100 s. */
const TICK_MILLISECONDS = 10;

function receiverNode(receiver: Receiver, path: string): Node {
	if (receiver === 'webhook') {
		const parameters = { httpMethod: 'POST', path, responseMode: 'onReceived', options: {} };
		return node('Trigger', 'n8n-nodes-base.webhook', 2.1, parameters, { webhookId: path });
	}
	const parameters = { confirm: receiver === 'confirming', download: false };
	return node('Trigger', 'n8n-nodes-useapi-pika.pikaTrigger', 2, parameters, { webhookId: path });
}

async function publish(n8n: MeasuredN8n, receiver: Receiver): Promise<Published> {
	const path = randomUUID();
	const plain = workflow(chain(receiverNode(receiver, path), endNode('Done')), {
		credential: n8n.credential,
	});
	const name = `Callbacks ${receiver}`;
	const workflowId = await n8n.rest.saveWorkflow({ ...plain, name });
	await n8n.rest.activate(workflowId);
	const route = receiver === 'webhook' ? path : `${path}/pika`;
	// n8n answers an activation before the URL is there.
	await (await n8n.rest.callWebhook(route, { method: 'POST', body: '{}' })).arrayBuffer();
	return { workflowId, url: `${n8n.baseUrl}/webhook/${route}` };
}

/** Callbacks for jobs that have ended and that no trigger knows yet. */
async function newCallbacks({ sandbox }: Bench, count: number): Promise<string[]> {
	await sandbox.reset();
	let left = count;
	const lane = async () => {
		while (left > 0) {
			left -= 1;
			await sandbox.submit('side by side');
		}
	};
	await Promise.all(Array.from({ length: SUBMITTED_AT_ONCE }, lane));
	for (;;) {
		const jobs = await sandbox.jobs();
		if (jobs.every(({ status }) => status === 'completed')) return jobs.map(textOf);
		await wait(100);
	}
}

const textOf = (job: Job) => JSON.stringify(job);

async function cpuMilliseconds({ processId }: MeasuredN8n): Promise<number> {
	const stat = await readFile(`/proc/${processId}/stat`, 'latin1');
	const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
	return (Number(fields[11]) + Number(fields[12])) * TICK_MILLISECONDS;
}

async function untilIdle({ rest }: MeasuredN8n, { workflowId }: Published): Promise<void> {
	const deadline = Date.now() + WITHIN_MILLISECONDS;
	while ((await rest.countExecutions(workflowId, ['new', 'running'])) > 0) {
		if (Date.now() > deadline) throw new Error('The executions do not end.');
		await wait(LOOK_MILLISECONDS);
	}
}

/** Until the last execution has ended, according to n8n, and not only until the last answer. */
async function receiveAll(
	n8n: MeasuredN8n,
	published: Published,
	bodies: readonly string[],
): Promise<{ perSecond: number; cpuMilliseconds: number }> {
	await n8n.inspector.heapAfterGarbageCollection();
	const cpuBefore = await cpuMilliseconds(n8n);
	const begun = Date.now();
	await postAll({ url: published.url, bodies, connections: CONNECTIONS });
	await untilIdle(n8n, published);
	const seconds = ((await n8n.rest.lastStop(published.workflowId)) - begun) / 1000;
	const cpu = (await cpuMilliseconds(n8n)) - cpuBefore;
	return { perSecond: bodies.length / seconds, cpuMilliseconds: cpu / bodies.length };
}

interface Setup {
	/** For the titles of the measurements. */
	title: string;
	env: Record<string, string>;
	isProfiled: boolean;
}

/** For each callback, n8n prepares V8 isolates for expressions, more for Pika Trigger than for its own Webhook node. With this setting, it prepares them only where an expression needs one. */
const SETUPS: readonly Setup[] = [
	{ title: '', env: {}, isProfiled: true },
	{
		title: ', N8N_EXPRESSION_ENGINE_LAZY_ACQUIRE=true',
		env: { N8N_EXPRESSION_ENGINE_LAZY_ACQUIRE: 'true' },
		isProfiled: false,
	},
];

/** How many callbacks a second start a workflow, and what one costs. */
export async function measureCallbacks(bench: Bench): Promise<Measurement[]> {
	const measured: Measurement[] = [];
	const userFolder = await bench.newUserFolder();
	for (const setup of SETUPS) measured.push(...(await measureSetup(bench, userFolder, setup)));
	return measured;
}

async function measureSetup(
	bench: Bench,
	userFolder: string,
	{ title, env, isProfiled }: Setup,
): Promise<Measurement[]> {
	const count = bench.isQuick ? 30 : 200;
	const values = new Values();
	const n8n = await startMeasuredN8n({ ...bench, userFolder, env });
	try {
		const published = new Map<Receiver, Published>();
		for (const receiver of RECEIVERS) published.set(receiver, await publish(n8n, receiver));
		const receive = async (receiver: Receiver, size: number) => {
			const one = published.get(receiver);
			if (!one) throw new Error(`${receiver} was not published.`);
			bench.report(`${size} callbacks, ${NAMES[receiver]}${title}`);
			return await receiveAll(n8n, one, await newCallbacks(bench, size));
		};
		for (const receiver of RECEIVERS) await receive(receiver, Math.ceil(count / 5));
		await repeat(bench.isQuick ? 1 : REPETITIONS, async (repetition) => {
			for (const receiver of inTurns(RECEIVERS, repetition)) {
				const { perSecond, cpuMilliseconds: cpu } = await receive(receiver, count);
				values.add(`rate ${receiver}`, perSecond);
				values.add(`cpu ${receiver}`, cpu);
			}
		});
		const profiles = isProfiled ? await profileAll(bench, n8n, published, count) : [];
		return [...results(values, title), ...profiles];
	} finally {
		await n8n.stop();
	}
}

function results(values: Values, setupTitle: string): Measurement[] {
	const compared = (
		what: string,
		title: string,
		unit: Measurement['unit'],
		receiver: Receiver,
	): Measurement => ({
		section: 'callbacks',
		what: title + setupTitle,
		unit,
		ours: { name: NAMES[receiver], values: values.of(`${what} ${receiver}`) },
		theirs: { name: NAMES.webhook, values: values.of(`${what} webhook`) },
	});
	const rateOf = (receiver: Receiver) =>
		compared('rate', 'Callbacks a second', 'per second', receiver);
	const cpuOf = (receiver: Receiver) => compared('cpu', 'CPU for one callback', 'ms', receiver);
	return [
		withRatioAtLeast(rateOf('trigger'), LEAST_UNCONFIRMED),
		rateOf('confirming'),
		cpuOf('trigger'),
		cpuOf('confirming'),
	];
}

/** Where the CPU's time goes, by package: what the trigger takes against what the Webhook node takes. */
async function profileAll(
	{ report, ...bench }: Bench,
	n8n: MeasuredN8n,
	published: ReadonlyMap<Receiver, Published>,
	count: number,
): Promise<Measurement[]> {
	const byReceiver = new Map<Receiver, Map<string, number>>();
	for (const receiver of RECEIVERS) {
		const one = published.get(receiver);
		if (!one) throw new Error(`${receiver} was not published.`);
		const bodies = await newCallbacks({ ...bench, report }, count);
		report(`profile of ${NAMES[receiver]}`);
		const profile = await n8n.inspector.profile(async () => {
			await postAll({ url: one.url, bodies, connections: CONNECTIONS });
			await untilIdle(n8n, one);
		});
		byReceiver.set(receiver, millisecondsByPlace(profile, count));
	}
	const profiled = (receiver: Receiver) => ({
		name: NAMES[receiver],
		milliseconds: byReceiver.get(receiver) ?? new Map<string, number>(),
	});
	return (['trigger', 'confirming'] as const).flatMap((receiver) =>
		byPlace('callbacks profile', 'CPU for one callback', profiled(receiver), profiled('webhook')),
	);
}
