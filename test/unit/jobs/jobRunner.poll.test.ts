import type { JobOutcome, RunningOutcome } from '../../../nodes/Pika/api/client';
import type { JobItem } from '../../../nodes/Pika/jobs/jobItem';
import {
	accepted,
	busy,
	fakeRun,
	found,
	inTurn,
	knownItem,
	MINUTE,
	pendingItem,
	pendingItems,
	refusal,
	running,
} from './fakeClient';
import { endsOf, jobOf, runAll } from './runAll';

const poll = { completion: 'poll' } as const;
const down = { kind: 'unreachable', reason: 'HTTP 503' } as const;
const hanging = async () => await new Promise<never>(() => undefined);

describe('JobRunner in polling mode', () => {
	it('JobRunner reads only the jobs that have left the list', async () => {
		const run = fakeRun({
			submit: jobOf,
			getRunning: inTurn(
				running('job of ref-0', 'job of ref-1'),
				running('job of ref-1', 'of a stranger'),
				running(),
			),
			getJob: (jobid) => found(jobid, 'completed'),
		});
		const items = pendingItems(2);
		expect(await runAll(run, items, poll)).toEqual({ kind: 'finished' });
		expect(run.requests.slice(2)).toEqual([
			'list',
			'list',
			'get job of ref-0',
			'list',
			'get job of ref-1',
		]);
		expect(items.map((item: JobItem) => item.job?.status)).toEqual(['completed', 'completed']);
	});

	it('JobRunner holds a slot until its job ends', async () => {
		const live: string[] = [];
		let most = 0;
		const run = fakeRun({
			submit: (submission) => {
				const jobid = `job of ${submission.fields.replyRef ?? ''}`;
				most = Math.max(most, live.push(jobid));
				return accepted(jobid);
			},
			getRunning: () => running(...live.splice(0, 1).slice(1), ...live),
			getJob: (jobid) => found(jobid, 'completed'),
		});
		const items = pendingItems(6, { fields: { maxJobs: '2' } });
		await runAll(run, items, poll);
		expect(most).toBe(2);
		expect(endsOf(items)).toEqual(items.map(({ item }) => `job of ref-${item}`));
	});

	it('JobRunner polls at most every 10 seconds, whether items wait for slots or not', async () => {
		const looks: number[] = [];
		const run = fakeRun({
			submit: jobOf,
			getRunning: (clock) => {
				looks.push(clock.now());
				return running(...(looks.length % 4 === 0 ? [] : ['job of ref-0', 'job of ref-1']));
			},
			getJob: (jobid) => found(jobid, 'completed'),
		});
		await runAll(run, pendingItems(2, { fields: { maxJobs: '1' } }), poll);
		const gaps = looks.slice(1).map((time, i) => time - (looks[i] ?? 0));
		expect(Math.min(...gaps)).toBeGreaterThanOrEqual(10_000);
		expect(Math.max(...gaps)).toBeLessThanOrEqual(30_000);
	});

	it('JobRunner pauses before the next poll when the last item that waited for a slot has given up', async () => {
		let lists = 0;
		const run = fakeRun({
			submit: (submission) => (submission.fields.replyRef === 'ref-1' ? busy() : jobOf(submission)),
			getRunning: () => running(...(++lists < 6 ? ['job of ref-0'] : [])),
			getJob: (jobid) => found(jobid, 'completed'),
		});
		const items = [pendingItem(0), pendingItem(1, { retryForMilliseconds: 0 })];
		const start = run.clock.now();
		expect(await runAll(run, items, poll)).toEqual({ kind: 'finished' });
		expect(endsOf(items)).toEqual(['job of ref-0', 'failure']);
		expect(run.clock.now() - start).toBeGreaterThanOrEqual(60_000);
	});

	it('JobRunner gives up at the wait limit, with the last status', async () => {
		const run = fakeRun({
			submit: jobOf,
			getRunning: () => running('job of ref-0'),
			getJob: (jobid) => found(jobid, 'progress'),
		});
		const items = [{ ...pendingItem(0), waitLimitMilliseconds: 25_000 }];
		const start = run.clock.now();
		await runAll(run, items, poll);
		expect(run.clock.now() - start).toBe(25_000);
		expect(items[0]).toMatchObject({ result: { failure: { timedOut: true, status: 'progress' } } });
	});

	it('JobRunner accepts a job that ended just before the wait limit', async () => {
		const run = fakeRun({
			submit: jobOf,
			getRunning: () => running('job of ref-0'),
			getJob: (jobid) => found(jobid, 'completed'),
		});
		const items = [{ ...pendingItem(0), waitLimitMilliseconds: 9000 }];
		await runAll(run, items, poll);
		expect(endsOf(items)).toEqual(['job of ref-0']);
	});

	it.each<[string, Partial<JobItem>, object]>([
		['completes a job that has ended', { jobid: 'ended' }, { kind: 'job' }],
		['gives up on a job that has not ended', { jobid: 'running' }, { failure: { timedOut: true } }],
	])('JobRunner %s if the wait limit was over before the run began', async (_, changes, result) => {
		const run = fakeRun({
			getRunning: () => running('running'),
			getJob: (jobid) => found(jobid, jobid === 'ended' ? 'completed' : 'started'),
		});
		const deadline = run.clock.now() - 60 * MINUTE;
		const items = [
			knownItem(0, '', { deadline, job: { jobid: '', status: 'started' }, ...changes }),
		];
		const start = run.clock.now();
		await runAll(run, items, poll);
		expect(items[0]).toMatchObject({ result });
		expect(run.clock.now()).toBe(start);
	});

	it('JobRunner goes on polling while the API does not respond', async () => {
		const run = fakeRun({
			submit: jobOf,
			getRunning: inTurn<RunningOutcome>(down, down, down, running()),
			getJob: inTurn<JobOutcome>(down, down, down, found('job of ref-0', 'completed')),
		});
		const items = pendingItems(1);
		await runAll(run, items, poll);
		expect(endsOf(items)).toEqual(['job of ref-0']);
	});

	it.each<[string, RunningOutcome]>([
		['is not a list', { kind: 'unreachable', reason: 'the answer is not a list of job IDs' }],
		['is refused', { kind: 'refused', refusal: refusal(404, 'no such path') }],
		['cannot be read', down],
		['is always empty', running()],
	])('JobRunner reads the jobs one by one if the list %s', async (_, list) => {
		const run = fakeRun({
			submit: jobOf,
			getRunning: () => list,
			getJob: (jobid, clock) =>
				found(jobid, clock.now() - start < MINUTE ? 'started' : 'completed'),
		});
		const start = run.clock.now();
		const items = pendingItems(3);
		await runAll(run, items, poll);
		expect(endsOf(items)).toEqual(items.map(({ item }) => `job of ref-${item}`));
		expect(run.clock.now() - start).toBeLessThanOrEqual(MINUTE + 30_000);
	});

	it('JobRunner does not request every job if neither the list nor the first job can be read', async () => {
		const stop = new AbortController();
		const run = fakeRun({
			signal: stop.signal,
			submit: jobOf,
			getRunning: () => down,
			getJob: () => down,
		});
		void run.clock.latency(5 * MINUTE).then(() => stop.abort());
		await runAll(run, pendingItems(10), poll);
		const reads = run.requests.filter((request) => request.startsWith('get'));
		expect(new Set(reads)).toEqual(new Set(['get job of ref-0']));
		expect(reads.length).toBeGreaterThan(10);
	});

	it.each(['list', 'reads', 'list and reads'])(
		'JobRunner ends a wait limit of a minute within two minutes for 300 known jobs if requests hang: %s',
		async (what) => {
			const jobids = Array.from({ length: 300 }, (_, n) => `job-${n}`);
			const run = fakeRun({
				getRunning: what.includes('list') ? hanging : () => running(...jobids),
				getJob: what.includes('reads') ? hanging : (jobid) => found(jobid),
			});
			const items = jobids.map((jobid, item) =>
				knownItem(item, jobid, { waitLimitMilliseconds: MINUTE }),
			);
			const start = run.clock.now();
			expect(await runAll(run, items, poll)).toEqual({ kind: 'finished' });
			expect(run.clock.now() - start).toBeLessThanOrEqual(2 * MINUTE);
			expect(endsOf(items)).toEqual(Array(300).fill('failure'));
		},
	);

	it('JobRunner reads at most ten of 300 jobs at a time, and each of them', async () => {
		let active = 0;
		let most = 0;
		const run = fakeRun({
			getRunning: async (clock) => {
				most = Math.max(most, ++active);
				await clock.latency(100);
				active--;
				return running();
			},
			getJob: async (jobid, clock) => {
				most = Math.max(most, ++active);
				await clock.latency(100);
				active--;
				return found(jobid, 'completed');
			},
		});
		const items = Array.from({ length: 300 }, (_, item) => knownItem(item, `job-${item}`));
		await runAll(run, items, poll);
		expect(most).toBe(10);
		expect(endsOf(items)).not.toContain('failure');
		expect(run.requests.filter((request) => request.startsWith('get'))).toHaveLength(300);
	});

	it('JobRunner shares lists and reads among 500 submissions of unknown outcome', async () => {
		const refs = Array.from({ length: 40 }, (_, n) => `ref-${n}`);
		const live: string[] = [];
		const run = fakeRun({
			submit: ({ fields: { replyRef = '' } }) => {
				if (refs.includes(replyRef)) live.push(replyRef);
				return { kind: 'unknown', reason: 'ECONNRESET' };
			},
			getRunning: () => running(...live),
			getJob: (jobid) => found(jobid, 'started', { replyRef: jobid }),
		});
		const items = pendingItems(500, { fields: { maxJobs: '500' } });
		await runAll(run, items);
		expect(run.submissions()).toHaveLength(500);
		expect(endsOf(items).slice(0, 40)).toEqual(refs);
		expect(run.requests.length - 500).toBeLessThanOrEqual(40 + 2 * 8);
	});

	it('JobRunner stops polling when the execution is stopped', async () => {
		const stop = new AbortController();
		const run = fakeRun({
			signal: stop.signal,
			submit: (submission, clock) => {
				void clock.latency(500).then(() => stop.abort());
				return jobOf(submission);
			},
		});
		const start = run.clock.now();
		expect(await runAll(run, pendingItems(1), poll)).toEqual({ kind: 'stopped' });
		expect(run.clock.now() - start).toBe(500);
	});
});
