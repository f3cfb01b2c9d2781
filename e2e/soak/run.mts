import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { interruption } from '../../scripts/interruption.mts';
import { withProgress } from '../../scripts/with-progress.mts';
import { provideInstallation } from '../fixture/installation.mts';
import { type RealN8n, startRealN8n } from '../fixture/real-n8n.mts';
import { disturb } from './disturbance.mts';
import { Load } from './load.mts';
import { megabytes, memoryEnvironment, readMemory } from './memory.mts';
import { ACCOUNTS } from './plan.mts';
import { makeReport, type Report } from './report.mts';
import { textOf } from './report-text.mts';

const HELP = `Usage: npm run e2e:soak [-- --minutes 10] [--seed N] [--at-once 24] [--json FILE]

Starts a real n8n with the packed package and a sandbox, keeps mixed work with random faults going for that long, lets
everything end, and holds the jobs that the API has against what the executions say. It fails where an item has two
jobs, where a job or an item is lost, where an execution does not end, and where n8n's memory is not flat.

The seed decides what is asked for and which faults come; it is printed. PIKA_E2E_KEEP=1 keeps what n8n wrote.`;

const PROGRESS_EVERY_MS = 30_000;
/** Before it, the first waits have not ended and n8n's caches are not full. */
const WARM_UP_SHARE = 0.3;
/** Longer than any item can take: slots, 429s, a search for its job, its wait limit, and n8n's minute. */
const DRAIN_WITHIN_MS = 900_000;
/** For callbacks that are under way, and for a measurement of the idle n8n. */
const AFTERGLOW_MS = 20_000;
/** Of a downloaded video. */
const VIDEO_BYTES = 1024 ** 2;

interface Wishes {
	minutes: number;
	seed: number;
	atOnce: number;
	jsonFile: string | undefined;
}

function numberOf(option: string, text: string): number {
	const number = Number(text);
	if (number > 0 && Number.isFinite(number)) return number;
	throw new Error(`--${option} must be a number above 0`);
}

function wishesFromArguments(): Wishes | 'help' {
	const { values } = parseArgs({
		options: {
			minutes: { type: 'string', default: '10' },
			seed: { type: 'string', default: String(1 + (Date.now() % 1_000_000)) },
			'at-once': { type: 'string', default: '24' },
			json: { type: 'string' },
			help: { type: 'boolean', default: false },
		},
	});
	if (values.help) return 'help';
	return {
		minutes: numberOf('minutes', values.minutes),
		seed: numberOf('seed', values.seed),
		atOnce: numberOf('at-once', values['at-once']),
		jsonFile: values.json,
	};
}

/** Not AbortSignal.timeout: Node 20 can lose one that only AbortSignal.any refers to. */
function firesWithin(milliseconds: number, interrupted: AbortSignal): AbortSignal {
	const controller = new AbortController();
	const fire = () => {
		clearTimeout(timer);
		controller.abort();
	};
	const timer = setTimeout(fire, milliseconds);
	if (interrupted.aborted) fire();
	interrupted.addEventListener('abort', fire, { once: true });
	return controller.signal;
}

/** Prints the progress every half minute. */
function showProgress(n8n: RealN8n, load: Load, memoryFile: string): () => void {
	const startedAt = Date.now();
	const show = async () => {
		const memory = await readMemory(memoryFile, n8n.processId);
		const seconds = Math.round((Date.now() - startedAt) / 1000);
		console.log(
			`${String(seconds).padStart(5)} s  ${load.executions.length} executions, ${load.openCount} of them open, ${n8n.sandbox.jobs.length} jobs, ${megabytes(memory.at(-1)?.rss ?? NaN)} MB`,
		);
	};
	const timer = setInterval(() => void show(), PROGRESS_EVERY_MS);
	return () => {
		clearInterval(timer);
	};
}

async function soak(wishes: Wishes, memoryFile: string, interrupted: AbortSignal): Promise<Report> {
	const { minutes, seed, atOnce } = wishes;
	const n8n = await startRealN8n({
		// Debug logs of hours fill a disk; executions are read when they end, and need not be kept.
		env: {
			...memoryEnvironment(memoryFile),
			N8N_LOG_LEVEL: 'info',
			EXECUTIONS_DATA_MAX_AGE: '1',
		},
		sandbox: { accounts: ACCOUNTS, videoBytes: VIDEO_BYTES },
	});
	try {
		const load = await Load.prepare(n8n, seed);
		const stopShowing = showProgress(n8n, load, memoryFile);
		const begin = Date.now();
		const over = firesWithin(minutes * 60_000, interrupted);
		const disturbing = new AbortController();
		const disturbance = disturb(n8n.sandbox, seed, disturbing.signal);
		await load.during(() => load.keepGoing(atOnce, over));
		const end = Date.now();
		disturbing.abort();
		await disturbance;
		console.log('No new work from here on; what was begun is let end …');
		const drained = firesWithin(DRAIN_WITHIN_MS, interrupted);
		await load.during(() => load.drain(drained));
		stopShowing();
		await wait(AFTERGLOW_MS);
		await load.during(() => load.readAnnouncements());
		const memory = await readMemory(memoryFile, n8n.processId);
		const course = { begin, steadyFrom: begin + WARM_UP_SHARE * (end - begin), end };
		return makeReport({ seed, minutes: (end - begin) / 60_000 }, load, n8n.sandbox, memory, course);
	} finally {
		await n8n.stop();
	}
}

async function main(): Promise<number> {
	const wishes = wishesFromArguments();
	if (wishes === 'help') {
		console.log(HELP);
		return 0;
	}
	const signal = await interruption();
	await withProgress('Provide n8n (several minutes the first time)', (onLine) =>
		provideInstallation({ onLine, signal }),
	);
	console.log(`Packing the package and starting n8n; seed ${wishes.seed} …`);
	const folder = await mkdtemp(join(tmpdir(), 'pika-soak-'));
	try {
		const report = await soak(wishes, join(folder, 'memory.jsonl'), signal);
		console.log(`\n${textOf(report)}`);
		if (wishes.jsonFile) await writeFile(wishes.jsonFile, JSON.stringify(report, null, '\t'));
		return report.checks.every(({ faults }) => faults.length === 0) ? 0 : 1;
	} finally {
		await rm(folder, { recursive: true, force: true });
	}
}

process.exitCode = await main();
