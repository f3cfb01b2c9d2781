import {
	chain,
	endNode,
	itemNodes,
	manualTrigger,
	pikaNode,
	workflow,
} from '../../e2e/fixture/workflows.mts';
import type { Execution } from '../../scripts/execution.mts';
import type { Workflow } from '../../scripts/workflow-file.mts';
import { type Measurement, withRatioAtMost } from '../report/measurement.cts';
import type { Bench } from '../measure/bench.mts';
import { type MeasuredN8n, startMeasuredN8n } from '../measure/n8n.mts';
import { batchedHttpLoop } from './http-loop.mts';

interface Scale {
	jobs: number;
	slots: number;
	seconds: number;
	repetitions: number;
}

type Way = 'poll' | 'http';

const WAYS: readonly Way[] = ['poll', 'http'];
const NAMES = { poll: 'Pika, polling', http: 'HTTP Request + Wait' };
const WITHIN_SECONDS = 600;
/** The shortest pause that useapi.net documents, so this loop could not be faster. */
const LOOP_WAIT_SECONDS = 10;

const CHANNEL = 1_200_000_000_000_000_000n;
const channelOf = (way: Way, repetition: number) =>
	String(CHANNEL + BigInt(WAYS.indexOf(way) * 100 + repetition));

function workflowOf(
	way: Way,
	channel: string,
	{ sandbox }: Bench,
	{ credential, bearer }: MeasuredN8n,
	{ jobs, slots, seconds }: Scale,
): Workflow {
	const prompt = `side by side [seconds=${seconds}]`;
	const [data, items] = itemNodes(Array.from({ length: jobs }, (_, i) => ({ i })));
	const start = chain(manualTrigger, data, items);
	const own = { credential };
	if (way === 'http') {
		const fields = { prompt, channel };
		const loop = { sandboxUrl: sandbox.baseUrl, bearer, fields, waitSeconds: LOOP_WAIT_SECONDS };
		return workflow([...start, ...batchedHttpLoop(loop, items, slots)], own);
	}
	const parameters = {
		operation: 'create',
		prompt,
		completion: way,
		options: { channel, maxJobs: slots },
	};
	return workflow([...start, ...chain(items, pikaNode(parameters), endNode('Done'))], own);
}

/** From when the items are there until what follows goes on with all of them. */
function secondsOf({ runs }: Execution): number {
	const items = runs.Items?.[0];
	const done = runs.Done?.at(-1);
	if (items?.startTime === undefined || done?.startTime === undefined) {
		throw new Error('The execution did not get to its end.');
	}
	return (done.startTime - items.startTime) / 1000;
}

/** 40 jobs of a minute on ten slots, in every way, all at the same time and each on a channel of its own. */
export async function measureMany(bench: Bench): Promise<Measurement[]> {
	const { sandbox, isQuick } = bench;
	const scale = isQuick
		? { jobs: 4, slots: 2, seconds: 5, repetitions: 1 }
		: { jobs: 40, slots: 10, seconds: 60, repetitions: 3 };
	const { jobs, slots, seconds, repetitions } = scale;
	await sandbox.reset();
	const n8n = await startMeasuredN8n({ ...bench, userFolder: await bench.newUserFolder() });
	try {
		const runAll = async (way: Way) => {
			const all = Array.from({ length: repetitions }, async (_, repetition) => {
				const channel = channelOf(way, repetition);
				await sandbox.saveChannel(channel, slots);
				const plain = workflowOf(way, channel, bench, n8n, scale);
				const named = { ...plain, name: `Many ${way} ${repetition}` };
				const execution = await n8n.rest.run(await n8n.rest.saveWorkflow(named), 'Start');
				const options = { withinSeconds: WITHIN_SECONDS };
				return secondsOf(await n8n.rest.waitForExecution(execution, options));
			});
			return { name: NAMES[way], values: await Promise.all(all) };
		};
		bench.report(`${jobs} jobs of ${seconds} s on ${slots} slots, ${repetitions} times each way`);
		const [poll, http] = await Promise.all(WAYS.map(runAll));
		if (!poll || !http) throw new Error('A way was left out.');
		const calls = await callsByWay(bench, repetitions);
		const idealSeconds = Math.ceil(jobs / slots) * seconds;
		const ideal = { name: 'ideal', values: poll.values.map(() => idealSeconds) };
		const what = `${jobs} jobs of ${seconds} s on ${slots} slots`;
		const shared = { section: 'many', unit: 's', what: `${what}, until all are done` } as const;
		return [
			withRatioAtMost({ ...shared, ours: poll, theirs: ideal }, 1.2),
			{ ...shared, ours: poll, theirs: http },
			{
				section: 'many',
				what: `${what}, calls of the API`,
				unit: 'calls',
				ours: { name: NAMES.poll, values: calls.poll },
				theirs: { name: NAMES.http, values: calls.http },
			},
		];
	} finally {
		await n8n.stop();
	}
}

/** How many requests each repetition made; the lists that all of polling asked for are shared out evenly. */
async function callsByWay({ sandbox }: Bench, repetitions: number) {
	const requests = (await sandbox.requests()).filter(({ path }) => !path.includes('/account'));
	const channels = new Map((await sandbox.jobs()).map(({ jobid, channel }) => [jobid, channel]));
	const lists = requests.filter(({ path }) => path === '/v1/pika/jobs').length;
	const of = (way: Way) =>
		Array.from({ length: repetitions }, (_, repetition) => {
			const channel = channelOf(way, repetition);
			const own = requests.filter(
				({ fields, query }) => (fields.channel ?? channels.get(query.jobid ?? '')) === channel,
			);
			return own.length + (way === 'poll' ? lists / repetitions : 0);
		});
	return { poll: of('poll'), http: of('http') };
}
