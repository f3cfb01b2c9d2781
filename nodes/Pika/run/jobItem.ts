import type { IBinaryData } from 'n8n-workflow';

import type { Failure } from '../api/failure';
import { type KnownJob, isTerminal } from '../api/job';
import type { PutOff, WantedJob } from './submit';

/** What an item has in the end: its job, with the video where it was to be downloaded, or the reason why not. */
export type ItemResult =
	| { kind: 'job'; job: KnownJob; video?: IBinaryData }
	| { kind: 'failure'; failure: Failure };

/** One item on its way from parameters to a result. It survives a wait as plain data. */
export interface JobItem {
	item: number;
	replyRef?: string;
	/** What to submit; absent where the job is known from the start. */
	wanted?: WantedJob;
	waitLimitMilliseconds: number;
	outputBinaryField: string;
	cancelOnStop: boolean;
	jobid?: string;
	/** The execution whose resume URL the job calls when it ends. */
	callbackTo?: string;
	job?: KnownJob;
	/** When the waiting for this job is over, in milliseconds since 1970. */
	deadline?: number;
	/** Why the last try is to be followed by another. */
	putOff?: PutOff;
	result?: ItemResult;
}

/** It wants a job and has none. */
export function isPending(item: JobItem): item is JobItem & { wanted: WantedJob } {
	return item.jobid === undefined && item.result === undefined && item.wanted !== undefined;
}

/** It has a job that has not ended, as far as is known. */
export function isOpen(item: JobItem): item is JobItem & { jobid: string } {
	return item.jobid !== undefined && item.result === undefined;
}

/** Its job has ended, and nothing was made of that yet. */
export function hasEnded(item: JobItem): item is JobItem & { job: KnownJob } {
	return isOpen(item) && item.job !== undefined && isTerminal(item.job);
}
