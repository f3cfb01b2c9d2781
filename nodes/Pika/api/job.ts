import type { IDataObject } from 'n8n-workflow';
import { isRecord } from './isRecord';

/** The statuses that end a job (docs/api-contract.md, "Statuses"). */
export const TERMINAL_STATUSES = ['completed', 'failed', 'moderated', 'cancelled'] as const;
/** The statuses for which the documentation says to keep waiting. */
export const RUNNING_STATUSES = ['created', 'started', 'progress'];

export type TerminalStatus = (typeof TERMINAL_STATUSES)[number];

/** A job as the API returns it. Every field is optional, and additional fields are kept. */
export interface Job extends IDataObject {
	jobid?: string;
	verb?: string;
	status?: string;
	prompt?: string;
	channel?: string;
	replyRef?: string;
	content?: string;
	error?: string;
	errorDetails?: string;
	created?: string;
	updated?: string;
}

export type JobWithId = Job & { jobid: string };

const TEXT_FIELDS = [
	'jobid',
	'verb',
	'status',
	'prompt',
	'channel',
	'replyRef',
	'content',
	'error',
	'errorDetails',
	'created',
	'updated',
] as const;

/**
 * Reads an answer as a job. Requires no field, because all are optional according to the documentation. Leaves out text
 * fields that are not text, and keeps unknown fields.
 */
export function parseJob(answer: unknown): Job {
	if (!isRecord(answer)) return {};
	const kept = Object.entries(answer).filter(
		([name, value]) =>
			name !== '__proto__' &&
			(typeof value === 'string' || !TEXT_FIELDS.some((field) => field === name)),
	);
	return Object.fromEntries(kept);
}

/** Tolerant, because the format is not documented: printable characters without a meaning in URLs. */
const JOBID = /^[^\s\p{C}/?#&]{1,256}$/u;

/** Whether something untrusted can be a job ID. */
export function isPossibleJobid(value: unknown): value is string {
	return typeof value === 'string' && JOBID.test(value);
}

/** True for a job that can be read again. */
export function hasJobid(job: Job): job is JobWithId {
	return typeof job.jobid === 'string' && job.jobid !== '';
}

/** An undocumented status ends a job as well: the documentation lists the statuses on which to wait. */
export function isTerminal(job: Job): boolean {
	return job.status !== undefined && !RUNNING_STATUSES.includes(job.status);
}

/** True for every end except `completed`: the user decides what happens then (`onUnsuccessful`). */
export function isUnsuccessful(job: Job): boolean {
	return isTerminal(job) && job.status !== 'completed';
}
