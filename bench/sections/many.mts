import { setTimeout as wait } from 'node:timers/promises';
import fc from 'fast-check';
import {
	chain,
	endNode,
	itemNodes,
	manualTrigger,
	ofItem,
	pikaNode,
	workflow,
} from '../../e2e/fixture/workflows.mts';
import type { Execution } from '../../scripts/execution.mts';
import type { Workflow } from '../../scripts/workflow-file.mts';
import { type Measurement, withRatioAtLeast, withRatioAtMost } from '../report/measurement.cts';
import { idealSeconds } from '../report/schedule.cts';
import type { Bench } from '../measure/bench.mts';
import { credentialsFor, type MeasuredN8n, startMeasuredN8n } from '../measure/n8n.mts';
import { startSandbox } from '../../sandbox/sandbox.cts';
import { batchedHttpLoop } from './http-loop.mts';

type Way = 'poll' | 'http';
type Mix = 'equal' | 'mixed';

interface Load {
	mix: Mix;
	jobs: number;
	accounts: number;
}

interface Run {
	seconds: number;
	idealSeconds: number;
	calls: number;
}

const NAMES = { poll: 'Pika, polling', http: 'HTTP Request + Wait' };
/** What useapi.net gives one account. */
const SLOTS = 10;
const SEED = 17;
/** The shortest pause that useapi.net documents, so this loop could not be faster. */
const LOOP_WAIT_SECONDS = 10;
const WITHIN_SECONDS = 600;
/** Between two starts, so that the runs do not read in step. */
const STAGGER_MILLISECONDS = 700;
const MS_PER_SECOND = 1000;
/** Seldom, because n8n sends the whole execution each time, and notes itself when it ended. */
const LOOK_MILLISECONDS = 10_000;
const CHANNEL = 1_200_000_000_000_000_000n;

const scaleOf = (isQuick: boolean) =>
	isQuick
		? { jobs: 12, many: 30, equal: 5, mixed: [4, 8], repetitions: 1 }
		: { jobs: 40, many: 60, equal: 60, mixed: [40, 80], repetitions: 3 };
type Scale = ReturnType<typeof scaleOf>;

/** How long the jobs of one run take, in the order of its items; mixed ones by chance, which the seed repeats. */
function durationsOf({ mix, jobs }: Load, { equal, mixed }: Scale, repetition: number): number[] {
	if (mix === 'equal') return Array.from({ length: jobs }, () => equal);
	const [min = 0, max = 0] = mixed;
	const tenths = fc.noBias(fc.integer({ min: min * 10, max: max * 10 }));
	const seed = SEED + repetition;
	return fc.sample(tenths, { seed, numRuns: jobs }).map((each) => each / 10);
}

function workflowOf(
	way: Way,
	durations: number[],
	slots: number,
	sandboxUrl: string,
	{ pika, bearer }: Awaited<ReturnType<typeof credentialsFor>>,
): Workflow {
	const prompts = durations.map((each) => ({ prompt: `side by side [seconds=${each}]` }));
	const [data, items] = itemNodes(prompts);
	const start = chain(manualTrigger, data, items);
	const own = { credential: pika };
	if (way === 'http') {
		const fields = { prompt: '={{ $json.prompt }}' };
		const loop = { sandboxUrl, bearer, fields, waitSeconds: LOOP_WAIT_SECONDS };
		return workflow([...start, ...batchedHttpLoop(loop, items, slots)], own);
	}
	const prompt = `={{ ${ofItem('prompt')} }}`;
	const pikaItself = pikaNode({ operation: 'create', prompt, completion: way });
	return workflow([...start, ...chain(items, pikaItself, endNode('Done'))], own);
}

/** From when the items are there until what follows goes on with all of them. */
function secondsOf({ runs, status, error = '' }: Execution): number {
	const items = runs.Items?.[0];
	const done = runs.Done?.at(-1);
	if (status !== 'success' || items?.startTime === undefined || done?.startTime === undefined) {
		throw new Error(`The execution did not get to its end: ${status} ${error}`);
	}
	return (done.startTime - items.startTime) / MS_PER_SECOND;
}

