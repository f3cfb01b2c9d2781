import { type JobWithId, isTerminal } from '../api/job';
import type { ItemResult } from '../results/output';
import type { Deferred, PendingSubmission } from './submit';

/** One item on its way from parameters to a result. It survives a wait as plain data. */
export interface JobItem {
	item: number;
	replyRef?: string;
	/** What to submit; absent where the job is known from the start. */
	pending?: PendingSubmission;
	waitLimitMilliseconds: number;
	outputBinaryField: string;
	cancelOnStop: boolean;
	jobid?: string;
	/** The execution whose resume URL the job calls when it ends. */
	callbackTo?: string;
	job?: JobWithId;
	/** When the waiting for this job is over, in milliseconds since 1970. */
	deadline?: number;
	/** Why the last try is to be followed by another. */
	deferred?: Deferred;
	result?: ItemResult;
}

/** It wants a job and has none. */
export function isPending(item: JobItem): item is JobItem & { pending: PendingSubmission } {
	return item.jobid === undefined && item.result === undefined && item.pending !== undefined;
}

/** It has a job that has not ended, as far as is known. */
export function isOpen(item: JobItem): item is JobItem & { jobid: string } {
	return item.jobid !== undefined && item.result === undefined;
}

/** Its job has ended, and nothing was made of that yet. */
export function hasEnded(item: JobItem): item is JobItem & { job: JobWithId } {
	return isOpen(item) && item.job !== undefined && isTerminal(item.job);
}
