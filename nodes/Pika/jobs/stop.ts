import { isTerminal } from '../api/job';
import type { ItemStates, PossiblySubmitted } from './itemState';
import type { JobItem, PendingItem } from './jobItem';
import type { JobRunner } from './jobRunner';
import { ChannelLimiter, Limiter } from './limiter';
import { REQUESTS_AT_ONCE, Reads } from './reads';
import type { RunParts } from './runPlan';
import { RunningJobsReader } from './runningJobs';
import { recoverJob } from './submit';
import { SubmittedJobs } from './submittedJobs';

/** How long a stopped execution waits for the answers to its submissions. */
const ANSWER_MILLISECONDS = 15_000;

/** How long it then searches for their jobs: the list, and each of its jobs, may have been read just before the Stop. */
const SEARCH_MILLISECONDS = 30_000;

/** The jobs of a stopped execution. */
export interface StopReport {
	cancelled: string[];
	running: string[];
	ended: string[];
	possiblySubmitted: string[];
}

function lastStatus({ job, result }: JobItem): string | undefined {
	if (result?.kind === 'job') return result.job.status;
	return job?.status ?? (result?.kind === 'failure' ? result.failure.status : undefined);
}

function hasEnded(item: JobItem): boolean {
	return isTerminal({ status: lastStatus(item) });
}

function jobidsOf(items: JobItem[]): string[] {
	return items.flatMap(({ jobid }) => jobid ?? []);
}

/** The items without a known job whose request may have created one, including those that the run gave up on. */
function possiblySubmitted(
	items: JobItem[],
	states: ItemStates,
): Array<{ item: PendingItem; sent: PossiblySubmitted }> {
	return items.flatMap((item) => {
		if (item.jobid !== undefined || !item.pending) return [];
		const state = states.get(item.item);
		const sent = state?.outcome === 'unknown' ? state : item.possiblySubmitted;
		return sent ? [{ item: item as PendingItem, sent }] : [];
	});
}

/**
 * Cancels the jobs of a stopped run whose items ask for it, including those that are still being submitted. The requests
 * that `parts` makes must not carry the signal of the stopped execution.
 */
export async function cancelJobs(
	items: JobItem[],
	{ underWay, reads }: Pick<JobRunner, 'underWay' | 'reads'>,
	parts: RunParts,
): Promise<StopReport> {
	const { client, clock, states } = parts;
	const cancelled: string[] = [];
	if (items.some(({ cancelOnStop }) => cancelOnStop)) {
		await Promise.race([Promise.allSettled(underWay), clock.pause(ANSWER_MILLISECONDS)]);
		await recoverPending(items, parts, reads);
		const limiter = new Limiter(REQUESTS_AT_ONCE);
		const open = items.filter((item) => item.jobid && item.cancelOnStop && !hasEnded(item));
		await Promise.all(
			open.map(async ({ jobid = '' }) => {
				const outcome = await limiter.run(async () => await client.cancel(jobid));
				if (outcome.kind === 'found') cancelled.push(jobid);
			}),
		);
	}
	const isCancelled = new Set(cancelled);
	const ended = jobidsOf(items.filter(hasEnded));
	const running = jobidsOf(items.filter((item) => !hasEnded(item)));
	const unsure = possiblySubmitted(items, states).map(({ item }) => item.pending.replyRef);
	return {
		cancelled,
		running: running.filter((jobid) => !isCancelled.has(jobid)),
		ended,
		possiblySubmitted: unsure,
	};
}

/** Only by unique references: a job that merely looks similar must not be cancelled. */
async function recoverPending(items: JobItem[], parts: RunParts, previous: Reads): Promise<void> {
	const { clock, states } = parts;
	const over = new AbortController();
	const reads = new Reads(parts.client, clock, over.signal, previous);
	const context = { ...parts, reads, uploads: new ChannelLimiter(1), signal: over.signal };
	const submittedJobs = new SubmittedJobs(context, new RunningJobsReader(context));
	const unsure = possiblySubmitted(items, states).filter(
		({ item }) => item.cancelOnStop && item.pending.isUniqueReplyRef,
	);
	if (unsure.length === 0) return;
	const searches = unsure.map(async ({ item, sent }) => {
		const found = await recoverJob(item, sent, context, submittedJobs);
		if (found.kind !== 'accepted') return;
		Object.assign(item, { job: found.job, jobid: found.job.jobid });
	});
	await Promise.race([Promise.all(searches), clock.pause(SEARCH_MILLISECONDS)]);
	over.abort();
}
