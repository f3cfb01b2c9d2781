import { type JobWithId, isTerminal } from '../api/job';
import type { Submission } from '../api/submission';
import type { ItemResult } from '../results/output';
import type { PossiblySubmitted } from './itemState';

/** What an item has yet to submit. */
export interface PendingSubmission {
	submission: Submission;
	replyRef: string;
	/** False if the user chose the reply reference: it may not be unique, so more fields must match. */
	isUniqueReplyRef: boolean;
	fingerprint: string;
	retryForMilliseconds: number;
	/** The execution whose resume URL is the replyUrl of the job. */
	callbackTo?: string;
}

/** One item between its parameters and its result. Plain data, so that it survives a wait. */
export interface JobItem {
	item: number;
	replyRef?: string;
	/** What to submit; absent once the job is known. */
	pending?: PendingSubmission;
	/** An earlier attempt may have submitted it, so its job is looked up and it is not sent again. */
	possiblySubmitted?: PossiblySubmitted;
	waitLimitMilliseconds: number;
	outputBinaryField: string;
	cancelOnStop: boolean;
	jobid?: string;
	/** The channel whose slot the job holds. */
	channel?: string;
	/** The execution whose resume URL the job calls when it ends. */
	callbackTo?: string;
	job?: JobWithId;
	/** When the wait for this job ends, in milliseconds since 1970. */
	deadline?: number;
	result?: ItemResult;
}

export type PendingItem = JobItem & { pending: PendingSubmission };
export type OpenItem = JobItem & { jobid: string };

/** The item has no job yet. */
export function isPending(item: JobItem): item is PendingItem {
	return item.jobid === undefined && item.result === undefined && item.pending !== undefined;
}

/** The item has a job but no result yet. */
export function isOpen(item: JobItem): item is OpenItem {
	return item.jobid !== undefined && item.result === undefined;
}

/** The job has ended, but the item has no result yet. */
export function hasEnded(item: JobItem): item is OpenItem & { job: JobWithId } {
	return isOpen(item) && item.job !== undefined && isTerminal(item.job);
}