/** One execution on a sandbox of its own, so that every request is its own. */
async function runOnce(
	n8n: MeasuredN8n,
	way: Way,
	load: Load,
	{ scale, repetition }: { scale: Scale; repetition: number },
): Promise<Run> {
	const accounts = Array.from({ length: load.accounts }, (_, i) => {
		const channel = String(CHANNEL + BigInt(i));
		return { channel, discord: `made-up-discord-token-${i}`, maxJobs: SLOTS };
	});
	const sandbox = await startSandbox({ accounts });
	try {
		const slots = load.accounts * SLOTS;
		const durations = durationsOf(load, scale, repetition);
		const ideal = idealSeconds(durations, slots);
		const name = `Many ${way} ${load.mix} ${load.jobs} ${load.accounts} ${repetition}`;
		const credentials = await credentialsFor(n8n.rest, sandbox, name);
		const plain = workflowOf(way, durations, slots, sandbox.baseUrl, credentials);
		const id = await n8n.rest.run(await n8n.rest.saveWorkflow({ ...plain, name }), 'Start');
		await wait(ideal * MS_PER_SECOND);
		const execution = await n8n.rest.waitForExecution(id, {
			withinSeconds: WITHIN_SECONDS,
			everyMilliseconds: LOOK_MILLISECONDS,
		});
		const seconds = secondsOf(execution);
		return { seconds, idealSeconds: ideal, calls: sandbox.requests.length };
	} finally {
		await sandbox.stop();
	}
}

/** Many items on few slots, in every way, all at the same time. */
export async function measureMany(bench: Bench): Promise<Measurement[]> {
	const scale = scaleOf(bench.isQuick);
	const { jobs, many, repetitions } = scale;
	const n8n = await startMeasuredN8n({ ...bench, userFolder: await bench.newUserFolder() });
	try {
		let started = 0;
		const runAll = async (way: Way, load: Load) => {
			const runs = Array.from({ length: repetitions }, async (_, repetition) => {
				await wait(STAGGER_MILLISECONDS * started++);
				return await runOnce(n8n, way, load, { scale, repetition });
			});
			return await Promise.all(runs);
		};
		const equal: Load = { mix: 'equal', jobs, accounts: 1 };
		const mixed: Load = { mix: 'mixed', jobs, accounts: 1 };
		const one: Load = { mix: 'equal', jobs: many, accounts: 1 };
		const three: Load = { mix: 'equal', jobs: many, accounts: 3 };
		bench.report(`${repetitions} runs of each kind at the same time, seed ${SEED}`);
		const [equalPoll, equalHttp, mixedPoll, mixedHttp, onePoll, threePoll, threeHttp] =
			await Promise.all([
				runAll('poll', equal),
				runAll('http', equal),
				runAll('poll', mixed),
				runAll('http', mixed),
				runAll('poll', one),
				runAll('poll', three),
				runAll('http', three),
			]);
		const [least = 0, most = 0] = scale.mixed;
		const on = (slots: number) => `on ${slots} slots`;
		const equalTitle = `${jobs} jobs of ${scale.equal} s ${on(SLOTS)}`;
		const mixedTitle = `${jobs} jobs of ${least} to ${most} s (seed ${SEED}) ${on(SLOTS)}`;
		const threeTitle = `${many} jobs of ${scale.equal} s on three accounts`;
		return [
			...compared(equalTitle, equalPoll, equalHttp, 1.05),
			...compared(mixedTitle, mixedPoll, mixedHttp, 1.1),
			...compared(threeTitle, threePoll, threeHttp),
			withRatioAtLeast(
				{
					section: 'many',
					what: `${many} jobs of ${scale.equal} s, one account against three`,
					unit: 's',
					ours: { name: 'Pika, one account', values: onePoll.map(({ seconds }) => seconds) },
					theirs: { name: 'Pika, three', values: threePoll.map(({ seconds }) => seconds) },
				},
				2.7,
			),
		];
	} finally {
		await n8n.stop();
	}
}

function compared(title: string, poll: Run[], http: Run[], mostOfIdeal?: number): Measurement[] {
	const valuesOf = (runs: Run[], what: keyof Run) => runs.map((run) => run[what]);
	const time = {
		section: 'many',
		what: `${title}, until all are done`,
		unit: 's',
		ours: { name: NAMES.poll, values: valuesOf(poll, 'seconds') },
	} as const;
	const ideal = {
		...time,
		theirs: { name: 'ideal', values: valuesOf(poll, 'idealSeconds') },
	};
	const peer = { ...time, theirs: { name: NAMES.http, values: valuesOf(http, 'seconds') } };
	return [
		withRatioAtMost(peer, 1),
		mostOfIdeal === undefined ? ideal : withRatioAtMost(ideal, mostOfIdeal),
		withRatioAtMost(
			{
				section: 'many',
				what: `${title}, calls of the API`,
				unit: 'calls',
				ours: { name: NAMES.poll, values: valuesOf(poll, 'calls') },
				theirs: { name: NAMES.http, values: valuesOf(http, 'calls') },
			},
			0.5,
		),
	];
}
