import { readFile, writeFile } from 'node:fs/promises';
import { type Profiler, Session } from 'node:inspector/promises';
import { join } from 'node:path';

import { SANDBOX_ACCOUNT, type Sandbox, startSandbox } from '../sandbox/sandbox.cts';
import { useFastClock } from '../test/engine/fastClock.cts';
import { resumeByWebhook } from '../test/engine/harness/resume-webhook.cts';
import { type WorkflowRun, runWorkflow } from '../test/engine/harness/run.cts';
import { pikaWorkflow } from '../test/engine/pika.cts';

/**
 * What many items cost, on n8n-core's engine against the sandbox, with a clock that runs a thousand times faster. Jest runs
 * this like a test, because the engine and the clock belong to the tests: npm run bench:scale.
 */

const OWN_CODE = '/nodes/Pika/';

/** n8n saves and loads executions with flatted. */
const SAVING = '/node_modules/flatted/';

/** How many waits pass between two measurements of what they save, which take time too. */
const MEASURED_WAITS = 5;
const SAMPLE_MICROSECONDS = 250;

/** In the node's time, a thousand times faster: a minute. */
const JOB_SECONDS = 0.06;

const sizes = (process.env.PIKA_SCALE_SIZES ?? '1000,5000').split(',').map(Number);
const slots = Number(process.env.PIKA_SCALE_SLOTS ?? 100);

type Way = 'poll' | 'callback';

const ways = (process.env.PIKA_SCALE_WAYS ?? 'poll,callback').split(',') as Way[];

/** Where to save a CPU profile of each measurement; by default nowhere. */
const profiles = process.env.PIKA_SCALE_PROFILES;

interface Row {
	items: number;
	way: Way;
	/** Seconds of CPU in the package's own code, in n8n's format of saved executions, and in all of this process, sandbox and measuring included. */
	own: number;
	saving: number;
	all: number;
	requests: Record<string, number>;
	waits: number;
	/** The most that the contexts of one wait took. */
	bytesPerItem: number;
}

let sandbox: Sandbox;
useFastClock();

beforeAll(async () => {
	const accounts = [{ ...SANDBOX_ACCOUNT, maxJobs: slots }];
	sandbox = await startSandbox({ jobSeconds: JOB_SECONDS, accounts });
});
afterAll(async () => {
	await sandbox.stop();
});

/** Which parts of the time that was not idle: samples measure time, of which other processes may have taken most. */
function sharesOf({ nodes, samples = [], timeDeltas = [] }: Profiler.Profile) {
	const frames = new Map(nodes.map(({ id, callFrame }) => [id, callFrame]));
	let own = 0;
	let saving = 0;
	let busy = 0;
	for (const [i, id] of samples.entries()) {
		const { functionName = '', url = '' } = frames.get(id) ?? {};
		const time = timeDeltas[i] ?? 0;
		if (functionName === '(idle)') continue;
		busy += time;
		if (url.includes(OWN_CODE)) own += time;
		if (url.includes(SAVING)) saving += time;
	}
	return { own: own / busy, saving: saving / busy };
}

/** The profiler sees only this thread: the garbage collector has others. The times of a process are in hundredths of a second. */
async function mainThreadSeconds(): Promise<number> {
	const stat = await readFile(`/proc/self/task/${process.pid}/stat`, 'utf8');
	const [user, system] = stat.slice(stat.lastIndexOf(')')).split(' ').slice(12, 14);
	return (Number(user) + Number(system)) / 100;
}

/** Seconds that `act` computed in the package's own code, in saving and loading executions, and in everything. */
async function profiled(
	name: string,
	act: () => Promise<void>,
): Promise<Pick<Row, 'own' | 'saving' | 'all'>> {
	const session = new Session();
	session.connect();
	await session.post('Profiler.enable');
	await session.post('Profiler.setSamplingInterval', { interval: SAMPLE_MICROSECONDS });
	await session.post('Profiler.start');
	const begun = process.cpuUsage();
	const mainBegun = await mainThreadSeconds();
	await act();
	const { user, system } = process.cpuUsage(begun);
	const { profile } = await session.post('Profiler.stop');
	session.disconnect();
	if (profiles) await writeFile(join(profiles, `${name}.cpuprofile`), JSON.stringify(profile));
	const all = (user + system) / 1e6;
	const { own, saving } = sharesOf(profile);
	const main = (await mainThreadSeconds()) - mainBegun;
	return { own: main * own, saving: main * saving, all };
}

/** All jobs that run end at the same time, and the first of them calls. */
async function nextCallback(run: WorkflowRun): Promise<WorkflowRun> {
	const running = sandbox.jobs.slice(-slots).filter(({ status }) => status === 'started');
	for (const { jobid } of running) sandbox.finishJob(jobid);
	const answer = await resumeByWebhook(run, { body: { jobid: running[0]?.jobid } });
	if (!answer.run) throw new Error('The callback did not bring the execution back');
	return answer.run;
}

async function measure(items: number, way: Way): Promise<Row> {
	sandbox.reset();
	sandbox.changeSettings({ jobSeconds: way === 'poll' ? JOB_SECONDS : Infinity });
	let waits = 0;
	let bytes = 0;
	const times = await profiled(`${items}-${way}`, async () => {
		let run = await runWorkflow(
			pikaWorkflow({
				sandbox,
				items: Array.from({ length: items }, (_, i) => ({ json: { prompt: `prompt ${i}` } })),
				parameters: {
					operation: 'create',
					completion: way,
					prompt: '={{ $json.prompt }}',
					waitLimit: 100_000,
				},
			}),
		);
		for (; run.status === 'waiting'; waits++) {
			if (waits % MEASURED_WAITS === 0)
				bytes = Math.max(bytes, JSON.stringify(run.contextData).length);
			run = await nextCallback(run);
		}
		expect(run.error).toBeUndefined();
		expect(run.output('Pika').map(({ json }) => json.prompt)).toEqual(
			Array.from({ length: items }, (_, i) => `prompt ${i}`),
		);
		expect(sandbox.jobs).toHaveLength(items);
	});
	const requests: Record<string, number> = {};
	for (const { method, path } of sandbox.requests) {
		const route = `${method} ${path}`;
		requests[route] = (requests[route] ?? 0) + 1;
	}
	return { items, way, ...times, requests, waits, bytesPerItem: bytes / items };
}

function tableOf(rows: Row[]): string {
	const routes = [...new Set(rows.flatMap(({ requests }) => Object.keys(requests)))].sort();
	const head = [
		'Items',
		'Way',
		'Own code',
		'Saving',
		'Whole process',
		'Waits',
		'Saved per item',
		...routes,
	];
	const lines = rows.map(({ items, way, own, saving, all, waits, bytesPerItem, requests }) => [
		String(items),
		way,
		`${own.toFixed(2)} s`,
		`${saving.toFixed(1)} s`,
		`${all.toFixed(1)} s`,
		String(waits),
		way === 'callback' ? `${Math.round(bytesPerItem)} bytes` : 'none',
		...routes.map((route) => String(requests[route] ?? 0)),
	]);
	const texts = [head, head.map(() => '---'), ...lines].map((cells) => `| ${cells.join(' | ')} |`);
	return texts.join('\n');
}

it(`measures ${sizes.join(' and ')} items on ${slots} slots`, async () => {
	// So that nothing is compiled while it is measured.
	for (const way of ways) await measure(100, way);
	const rows: Row[] = [];
	for (const items of sizes) {
		for (const way of ways) rows.push(await measure(items, way));
	}
	process.stdout.write(`\n${tableOf(rows)}\n\n`);
}, 1_800_000);
