import type { SubmitOutcome } from '../../../nodes/Pika/api/outcomes';
import type { JobItem } from '../../../nodes/Pika/jobs/jobItem';
import { JobRunner } from '../../../nodes/Pika/jobs/jobRunner';
import type { ItemQueue, RunEnd, RunPlan } from '../../../nodes/Pika/jobs/runPlan';
import { cancelJobs, type StopReport } from '../../../nodes/Pika/jobs/stop';
import { groupBySlot } from '../../../nodes/Pika/waiting/backlog';
import { accepted, type FakeRun } from './fakeClient';

/** Runs all items until the run is over; `changes` to the plan. */
export async function runAll(
	{ clock, parts, plan }: FakeRun,
	items: JobItem[],
	changes: Partial<RunPlan> = {},
): Promise<RunEnd> {
	return await clock.run(new JobRunner(items, { ...plan, ...changes }, parts).run());
}

/** Items whose predecessors wait for the same slots are loaded later, two at a time. */
export function splitQueues(items: JobItem[]): { items: JobItem[]; queues: ItemQueue[] } {
	const { others, groups } = groupBySlot(items);
	const queues = Array.from(
		groups.values(),
		(group): ItemQueue =>
			async () =>
				group.splice(0, 2),
	);
	return { items: others, queues };
}

/** Runs the items of a suspended run again, as they come back from n8n's database. */
export async function resumeAll(
	{ clock, parts, plan }: FakeRun,
	items: JobItem[],
	channels: RunPlan['channels'],
): Promise<{ end: RunEnd; items: JobItem[] }> {
	const saved = JSON.parse(JSON.stringify({ items, channels })) as {
		items: JobItem[];
		channels: RunPlan['channels'];
	};
	const split = splitQueues(saved.items);
	const changes = { channels: saved.channels, queues: split.queues };
	const end = await clock.run(new JobRunner(split.items, { ...plan, ...changes }, parts).run(true));
	const unloaded = (await Promise.all(split.queues.map(drained))).flat();
	const all = [...split.items, ...unloaded].sort((one, other) => one.item - other.item);
	return { end, items: all };
}

/** What a run has left in a queue. */
export async function drained(take: ItemQueue): Promise<JobItem[]> {
	const next = await take();
	return next.length === 0 ? [] : [...next, ...(await drained(take))];
}

/** Runs all items until the execution is stopped, and cancels their jobs. */
export async function stopAll({ clock, parts, plan }: FakeRun, items: JobItem[]) {
	const runner = new JobRunner(items, plan, parts);
	const work = async (): Promise<{ end: RunEnd; report: StopReport }> => {
		const end = await runner.run();
		return { end, report: await cancelJobs(items, runner, parts) };
	};
	return await clock.run(work());
}

/** The job of each item, or why there is none. */
export function endsOf(items: JobItem[]): Array<string | undefined> {
	return items.map(({ result }) => (result?.kind === 'job' ? result.job.jobid : result?.kind));
}

/** Accepts a submission as a job that is named after it. */
export const jobOf = ({ fields }: { fields: Record<string, string> }): SubmitOutcome =>
	accepted(`job of ${fields.replyRef ?? ''}`);
