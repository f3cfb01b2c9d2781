import { timedOutFailure, unreadableFailure } from '../api/failure';
import { isTerminal } from '../api/job';
import type { JobItem } from './jobItem';
import { readPatiently } from './readPatiently';
import type { RunTools } from './submit';

type Open = JobItem & { jobid: string };

const READS_AT_ONCE = 10;

/** Reads the job of one item again. An API that refuses fails the item; one that does not answer leaves it as it was. */
async function readOne(item: Open, tools: RunTools): Promise<void> {
	const read = await readPatiently(async () => await tools.client.getJob(item.jobid), tools);
	if (read.kind === 'found') item.job = read.job;
	if (read.kind === 'refused') {
		const failure = unreadableFailure(item.jobid, read.refusal, item.replyRef);
		item.result = { kind: 'failure', failure };
	}
}

/** Reads the jobs of these items again, a few at a time. */
export async function readJobs(items: Open[], tools: RunTools): Promise<void> {
	for (let start = 0; start < items.length; start += READS_AT_ONCE) {
		const some = items.slice(start, start + READS_AT_ONCE);
		await Promise.all(some.map(async (item) => await readOne(item, tools)));
	}
}

/**
 * Finds out which jobs have ended with one list of the running ones: only those that have left it are read.
 * Returns how many were read; 0 also where the list could not be had.
 */
export async function refresh(items: Open[], tools: RunTools): Promise<number> {
	if (items.length === 0) return 0;
	const running = await readPatiently(async () => await tools.client.getRunning(), tools);
	if (running.kind !== 'found') return 0;
	const ids = new Set(running.jobids);
	const gone = items.filter(({ job, jobid }) => !job || !ids.has(jobid));
	await readJobs(gone, tools);
	return gone.length;
}

/** Reads jobs whose time is over once more, and gives up on those that still have not ended. */
export async function giveUpLate(items: Open[], tools: RunTools): Promise<void> {
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
