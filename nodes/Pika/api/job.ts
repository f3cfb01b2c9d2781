import type { IDataObject } from 'n8n-workflow';
import { isRecord } from './isRecord';

/** The only place that spells out which statuses end a job. */
export const TERMINAL_STATUSES = ['completed', 'failed', 'moderated', 'cancelled'] as const;
/** The statuses on which the documentation says to go on waiting. */
export const RUNNING_STATUSES = ['created', 'started', 'progress'];

export type TerminalStatus = (typeof TERMINAL_STATUSES)[number];

/** A job as the API gives it. Every field is optional there, and further ones are kept as they came. */
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
 * Reads an answer as a job: fields of the model that are not text are left out, unknown ones stay.
 * Never requires a field, because the model says that all are optional.
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

/** True for a job that can be asked for again. */
export function hasJobid(job: Job): job is JobWithId {
	return typeof job.jobid === 'string' && job.jobid !== '';
}

/** A status that the API does not document ends the waiting too, because it documents the ones to wait on. */
export function isTerminal(job: Job): boolean {
	return job.status !== undefined && !RUNNING_STATUSES.includes(job.status);
}

/** True for every end but `completed`: the user decides what such a job does (`onUnsuccessful`). */
export function isUnsuccessful(job: Job): boolean {
	return isTerminal(job) && job.status !== 'completed';
}
