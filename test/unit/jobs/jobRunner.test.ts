import type { JobOutcome } from '../../../nodes/Pika/api/client';
import type { SubmitOutcome } from '../../../nodes/Pika/api/outcomes';
import type { JobItem } from '../../../nodes/Pika/jobs/jobItem';
import { type Completion, JobRunner } from '../../../nodes/Pika/jobs/jobRunner';
import type { PendingSubmission } from '../../../nodes/Pika/jobs/submit';
import {
	accepted,
	busy,
	type FakeRun,
	fakeRun,
	inTurn,
	notSent,
	refused,
	unknown,
	wanted,
} from './fakeClient';

const MINUTE = 60_000;
const EXECUTION = 'execution-1';
const RULES = {
	waitLimitMilliseconds: 30 * MINUTE,
	outputBinaryField: 'video',
	cancelOnStop: false,
};

function itemOf(item: number, changes: Partial<PendingSubmission> = {}): JobItem {
	const job = wanted(item, changes);
	return {
		item,
		replyRef: job.replyRef,
		pending: job,
		...RULES,
	};
}

function known(item: number, jobid: string, changes: Partial<JobItem> = {}): JobItem {
	return { item, jobid, ...RULES, ...changes };
}

function itemsOf(count: number, changes: Partial<PendingSubmission> = {}): JobItem[] {
	return Array.from({ length: count }, (_, item) => itemOf(item, changes));
}

function jobsRun({ tools }: FakeRun, items: JobItem[], completion: Completion = 'off'): JobRunner {
	const finish = async ({ job }: JobItem): Promise<JobItem['result']> =>
		job ? { kind: 'job', job } : undefined;
	return new JobRunner(items, completion, finish, tools, EXECUTION);
}

async function runAll(run: FakeRun, items: JobItem[], completion: Completion = 'off') {
	return await run.clock.run(jobsRun(run, items, completion).run());
}

function endsOf(items: JobItem[]): Array<string | undefined> {
	return items.map(({ result }) => (result?.kind === 'job' ? result.job.jobid : result?.kind));
}

function submissions({ requests }: FakeRun): string[] {
	return requests.filter((request) => request.startsWith('submit'));
}

const jobOf = ({ fields }: { fields: Record<string, string> }): SubmitOutcome =>
	accepted(`job of ${fields.replyRef ?? ''}`);

const isRunning = (jobid: string, status = 'started'): JobOutcome => ({
	kind: 'found',
	job: { jobid, status },
});

describe('many items', () => {
	it('are never more in flight than maxJobs, and keep their order', async () => {
		let inFlight = 0;
		let most = 0;
		const run = fakeRun({
			submit: async (submission, clock) => {
				most = Math.max(most, ++inFlight);
				await clock.latency(1000 * (1 + ((submission.fields.replyRef?.length ?? 0) % 3)));
				inFlight--;
				return jobOf(submission);
			},
		});
		const items = itemsOf(50, { maxJobs: 3 });
		expect(await runAll(run, items)).toEqual({ kind: 'finished' });
		expect(most).toBe(3);
		expect(endsOf(items)).toEqual(items.map(({ item }) => `job of ref-${item}`));
		expect(submissions(run)).toEqual(items.map(({ item }) => `submit ref-${item}`));
	});

	it('fail alone', async () => {
		const outcomes = [accepted('a'), refused, notSent, unknown, accepted('b')];
		const run = fakeRun({
			submit: ({ fields }) => outcomes[Number(fields.replyRef?.slice(4))] ?? refused,
		});
		const items = itemsOf(5);
		await runAll(run, items);
		expect(endsOf(items)).toEqual(['a', 'failure', 'failure', 'failure', 'b']);
		expect(submissions(run)).toHaveLength(7);
	});

	it('use the slots of each channel by themselves', async () => {
		const inFlight: Record<string, number> = { one: 0, two: 0 };
		const most: Record<string, number> = { one: 0, two: 0 };
		const run = fakeRun({
			submit: async (submission, clock) => {
				const channel = submission.fields.channel ?? '';
				inFlight[channel] = (inFlight[channel] ?? 0) + 1;
				most[channel] = Math.max(most[channel] ?? 0, inFlight[channel] ?? 0);
				await clock.latency(1000);
				inFlight[channel] = (inFlight[channel] ?? 0) - 1;
				return jobOf(submission);
			},
		});
		const items = Array.from({ length: 12 }, (_, item) => {
			const channel = item % 2 === 0 ? 'one' : 'two';
			const plain = wanted(item);
			const fields = { ...plain.submission.fields, channel };
			return itemOf(item, {
				channel,
				maxJobs: channel === 'one' ? 1 : 3,
				submission: { ...plain.submission, fields },
			});
		});
		await runAll(run, items);
		expect(most).toEqual({ one: 1, two: 3 });
	});
});

