import type { JobItem } from '../../../nodes/Pika/jobs/jobItem';
import { JobRunner } from '../../../nodes/Pika/jobs/jobRunner';
import type { Completion } from '../../../nodes/Pika/jobs/runPlan';
import { cpuTime } from './cpuTime.cts';
import { EXECUTION, fakeRun, found, pendingItems, running } from './fakeClient';
import { jobOf } from './runAll';

function itemsOf(count: number, maxJobs: number): JobItem[] {
	return pendingItems(count, { callbackTo: EXECUTION, fields: { maxJobs: String(maxJobs) } });
}

/** Runs the items with an API whose jobs end before the first look, unless they are to be called back. */
async function live(items: JobItem[], completion: Completion) {
	const submitted: string[] = [];
	const run = fakeRun({
		submit: (submission) => {
			submitted.push(`job of ${submission.fields.replyRef ?? ''}`);
			return jobOf(submission);
		},
		getRunning: () => running(...(completion === 'callback' ? submitted : [])),
		getJob: (jobid) => found(jobid, 'completed'),
	});
	const runner = new JobRunner(items, { ...run.plan, completion }, run.parts);
	return await run.clock.run(runner.run());
}

async function timeOf(count: number, maxJobs: number, completion: Completion): Promise<number> {
	const items = itemsOf(count, maxJobs);
	const start = cpuTime();
	await live(items, completion);
	return cpuTime() - start;
}

/** How many times as long sixteen thousand items take as four thousand; squares would take 16 times as long. */
async function growth(maxJobs: number, completion: Completion): Promise<number> {
	// So that nothing is compiled while it is measured.
	await timeOf(1000, maxJobs, completion);
	const few = await timeOf(4000, maxJobs, completion);
	return (await timeOf(16_000, maxJobs, completion)) / few;
}

describe('100,000 items', () => {
	it('are suspended together, although all but ten wait for a slot', async () => {
		const items = itemsOf(100_000, 10);
		expect(await live(items, 'callback')).toMatchObject({ kind: 'suspended' });
		expect(items.filter(({ jobid }) => jobid !== undefined)).toHaveLength(10);
	}, 120_000);
});

describe('the time that a run computes', () => {
	it.each<[string, number, Completion]>([
		['that are not waited for', 10, 'off'],
		['that are polled', 100_000, 'poll'],
		['that are called back', 100_000, 'callback'],
		['that wait for a slot while others are called back', 10, 'callback'],
	])(
		'grows no faster than the number of items %s',
		async (_, maxJobs, completion) => {
			const measured: number[] = [];
			// Garbage collection can spoil a measurement, but not three of them.
			while (measured.length < 3 && Math.min(...measured) > 9) {
				measured.push(await growth(maxJobs, completion));
			}
			expect(Math.min(...measured)).toBeLessThan(9);
		},
		120_000,
	);
});
