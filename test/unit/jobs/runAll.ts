import type { SubmitOutcome } from '../../../nodes/Pika/api/outcomes';
import type { JobItem } from '../../../nodes/Pika/jobs/jobItem';
import { JobRunner } from '../../../nodes/Pika/jobs/jobRunner';
import type { RunEnd, RunPlan } from '../../../nodes/Pika/jobs/runPlan';
import { cancelJobs, type StopReport } from '../../../nodes/Pika/jobs/stop';
import { accepted, type FakeRun } from './fakeClient';

/** Runs all items until the run is over; `changes` to the plan. */
export async function runAll(
	{ clock, parts, plan }: FakeRun,
	items: JobItem[],
	changes: Partial<RunPlan> = {},
): Promise<RunEnd> {
	return await clock.run(new JobRunner(items, { ...plan, ...changes }, parts).run());
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
	const runner = new JobRunner(saved.items, { ...plan, channels: saved.channels }, parts);
	return { end: await clock.run(runner.run(true)), items: saved.items };
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