describe('a busy channel', () => {
	it('is asked again after 10 seconds', async () => {
		const run = fakeRun({ submit: inTurn(busy(), busy(), accepted('a')) });
		const items = itemsOf(1);
		await runAll(run, items);
		expect(run.clock.pauses).toEqual([10_000, 10_000]);
		expect(endsOf(items)).toEqual(['a']);
	});

	it('is asked again after up to 30 seconds, by chance', async () => {
		const run = fakeRun({ submit: inTurn(busy(), accepted('a')) });
		run.clock.chance = 0.999;
		await runAll(run, itemsOf(1));
		expect(run.clock.pauses[0]).toBeGreaterThan(29_000);
		expect(run.clock.pauses[0]).toBeLessThan(30_000);
	});

	it.each<[string, number, number]>([
		['retry_after where that is longer', 45, 45_000],
		['10 seconds where retry_after is shorter', 3, 10_000],
	])('is asked again after %s', async (_, seconds, pause) => {
		const run = fakeRun({ submit: inTurn(busy(seconds), accepted('a')) });
		await runAll(run, itemsOf(1));
		expect(run.clock.pauses).toEqual([pause]);
	});

	it('is asked until retryFor is over, and the item then fails with the words of the API', async () => {
		const run = fakeRun({ submit: () => busy() });
		const items = itemsOf(1, { retryForMilliseconds: MINUTE });
		await runAll(run, items);
		expect(run.clock.pauses).toEqual(Array(6).fill(10_000));
		expect(items[0]?.result).toMatchObject({
			kind: 'failure',
			failure: { httpStatus: 429, message: expect.stringContaining('Maximum of 10 jobs') },
		});
		expect(run.saved(0)?.outcome).toBe('unsent');
	});

	it.each<[string, number]>([
		['longer than retryFor', 3600],
		['a billion', 1e9],
		['endless', Infinity],
	])('is not waited for past retryFor where retry_after is %s', async (_, seconds) => {
		const run = fakeRun({ submit: () => busy(seconds) });
		const items = itemsOf(1, { retryForMilliseconds: 15 * MINUTE });
		await runAll(run, items);
		expect(run.clock.pauses).toEqual([15 * MINUTE]);
		expect(endsOf(items)).toEqual(['failure']);
	});

	it.each<[string, number]>([
		['zero', 0],
		['negative', -5],
		['no number', NaN],
	])('is not asked again where retryFor is %s', async (_, retryForMilliseconds) => {
		const run = fakeRun({ submit: () => busy() });
		const items = itemsOf(1, { retryForMilliseconds });
		await runAll(run, items);
		expect(submissions(run)).toHaveLength(1);
		expect(endsOf(items)).toEqual(['failure']);
	});

	it('is asked by one item only', async () => {
		const run = fakeRun({ submit: () => busy() });
		const items = itemsOf(5, { retryForMilliseconds: MINUTE });
		await runAll(run, items);
		expect(submissions(run).length).toBeLessThanOrEqual(5 + 6);
		expect(new Set(submissions(run).slice(5))).toEqual(new Set(['submit ref-0']));
		expect(endsOf(items)).toEqual(Array(5).fill('failure'));
	});

	it('is waited for anew after each acceptance', async () => {
		const accepting = [13, 26];
		let tries = 0;
		const run = fakeRun({
			submit: (submission) => (accepting.includes(++tries) ? jobOf(submission) : busy()),
		});
		const items = itemsOf(3, { retryForMilliseconds: 3 * MINUTE });
		const start = run.clock.now();
		await runAll(run, items);
		expect(endsOf(items).filter((end) => end === 'failure')).toHaveLength(1);
		expect(run.clock.now() - start).toBeGreaterThan(2 * 3 * MINUTE - 2 * MINUTE);
	});

	it('leaves each item its own patience', async () => {
		const run = fakeRun({ submit: () => busy() });
		const patience = [5 * MINUTE, 1 * MINUTE, 0];
		const items = patience.map((retryForMilliseconds, item) =>
			itemOf(item, { retryForMilliseconds }),
		);
		const over: number[] = [];
		const start = run.clock.now();
		const { pause } = run.clock;
		run.clock.pause = async (milliseconds, signal) => {
			items.forEach(({ result }, item) => {
				if (result) over[item] ??= run.clock.now() - start;
			});
			await pause(milliseconds, signal);
		};
		await runAll(run, items);
		expect(over.slice(1)).toEqual([MINUTE, 0]);
		expect(run.clock.now() - start).toBe(5 * MINUTE);
	});

	it('is left at least 10 seconds in peace whatever patience the items have', async () => {
		const times: number[] = [];
		const run: FakeRun = fakeRun({
			submit: (_, clock) => {
				times.push(clock.now());
				return busy();
			},
		});
		const patience = [0, MINUTE, 2 * MINUTE];
		const items = patience.map((retryForMilliseconds, item) =>
			itemOf(item, { retryForMilliseconds }),
		);
		await runAll(run, items);
		const later = times.filter((time) => time > (times[0] ?? 0));
		expect(
			later.filter((time, index) => time - (later[index - 1] ?? times[0] ?? 0) < 10_000),
		).toEqual([]);
	});

	it('is no longer waited for once the execution is stopped', async () => {
		const stop = new AbortController();
		const run = fakeRun({
			signal: stop.signal,
			submit: async (_, clock) => {
				void clock.latency(25_000).then(() => stop.abort());
				return busy();
			},
		});
		const items = itemsOf(3, { maxJobs: 1 });
		expect(await runAll(run, items)).toEqual({ kind: 'stopped' });
		expect(submissions(run)).toHaveLength(3);
	});
});

