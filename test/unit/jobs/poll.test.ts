import type { JobOutcome } from '../../../nodes/Pika/api/client';
import { timeOutOverdue, readJobs, poll } from '../../../nodes/Pika/jobs/poll';
import { fakeRun, refusal } from './fakeClient';

const open = (jobid: string, deadline?: number) => ({
	item: 0,
	jobid,
	deadline,
	waitLimitMilliseconds: 60_000,
	outputBinaryField: 'video',
	cancelOnStop: false,
});

const found = (jobid: string, status: string): JobOutcome => ({
	kind: 'found',
	job: { jobid, status },
});

describe('readJobs', () => {
	it('has at most ten requests under way', async () => {
		let inFlight = 0;
		let most = 0;
		const run = fakeRun({
			getJob: async (jobid, clock) => {
				most = Math.max(most, ++inFlight);
				await clock.latency(1000);
				inFlight--;
				return found(jobid, 'started');
			},
		});
		const items = Array.from({ length: 35 }, (_, index) => open(`job-${index}`));
		await run.clock.run(readJobs(items, run.tools));
		expect(most).toBe(10);
		expect(run.requests).toHaveLength(35);
	});

	it.each<[string, JobOutcome, object]>([
		['a record', found('a', 'progress'), { job: { status: 'progress' } }],
		[
			'a no',
			{ kind: 'refused', refusal: refusal(404, 'Unable to locate job a') },
			{ result: { kind: 'failure' } },
		],
		['silence', { kind: 'unreachable', reason: 'HTTP 503' }, { jobid: 'a' }],
		['a stop', { kind: 'cancelled' }, { jobid: 'a' }],
	])('enters %s into the item', async (_, answer, entered) => {
		const run = fakeRun({ getJob: () => answer });
		const item = open('a');
		await run.clock.run(readJobs([item], run.tools));
		expect(item).toMatchObject(entered);
	});
});

const running = (jobid: string) => ({ ...open(jobid), job: { jobid, status: 'started' } });

describe('refresh', () => {
	it('makes no request where nothing is open', async () => {
		const run = fakeRun();
		expect(await run.clock.run(poll([], run.tools))).toBe(0);
		expect(run.requests).toEqual([]);
	});

	it('reads those that have left the list', async () => {
		const run = fakeRun({
			getRunning: () => ({ kind: 'found', jobids: ['a', 'stranger'] }),
			getJob: (jobid) => found(jobid, 'completed'),
		});
		const items = [running('a'), running('b')];
		expect(await run.clock.run(poll(items, run.tools))).toBe(1);
		expect(run.requests).toEqual(['list', 'get b']);
	});

	it('reads none where the list cannot be had', async () => {
		const run = fakeRun({ getRunning: () => ({ kind: 'unreachable', reason: 'HTTP 503' }) });
		expect(await run.clock.run(poll([open('a')], run.tools))).toBe(0);
		expect(run.requests).toEqual(['list', 'list', 'list']);
	});
});

describe('giveUpLate', () => {
	it('leaves jobs that have time', async () => {
		const run = fakeRun();
		const item = open('a', run.clock.now() + 1);
		await run.clock.run(timeOutOverdue([item], run.tools));
		expect(run.requests).toEqual([]);
		expect(item).not.toHaveProperty('result');
	});

	it('reads a late job once more', async () => {
		const run = fakeRun({ getJob: (jobid) => found(jobid, 'completed') });
		const item = open('a', run.clock.now());
		await run.clock.run(timeOutOverdue([item], run.tools));
		expect(item).toMatchObject({ job: { status: 'completed' } });
		expect(item).not.toHaveProperty('result');
	});

	it('gives up on one that has not ended', async () => {
		const run = fakeRun({ getJob: (jobid) => found(jobid, 'progress') });
		const item = open('a', run.clock.now());
		await run.clock.run(timeOutOverdue([item], run.tools));
		expect(item).toMatchObject({ result: { failure: { timedOut: true, status: 'progress' } } });
	});
});
