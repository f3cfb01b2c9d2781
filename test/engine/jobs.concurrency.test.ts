import type { IDataObject } from 'n8n-workflow';

import { channelFullBody, discordLimitBody } from '../../sandbox/contract.cts';
import { SANDBOX_ACCOUNT, type Fault, type Sandbox } from '../../sandbox/sandbox.cts';
import { useFreshSandbox } from './freshSandbox.cts';
import { useFastClock } from './fastClock.cts';
import { useBinaryMode } from './harness/binary-store.cts';
import { type RunningWorkflow, type WorkflowRun, startWorkflow } from './harness/run.cts';
import { lists, mostAtOnce, noteArrivals, reads, submissions } from './observed.cts';
import { type CreateWorkflow, createWorkflow, emptyItems } from './pika.cts';

/** Simultaneous work: nothing may delay anything else, and the API must not get too many requests at a time. */

const SECOND = 1000;
const MINUTE = 60 * SECOND;
const AT_ONCE = 10;

const MANY_SLOTS = { ...SANDBOX_ACCOUNT, maxJobs: 1000 };
const SECOND_ACCOUNT = { channel: '1100000000000000022', discord: 'another-token', maxJobs: 1000 };

/** Longer than any test: the response never comes. */
const HANGS: Fault['do'] = { delay: 10 * MINUTE };

let sandbox: Sandbox;
const { pauses } = useFastClock();

useFreshSandbox({ jobSeconds: Infinity, accounts: [MANY_SLOTS, SECOND_ACCOUNT] }, (started) => {
	sandbox = started;
});

type Options = Omit<CreateWorkflow, 'items' | 'sandbox'>;

async function start(items: IDataObject[], options: Options = {}): Promise<RunningWorkflow> {
	return await startWorkflow(createWorkflow({ ...options, items, sandbox }));
}

async function run(items: IDataObject[], options?: Options): Promise<WorkflowRun> {
	return await (
		await start(items, options)
	).result;
}

function hang(prompt: string): void {
	sandbox.addFault({ on: { method: 'POST', match: { prompt }, times: 100 }, do: HANGS });
}

async function jobOf(prompt: string): Promise<string> {
	const job = await sandbox.waitFor(() => sandbox.jobs.find((each) => each.prompt === prompt));
	return job.jobid;
}

describe('a submission that hangs', () => {
	it.each(['poll', 'callback'])(
		'A submission that hangs does not delay the result of another item’s job, by %s',
		async (completion) => {
			const arrivals = noteArrivals(sandbox);
			hang('prompt 0');
			const { result, cancel } = await start(emptyItems(3), { parameters: { completion } });
			const jobid = await jobOf('prompt 2');
			sandbox.finishJob(jobid);
			const read = await sandbox.waitFor(() => reads(sandbox, jobid)[0]);
			expect(arrivals.of(read)).toBeLessThanOrEqual(30 * SECOND);
			cancel();
			await result;
		},
	);

	it('A submission that hangs does not keep the next item from a slot that became free', async () => {
		const arrivals = noteArrivals(sandbox);
		hang('prompt 0');
		const parameters = { options: { maxJobs: 2 } };
		const { result, cancel } = await start(emptyItems(3), { parameters });
		sandbox.finishJob(await jobOf('prompt 1'));
		await jobOf('prompt 2');
		expect(arrivals.of(submissions(sandbox).at(-1)!)).toBeLessThanOrEqual(30 * SECOND);
		cancel();
		await result;
	});

	it.each([1, 2, 5])(
		'A submission that hangs does not extend the wait limit of another item, %i min',
		async (limit) => {
			const arrivals = noteArrivals(sandbox);
			hang('prompt 0');
			const items = [{ limit: 30 }, { limit }, { limit: 30 }];
			const parameters = { waitLimit: '={{ $json.limit }}' };
			const { result, cancel } = await start(items, { parameters });
			const jobid = await jobOf('prompt 1');
			// What an item ends with at its limit is what this read shows.
			const last = await sandbox.waitFor(() => reads(sandbox, jobid)[0]);
			expect(arrivals.of(last)).toBeGreaterThanOrEqual(limit * MINUTE);
			expect(arrivals.of(last)).toBeLessThanOrEqual((limit + 0.5) * MINUTE);
			cancel();
			await result;
		},
	);

	it('A submission that hangs does not delay items of another channel, even if ten of them hang', async () => {
		for (let i = 0; i < 12; i++) hang(`hangs ${i}`);
		const hanging = Array.from({ length: 12 }, (_, i) => ({
			prompt: `hangs ${i}`,
			channel: MANY_SLOTS.channel,
		}));
		const others = emptyItems(3).map(() => ({ channel: SECOND_ACCOUNT.channel }));
		const options = { channel: '={{ $json.channel }}' };
		const { result, cancel } = await start([...hanging, ...others], { parameters: { options } });
		for (const i of [12, 13, 14]) sandbox.finishJob(await jobOf(`prompt ${i}`));
		await sandbox.waitFor(() => reads(sandbox).length === 3);
		cancel();
		await result;
	});
});