describe('saved states', () => {
	it('are adopted: a known job is read and not submitted', async () => {
		const run = fakeRun({ getJob: (jobid) => isRunning(jobid, 'completed') });
		const items = [known(0, 'a'), known(1, 'b')];
		await runAll(run, items);
		expect(run.requests).toEqual(['get a', 'get b']);
		expect(endsOf(items)).toEqual(['a', 'b']);
	});

	it('are adopted: an unknown outcome is looked up and not submitted', async () => {
		const run = fakeRun({
			getRunning: () => ({ kind: 'found', jobids: ['a'] }),
			getJob: (jobid) => ({ kind: 'found', job: { jobid, status: 'started', replyRef: 'ref-0' } }),
		});
		run.tools.states.set(0, { outcome: 'unknown', replyRef: 'ref-0', isUniqueReplyRef: true });
		const items = itemsOf(1);
		await runAll(run, items);
		expect(run.requests).toEqual(['list', 'get a']);
		expect(endsOf(items)).toEqual(['a']);
	});

	it('are never submitted again where the unknown job is not found', async () => {
		const run = fakeRun({ submit: jobOf });
		run.tools.states.set(0, { outcome: 'unknown', replyRef: 'ref-0', isUniqueReplyRef: true });
		const items = itemsOf(2);
		await runAll(run, items);
		expect(submissions(run)).toEqual(['submit ref-1']);
		expect(items[0]?.result).toMatchObject({
			failure: { message: expect.stringContaining('may have been submitted') },
		});
	});

	it('let an item that surely was not sent be submitted', async () => {
		const run = fakeRun({ submit: jobOf });
		run.tools.states.set(0, { outcome: 'unsent', replyRef: 'ref-0', isUniqueReplyRef: true });
		await runAll(run, itemsOf(1));
		expect(submissions(run)).toEqual(['submit ref-0']);
	});

	it('fail where the API does not know the job, and leave the others alone', async () => {
		const run = fakeRun({ submit: jobOf });
		const items = [known(0, 'gone'), itemOf(1)];
		await runAll(run, items);
		expect(endsOf(items)).toEqual(['failure', 'job of ref-1']);
	});

	it('give up on a known job that cannot be read in three tries, instead of waiting for its end', async () => {
		const down: JobOutcome = { kind: 'unreachable', reason: 'HTTP 503' };
		const run = fakeRun({
			getJob: inTurn(down, down, down, isRunning('a')),
			getRunning: () => ({ kind: 'found', jobids: ['a'] }),
		});
		const items = [known(0, 'a')];
		await runAll(run, items);
		expect(endsOf(items)).toEqual(['failure']);
	});
});

