import { timedOutFailure, unreadableFailure } from '../results/failures';
import { isTerminal } from '../api/job';
import type { JobItem } from './jobItem';
import { withReadRetries } from './readRetries';
import type { RunContext } from './submit';

type Open = JobItem & { jobid: string };

const READS_AT_ONCE = 10;

/** Reads the job of one item again. An API that refuses fails the item; one that does not answer leaves it as it was. */
async function readOne(item: Open, tools: RunContext): Promise<void> {
	const read = await withReadRetries(async () => await tools.client.getJob(item.jobid), tools);
	if (read.kind === 'found') item.job = read.job;
	if (read.kind === 'refused') {
		const failure = unreadableFailure(item.jobid, read.refusal, item.replyRef);
		item.result = { kind: 'failure', failure };
	}
}

/** Reads the jobs of these items again, a few at a time. */
export async function readJobs(items: Open[], tools: RunContext): Promise<void> {
	for (let start = 0; start < items.length; start += READS_AT_ONCE) {
		const some = items.slice(start, start + READS_AT_ONCE);
		await Promise.all(some.map(async (item) => await readOne(item, tools)));
	}
}

/** The ids of all jobs that run on the account; undefined where the list cannot be had. */
export async function listRunning(tools: RunContext): Promise<string[] | undefined> {
	const running = await withReadRetries(async () => await tools.client.getRunning(), tools);
	return running.kind === 'found' ? running.jobids : undefined;
}

/** Reads the jobs that are no longer in the list of running ones, and says how many. */
export async function readFinished(
	items: Open[],
	running: string[],
	tools: RunContext,
): Promise<number> {
	const ids = new Set(running);
	const gone = items.filter(({ job, jobid }) => !job || !ids.has(jobid));
	await readJobs(gone, tools);
	return gone.length;
}

/** Finds out with one list which jobs have ended; only those are read. Returns how many were. */
export async function poll(items: Open[], tools: RunContext): Promise<number> {
	const running = items.length > 0 ? await listRunning(tools) : undefined;
	return running ? await readFinished(items, running, tools) : 0;
}

/** Reads jobs whose time is over once more, and gives up on those that still have not ended. */
export async function timeOutOverdue(items: Open[], tools: RunContext): Promise<void> {
	const late = items.filter(({ deadline = Infinity }) => deadline <= tools.clock.now());
	await readJobs(late, tools);
	for (const item of late) {
		if (item.result || (item.job && isTerminal(item.job))) continue;
		const failure = timedOutFailure(
			item.jobid,
			item.waitLimitMilliseconds,
			item.job,
			item.replyRef,
		);
		item.result = { kind: 'failure', failure };
	}
}