describe('simultaneous requests', () => {
	useBinaryMode('filesystem');

	async function aHundredJobs(): Promise<IDataObject[]> {
		const parameters = { completion: 'off' };
		const { output } = await run(emptyItems(100), { parameters });
		const jobs = output('Pika').map(({ json }) => ({ id: json.jobid }));
		for (const { jobid } of sandbox.jobs) sandbox.finishJob(jobid);
		return jobs;
	}

	it('Job: Get for a hundred jobs makes at most ten reads and ten downloads at a time', async () => {
		const jobs = await aHundredJobs();
		for (const path of ['/v1/pika/jobs/', '/attachments/*']) {
			sandbox.addFault({ on: { path, times: 100 }, do: { delay: 15 } });
		}
		const parameters = {
			resource: 'job',
			operation: 'get',
			jobid: '={{ $json.id }}',
			download: true,
		};
		const { output, error } = await run(jobs, { parameters });
		expect(error).toBeUndefined();
		expect(output('Pika').map(({ json, binary }) => [json.jobid, binary?.video?.mimeType])).toEqual(
			jobs.map(({ id }) => [id, 'video/mp4']),
		);
		const videos = sandbox.requests.filter(({ path }) => path.startsWith('/attachments/'));
		for (const requests of [reads(sandbox), videos]) {
			expect(requests).toHaveLength(100);
			expect(mostAtOnce(requests)).toBeLessThanOrEqual(AT_ONCE);
			expect(mostAtOnce(requests)).toBeGreaterThan(1);
		}
	});

	it('The node makes at most ten submissions at a time for one channel', async () => {
		sandbox.addFault({ on: { method: 'POST', times: 60 }, do: { delay: 50 } });
		await run(emptyItems(60), { parameters: { completion: 'off' } });
		expect(submissions(sandbox)).toHaveLength(60);
		expect(mostAtOnce(submissions(sandbox))).toBeLessThanOrEqual(AT_ONCE);
		expect(mostAtOnce(submissions(sandbox))).toBeGreaterThan(1);
	});

	it.each<[string, Fault['do']]>([
		['reset', { resetAfterAccepting: true }],
		['a bad gateway', { answerAfterAccepting: { status: 502, body: '<h1>Bad gateway</h1>' } }],
		['an empty answer', { answerAfterAccepting: { status: 200 } }],
	])(
		'Each poll requests one list, and each job once, if 50 submissions end in %s',
		async (_, lost) => {
			sandbox.addFault({ on: { method: 'POST', times: 50 }, do: lost });
			const parameters = { completion: 'off' };
			const { output, error } = await run(emptyItems(50), { parameters });
			expect(error).toBeUndefined();
			expect(output('Pika').map(({ json }) => json.prompt)).toEqual(
				emptyItems(50).map((_item, i) => `prompt ${i}`),
			);
			expect(submissions(sandbox)).toHaveLength(50);
			expect(reads(sandbox)).toHaveLength(50);
			expect(lists(sandbox).length).toBeLessThanOrEqual(15);
			expect(mostAtOnce([...reads(sandbox), ...lists(sandbox)])).toBeLessThanOrEqual(AT_ONCE);
		},
	);
});