describe('a channel whose last waiting item has given up', () => {
	it('does not make the run ask for the other jobs without a pause', async () => {
		let lists = 0;
		const run = fakeRun({
			submit: (submission) => (submission.fields.replyRef === 'ref-1' ? busy() : jobOf(submission)),
			getRunning: () => ({ kind: 'found', jobids: (lists += 1) < 6 ? ['job of ref-0'] : [] }),
			getJob: (jobid) => isRunning(jobid, 'completed'),
		});
		const items = [itemOf(0), itemOf(1, { retryForMilliseconds: 0 })];
		expect(await runAll(run, items, 'poll')).toEqual({ kind: 'finished' });
		expect(endsOf(items)).toEqual(['job of ref-0', 'failure']);
		expect(Math.min(...run.clock.pauses)).toBeGreaterThanOrEqual(10_000);
	});
});

describe('a state that is older than what has happened', () => {
	it('makes no second job for an item that may have been submitted, and adopts its own one', async () => {
		const run = fakeRun({
			submit: jobOf,
			getRunning: () => ({ kind: 'found', jobids: ['a', 'newer', 'stranger'] }),
			getJob: (jobid) => ({
				kind: 'found',
				job: { jobid, status: 'started', replyRef: jobid === 'newer' ? 'ref-1' : jobid },
			}),
		});
		const open = { callbackTo: EXECUTION, job: { jobid: 'a', status: 'started' } };
		const items = [known(0, 'a', open), itemOf(1, { callbackTo: EXECUTION })];
		run.tools.states.set(1, { outcome: 'unknown', replyRef: 'ref-1', isUniqueReplyRef: true });
		const end = await run.clock.run(jobsRun(run, items, 'callback').afterCallback());
		expect(end.kind).toBe('suspended');
		expect(items[1]?.jobid).toBe('newer');
		expect(submissions(run)).toEqual([]);
	});
});

describe("a user's reply reference that repeats", () => {
	const sameRef = { replyRef: 'order', isUniqueReplyRef: false };
	const job = (jobid: string): JobOutcome => ({
		kind: 'found',
		job: { jobid, status: 'started', replyRef: 'order', prompt: 'waves' },
	});

	it('gives one job to one item only', async () => {
		const run = fakeRun({
			submit: () => unknown,
			getRunning: () => ({ kind: 'found', jobids: ['a', 'b'] }),
			getJob: job,
		});
		const items = itemsOf(3, sameRef);
		await runAll(run, items);
		expect(endsOf(items).sort()).toEqual(['a', 'b', 'failure']);
	});

	it('does not give a job whose own answer is still on its way to another item', async () => {
		let tries = 0;
		const run = fakeRun({
			submit: async (_, clock) => {
				if (++tries > 1) return unknown;
				await clock.latency(5000);
				return accepted('a');
			},
			getRunning: () => ({ kind: 'found', jobids: ['a'] }),
			getJob: job,
		});
		const items = itemsOf(2, sameRef);
		await runAll(run, items);
		expect(endsOf(items)).toEqual(['a', 'failure']);
	});
});

