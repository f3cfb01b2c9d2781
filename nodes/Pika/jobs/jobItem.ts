import { type JobWithId, isTerminal } from '../api/job';
import type { Submission } from '../api/submission';
import type { ItemResult } from '../results/output';
import type { PossiblySubmitted } from './itemState';

/** What an item still has to submit. */
export interface PendingSubmission {
	submission: Submission;
	replyRef: string;
	/** False if the user chose the reply reference: it may repeat, so more must match. */
	isUniqueReplyRef: boolean;
	fingerprint: string;
	retryForMilliseconds: number;
	/** The execution whose resume URL is the job's replyUrl. */
	callbackTo?: string;
}

/** One item on its way from parameters to a result. It survives a wait as plain data. */
export interface JobItem {
	item: number;
	replyRef?: string;
	/** What to submit; absent as soon as the job is known. */
	pending?: PendingSubmission;
	/** An earlier try may have submitted it: its job is looked for, and it is not sent again. */
	possiblySubmitted?: PossiblySubmitted;
	waitLimitMilliseconds: number;
	outputBinaryField: string;
	cancelOnStop: boolean;
	jobid?: string;
	/** The channel whose slot its job holds. */
	channel?: string;
	/** The execution whose resume URL the job calls when it ends. */
	callbackTo?: string;
	job?: JobWithId;
	/** When the waiting for this job is over, in milliseconds since 1970. */
	deadline?: number;
	result?: ItemResult;
}

export type PendingItem = JobItem & { pending: PendingSubmission };
export type OpenItem = JobItem & { jobid: string };

/** It wants a job and has none. */
export function isPending(item: JobItem): item is PendingItem {
	return item.jobid === undefined && item.result === undefined && item.pending !== undefined;
}

/** It has a job and no result yet. */
export function isOpen(item: JobItem): item is OpenItem {
	return item.jobid !== undefined && item.result === undefined;
}

/** Its job has ended, and nothing was made of that yet. */
export function hasEnded(item: JobItem): item is OpenItem & { job: JobWithId } {
	return isOpen(item) && item.job !== undefined && isTerminal(item.job);
}
