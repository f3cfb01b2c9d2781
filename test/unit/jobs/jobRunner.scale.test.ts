import type { JobItem } from '../../../nodes/Pika/jobs/jobItem';
import { JobRunner } from '../../../nodes/Pika/jobs/jobRunner';
import type { Completion } from '../../../nodes/Pika/jobs/runPlan';
import { cpuTime, itemsToTime } from './cpuTime.cts';
import { EXECUTION, fakeRun, found, pendingItems, running } from './fakeClient';
import { useOperationCount } from './operationCount.cts';
import { jobOf } from './runAll';

function itemsOf(count: number, maxJobs: number): JobItem[] {
	return pendingItems(count, { callbackTo: EXECUTION, fields: { maxJobs: String(maxJobs) } });
}

/** Runs the items with an API whose jobs end before the first poll, unless they use callbacks. */
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

const MODES: Array<[string, number, Completion]> = [
	['that are not waited for', 10, 'off'],
	['that are polled', 100_000, 'poll'],
	['that are polled on ten slots', 10, 'poll'],
	['that are called back', 100_000, 'callback'],
	['that wait for a slot while others are called back', 10, 'callback'],
];

describe('the work of a run', () => {
	const countOperations = useOperationCount();

	it.each(MODES)(
		'The work of a run doubles with the number of items %s',
		async (_, maxJobs, completion) => {
			const count = async (items: number) =>
				await countOperations(async () => await live(itemsOf(items, maxJobs), completion));
			// Code that is not compiled yet is not counted.
			await count(20);
			const few = await count(250);
			const many = await count(500);
			expect(few).toBeGreaterThan(250);
			expect(many / few).toBeLessThan(2.05);
		},
		120_000,
	);
});

describe('a run of 100,000 items', () => {
	it('JobRunner suspends 100,000 items together, although all but ten wait for a slot', async () => {
		const items = itemsOf(100_000, 10);
		expect(await live(items, 'callback')).toMatchObject({ kind: 'suspended' });
		expect(items.filter(({ jobid }) => jobid !== undefined)).toHaveLength(10);
	}, 120_000);
});

// Times vary with the load of the machine, so this is measured only on request.
if (itemsToTime > 0)
	describe('the time that a run takes', () => {
		async function timeOf(count: number, maxJobs: number, completion: Completion): Promise<number> {
			const items = itemsOf(count, maxJobs);
			const start = cpuTime();
			await live(items, completion);
			return cpuTime() - start;
		}

		/** How many times as long all items take as a quarter of them; squares would take 16 times as long. */
		async function growth(maxJobs: number, completion: Completion): Promise<number> {
			// Compiles the code before the measurement.
			await timeOf(1000, maxJobs, completion);
			const few = await timeOf(itemsToTime / 4, maxJobs, completion);
			return (await timeOf(itemsToTime, maxJobs, completion)) / few;
		}

		it.each(MODES)(
			`The time of a run grows no faster than the number of items %s, up to ${itemsToTime}`,
			async (_, maxJobs, completion) => {
				const measured: number[] = [];
				// Garbage collection can spoil a measurement, but not three of them.
				while (measured.length < 3 && Math.min(...measured) > 9) {
					measured.push(await growth(maxJobs, completion));
				}
				expect(Math.min(...measured)).toBeLessThan(9);
			},
			600_000,
		);
	});