describe('polling', () => {
	it('reads only the jobs that have left the list', async () => {
		const lists = inTurn(['job of ref-0', 'job of ref-1'], ['job of ref-1'], []);
		const run = fakeRun({
			submit: jobOf,
			getRunning: () => ({ kind: 'found', jobids: lists() }),
			getJob: (jobid) => isRunning(jobid, 'completed'),
		});
		const items = itemsOf(2);
		expect(await runAll(run, items, 'poll')).toEqual({ kind: 'finished' });
		expect(run.clock.pauses).toEqual([10_000, 10_000, 10_000]);
		expect(run.requests.slice(2)).toEqual([
			'list',
			'list',
			'get job of ref-0',
			'list',
			'get job of ref-1',
		]);
		expect(items.map(({ job }) => job?.status)).toEqual(['completed', 'completed']);
	});

	it('keeps a slot until its job ends', async () => {
		const ended = new Set<string>();
		const run: FakeRun = fakeRun({
			submit: jobOf,
			getRunning: () => {
				const open = items.flatMap(({ jobid }) => (jobid && !ended.has(jobid) ? [jobid] : []));
				most = Math.max(most, open.length);
				const [first] = open;
				if (first) ended.add(first);
				return { kind: 'found', jobids: open.slice(1) };
			},
			getJob: (jobid) => isRunning(jobid, 'completed'),
		});
		let most = 0;
		const items = itemsOf(6, { maxJobs: 2 });
		await runAll(run, items, 'poll');
		expect(most).toBe(2);
		expect(endsOf(items)).toEqual(items.map(({ item }) => `job of ref-${item}`));
	});

	it('looks again within 15 seconds while an item waits for a slot, and within 30 after that', async () => {
		const lists = inTurn(['job of ref-0'], [], ['job of ref-1'], []);
		const run = fakeRun({
			submit: jobOf,
			getRunning: () => ({ kind: 'found', jobids: lists() }),
			getJob: (jobid) => isRunning(jobid, 'completed'),
		});
		run.clock.chance = 0.5;
		const items = itemsOf(2, { maxJobs: 1 });
		await runAll(run, items, 'poll');
		expect(endsOf(items)).toEqual(['job of ref-0', 'job of ref-1']);
		expect(run.clock.pauses).toEqual([12_500, 12_500, 20_000, 20_000]);
	});

	it('gives up at the wait limit, with the last status', async () => {
		const run = fakeRun({
			submit: jobOf,
			getRunning: () => ({ kind: 'found', jobids: ['job of ref-0'] }),
			getJob: (jobid) => isRunning(jobid, 'progress'),
		});
		const items = [{ ...itemOf(0), waitLimitMilliseconds: 25_000 }];
		await runAll(run, items, 'poll');
		expect(run.clock.pauses).toEqual([10_000, 10_000, 5_000]);
		expect(items[0]?.result).toMatchObject({ failure: { timedOut: true, status: 'progress' } });
	});

	it('takes a job that ended at the last moment', async () => {
		const run = fakeRun({
			submit: jobOf,
			getRunning: () => ({ kind: 'found', jobids: ['job of ref-0'] }),
			getJob: (jobid) => isRunning(jobid, 'completed'),
		});
		const items = [{ ...itemOf(0), waitLimitMilliseconds: 10_000 }];
		await runAll(run, items, 'poll');
		expect(endsOf(items)).toEqual(['job of ref-0']);
	});

	it('goes on while the API does not answer', async () => {
		const lists = inTurn<'down' | 'up'>('down', 'down', 'down', 'up');
		const run = fakeRun({
			submit: jobOf,
			getRunning: () =>
				lists() === 'up'
					? { kind: 'found', jobids: [] }
					: { kind: 'unreachable', reason: 'HTTP 503' },
			getJob: (jobid) => isRunning(jobid, 'completed'),
		});
		const items = itemsOf(1);
		await runAll(run, items, 'poll');
		expect(endsOf(items)).toEqual(['job of ref-0']);
	});

	it('ends when the execution is stopped', async () => {
		const stop = new AbortController();
		const run = fakeRun({
			signal: stop.signal,
			submit: (submission, clock) => {
				void clock.latency(500).then(() => stop.abort());
				return jobOf(submission);
			},
		});
		const start = run.clock.now();
		expect(await runAll(run, itemsOf(1), 'poll')).toEqual({ kind: 'stopped' });
		expect(run.clock.now() - start).toBe(500);
	});
});

