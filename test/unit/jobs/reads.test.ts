import type { JobOutcome } from '../../../nodes/Pika/api/client';
import { Reads } from '../../../nodes/Pika/jobs/reads';
import { fakeRun, type FakeRun, found, inTurn, running } from './fakeClient';

const down = { kind: 'unreachable', reason: 'HTTP 503' } as const;

function readsOf({ parts, clock }: FakeRun, signal = new AbortController().signal): Reads {
	return new Reads(parts.client, clock, signal);
}

/** Seconds after the start at which requests left. */
function timed(run: FakeRun): Array<[string, number]> {
	const start = run.clock.now();
	const times: Array<[string, number]> = [];
	const push = run.requests.push.bind(run.requests);
	run.requests.push = (...names) => {
		for (const name of names) times.push([name, (run.clock.now() - start) / 1000]);
		return push(...names);
	};
	return times;
}

describe('Reads', () => {
	it('Reads allows ten reads of jobs and one of the list at a time', async () => {
		let active = 0;
		let most = 0;
		const run = fakeRun({
			getJob: async (jobid, clock) => {
				most = Math.max(most, ++active);
				await clock.latency(1000);
				active--;
				return found(jobid);
			},
			getRunning: async (clock) => {
				most = Math.max(most, ++active);
				await clock.latency(1000);
				active--;
				return running();
			},
		});
		const reads = readsOf(run);
		const jobs = Array.from({ length: 29 }, async (_, n) => await reads.job(`job-${n}`));
		await run.clock.run(Promise.all([...jobs, reads.list()]));
		expect(most).toBe(10);
		expect(run.requests).toHaveLength(30);
	});

	it('Reads sends no request after the run has ended', async () => {
		const run = fakeRun();
		const reads = readsOf(run, AbortSignal.abort());
		expect([await reads.job('a'), await reads.list()]).toEqual([
			{ kind: 'cancelled' },
			{ kind: 'cancelled' },
		]);
		expect(run.requests).toEqual([]);
	});

	it('Reads shares a read among callers that request the same job at the same time', async () => {
		const run = fakeRun({
			getJob: async (jobid, clock) => {
				await clock.latency(500);
				return found(jobid);
			},
		});
		const reads = readsOf(run);
		const [one, other] = await run.clock.run(Promise.all([reads.job('a'), reads.job('a')]));
		expect(one).toBe(other);
		expect(run.requests).toEqual(['get a']);
	});

	it('Reads requests each job, and the list, at the earliest 10 seconds after the last response', async () => {
		const run = fakeRun({
			getJob: async (jobid, clock) => {
				await clock.latency(2000);
				return found(jobid);
			},
			getRunning: () => running('a'),
		});
		const times = timed(run);
		const reads = readsOf(run);
		const work = async () => {
			await Promise.all([reads.list(), reads.job('a'), reads.job('b')]);
			await Promise.all([reads.list(), reads.job('a'), reads.job('c'), reads.job('a')]);
		};
		await run.clock.run(work());
		expect(times).toEqual([
			['list', 0],
			['get a', 0],
			['get b', 0],
			['get c', 2],
			['list', 10],
			['get a', 12],
		]);
	});

	it('Reads waits 10 seconds after a failed read as well', async () => {
		const run = fakeRun({ getJob: inTurn<JobOutcome>(down, down, found('a')) });
		const times = timed(run);
		expect(await run.clock.run(readsOf(run).jobWithRetries('a'))).toEqual(found('a'));
		expect(times.map(([, seconds]) => seconds)).toEqual([0, 10, 20]);
	});

	it('Reads gives up on a job after three tries', async () => {
		const run = fakeRun({ getJob: () => down });
		expect(await run.clock.run(readsOf(run).jobWithRetries('a'))).toEqual(down);
		expect(run.requests).toHaveLength(3);
	});

	it('Reads requests the list at once if a job is known to have ended', async () => {
		const run = fakeRun({ getRunning: () => running('a') });
		const reads = readsOf(run);
		await reads.list();
		const paced = reads.list();
		await reads.list(true);
		expect(run.requests).toEqual(['list', 'list']);
		const times = timed(run);
		await run.clock.run(paced);
		expect(times).toEqual([['list', 10]]);
	});

	it('Reads ends a pause when the run ends', async () => {
		const stop = new AbortController();
		const run = fakeRun({ getRunning: () => running('a') });
		const reads = readsOf(run, stop.signal);
		await reads.list();
		const paced = reads.list();
		stop.abort();
		expect(await paced).toEqual({ kind: 'cancelled' });
		expect(run.requests).toEqual(['list']);
	});
});