describe('pauses that the API requests', () => {
	const DAYS = 24 * 60 * MINUTE;
	const THIRTY_DAYS = (30 * DAYS) / SECOND;
	const HOUR = 60 * MINUTE;

	function refuseOnce(body: object, headers: Record<string, string> = {}): void {
		sandbox.addFault({ on: { method: 'POST' }, do: { answer: { status: 429, body, headers } } });
	}

	it.each<[string, object, Record<string, string>]>([
		['30 days by Discord', discordLimitBody(THIRTY_DAYS), {}],
		['ten years by a date', { error: 'Later', code: 429 }, { 'retry-after': inTenYears() }],
	])(
		'A requested pause of %s is limited to an hour, without a busy loop',
		async (_what, body, headers) => {
			const arrivals = noteArrivals(sandbox);
			refuseOnce(body, headers);
			const parameters = { completion: 'off', options: { retryFor: 24 * 60 } };
			const { error } = await run(emptyItems(3), { parameters });
			expect(error).toBeUndefined();
			expect(pauses.length).toBeLessThan(20);
			const [, ...later] = submissions(sandbox);
			const last = arrivals.of(later.at(-1)!);
			expect(last).toBeGreaterThanOrEqual(HOUR);
			expect(last).toBeLessThanOrEqual(HOUR + MINUTE);
		},
	);

	it('A requested pause beyond Keep Retrying For ends the item when that is over', async () => {
		sandbox.addFault({
			on: { method: 'POST', times: 9 },
			do: { answer: { status: 429, body: discordLimitBody(THIRTY_DAYS) } },
		});
		const { error } = await run([{}], { parameters: { completion: 'off' } });
		expect(error?.message).toMatch(/^The Pika API answered 429: /);
		expect(submissions(sandbox)).toHaveLength(1);
	});

	function inTenYears(): string {
		return new Date(Date.now() + 3650 * DAYS).toUTCString();
	}
});

describe('items with different numbers of allowed jobs', () => {
	it.each<[string, number[], number[]]>([
		['one with 1 before those with 3', [1, 1, 3, 3, 3], [0, 2, 3]],
		['several with 1', [1, 1, 1, 4, 4], [0, 3, 4]],
		['one with 2', [2, 2, 2, 3, 3], [0, 1, 3]],
	])(
		'Items that allow different numbers of jobs do not block each other, %s',
		async (_what, maxJobs, atOnce) => {
			const items = maxJobs.map((most) => ({ most }));
			const parameters = { options: { maxJobs: '={{ $json.most }}' } };
			const { result, cancel } = await start(items, { parameters });
			await sandbox.waitFor(() => sandbox.jobs.length === atOnce.length);
			await sandbox.waitFor(() => lists(sandbox).length >= 2);
			const prompts = sandbox.jobs.map(({ prompt }) => prompt).sort();
			expect(prompts).toEqual(atOnce.map((i) => `prompt ${i}`));
			cancel();
			await result;
		},
	);
});

describe('Keep Retrying For of 0', () => {
	const noRetries = { retryFor: 0 };

	function full(times: number, nth = 1): void {
		const body = channelFullBody(1, ['another user’s']);
		sandbox.addFault({ on: { method: 'POST', nth, times }, do: { answer: { status: 429, body } } });
	}

	it('Keep Retrying For of 0 ends every item with the first 429 of a channel without jobs of this run', async () => {
		full(9);
		const { output } = await run(emptyItems(3), {
			parameters: { options: { ...noRetries, maxJobs: 1 } },
			node: { onError: 'continueRegularOutput' },
		});
		for (const { json } of output('Pika')) expect(json.error).toMatch(/answered 429/);
		expect(submissions(sandbox)).toHaveLength(1);
	});

	it.each([
		['a single slot', 1, 4],
		['two slots', 2, 6],
		['three slots', 3, 7],
	])(
		'Keep Retrying For of 0 lets all items use the slots of this run’s own jobs, with %s',
		async (_, slots, count) => {
			sandbox.changeSettings({ jobSeconds: 0.03 });
			full(count - slots, slots + 1);
			const parameters = { options: { ...noRetries, maxJobs: 10 } };
			const { output, error } = await run(emptyItems(count), { parameters });
			expect(error).toBeUndefined();
			expect(output('Pika').map(({ json }) => json.status)).toEqual(Array(count).fill('completed'));
			expect(sandbox.jobs).toHaveLength(count);
		},
	);
});