describe('callbacks', () => {
	const callback = { callbackTo: EXECUTION };

	it('suspend the run until the last wait limit while jobs run', async () => {
		const run = fakeRun({
			submit: jobOf,
			getRunning: () => ({ kind: 'found', jobids: ['job of ref-0', 'job of ref-1'] }),
		});
		const items = itemsOf(2, callback);
		const start = run.clock.now();
		expect(await runAll(run, items, 'callback')).toEqual({
			kind: 'suspended',
			until: start + 30 * MINUTE,
		});
		expect(run.clock.pauses).toEqual([]);
	});

	it('do not suspend it for jobs that have ended already', async () => {
		const run = fakeRun({
			submit: ({ fields }) => accepted(fields.replyRef ?? '', { status: 'moderated' }),
		});
		const items = itemsOf(2, callback);
		expect(await runAll(run, items, 'callback')).toEqual({ kind: 'finished' });
	});

	it('are not waited for by jobs that call another execution: those are polled', async () => {
		const run = fakeRun({
			getJob: inTurn(isRunning('a'), isRunning('a', 'completed')),
			getRunning: () => ({ kind: 'found', jobids: [] }),
		});
		const items = [known(0, 'a', { callbackTo: 'another execution' })];
		expect(await runAll(run, items, 'callback')).toEqual({ kind: 'finished' });
		expect(run.clock.pauses).toEqual([10_000]);
	});

	it('bring it back to submit the next', async () => {
		const running = new Set<string>();
		const run = fakeRun({
			submit: (submission) => {
				const outcome = jobOf(submission);
				if (outcome.kind === 'accepted') running.add(outcome.job.jobid);
				return outcome;
			},
			getRunning: () => ({ kind: 'found', jobids: [...running] }),
			getJob: (jobid) => isRunning(jobid, running.has(jobid) ? 'started' : 'completed'),
		});
		const items = itemsOf(2, { ...callback, maxJobs: 1 });
		expect(await runAll(run, items, 'callback')).toMatchObject({ kind: 'suspended' });
		expect(submissions(run)).toEqual(['submit ref-0']);
		running.clear();
		const after = jobsRun(run, items, 'callback');
		expect(await run.clock.run(after.afterCallback())).toMatchObject({ kind: 'suspended' });
		expect(submissions(run)).toEqual(['submit ref-0', 'submit ref-1']);
		running.clear();
		expect(await run.clock.run(jobsRun(run, items, 'callback').afterCallback())).toEqual({
			kind: 'finished',
		});
		expect(endsOf(items)).toEqual(['job of ref-0', 'job of ref-1']);
	});

	it('that never come end the run at the wait limit instead of suspending it again', async () => {
		const run = fakeRun({
			getRunning: () => ({ kind: 'found', jobids: ['a'] }),
			getJob: (jobid) => isRunning(jobid),
		});
		const items = [known(0, 'a', { ...callback, deadline: run.clock.now() })];
		expect(await runAll(run, items, 'callback')).toEqual({ kind: 'finished' });
		expect(items[0]?.result).toMatchObject({ failure: { timedOut: true } });
	});

	it('of a job that the API no longer knows end the run', async () => {
		const run = fakeRun({ submit: jobOf });
		const items = itemsOf(1, callback);
		expect(await runAll(run, items, 'callback')).toEqual({ kind: 'finished' });
		expect(endsOf(items)).toEqual(['failure']);
	});
});
