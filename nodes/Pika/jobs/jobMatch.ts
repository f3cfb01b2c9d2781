import { HIDDEN } from '../api/responseBody';
import type { JobWithId } from '../api/job';
import { isRecord } from '../api/isRecord';
import type { FilePart } from '../api/multipart';
import { JOB_ENDPOINTS, type JobEndpoint } from '../api/endpoints';

/** A submission whose job is looked up. */
export interface SubmissionQuery {
	endpoint: JobEndpoint;
	/** The text fields as they were sent. */
	fields: Record<string, string>;
	files: Record<string, Pick<FilePart, 'size'>>;
	/** False if the user chose the reply reference: it may not be unique, so more fields must match. */
	isUniqueReplyRef: boolean;
	/** When the request was sent, in milliseconds since 1970. */
	sentAt: number;
	/** The latest time at which it may have been sent, if that is not known exactly. */
	sentUntil?: number;
	/** The number of lists of running jobs that this run had read before. Jobs in them were not created by this submission. */
	listsBefore?: number;
}

/** The largest difference allowed between the clocks of useapi.net and of this n8n. */
const CLOCK_SKEW_MILLISECONDS = 120_000;

/** How long after it was sent a submission can still create its job: the longest upload and a reserve. */
const LONGEST_SUBMISSION_MILLISECONDS = 360_000;

/** A retry sends the ID of its parent in this field. The record has the ID of the new job there. */
const NOT_ECHOED = 'jobid';

function isSameText(sent: string, echoed: unknown): boolean {
	if (typeof echoed !== 'string' || echoed.includes(HIDDEN)) return true;
	return sent.trim() === echoed.trim();
}

function hasSameFields(job: JobWithId, fields: Record<string, string>): boolean {
	return Object.entries(fields).every(
		([name, sent]) => sent === '' || name === NOT_ECHOED || isSameText(sent, job[name]),
	);
}

function hasSameFiles(job: JobWithId, files: SubmissionQuery['files']): boolean {
	return Object.entries(files).every(([name, { size }]) => {
		const echoed = job[name];
		return !isRecord(echoed) || typeof echoed.size !== 'number' || echoed.size === size;
	});
}

/** How the API echoes the parent is not documented. This is the field of useapi.net's other APIs. */
function hasSameParent({ parentJobId }: JobWithId, { jobid }: Record<string, string>): boolean {
	return typeof parentJobId !== 'string' || jobid === undefined || parentJobId === jobid;
}

function hasSameVerb({ verb }: JobWithId, endpoint: JobEndpoint): boolean {
	const documented = JOB_ENDPOINTS[endpoint].verb;
	return documented === undefined || verb === undefined || verb === documented;
}

/** `created` is a time at useapi.net. `answeredAt`, the time there at the moment `now`, corrects for different clocks. */
function wasMadeThen(
	{ created }: JobWithId,
	{ sentAt, sentUntil = sentAt }: SubmissionQuery,
	now: number,
	answeredAt = NaN,
): boolean {
	const createdAt = Date.parse(created ?? '') - (answeredAt || now) + now;
	if (isNaN(createdAt)) return true;
	return (
		createdAt >= sentAt - CLOCK_SKEW_MILLISECONDS &&
		createdAt <= sentUntil + LONGEST_SUBMISSION_MILLISECONDS
	);
}

/**
 * Whether a job was created by a submission, judged by the fields that the API echoes. `now` is the time by the
 * run's clock, and `answeredAt` the time at useapi.net at the same moment, if known.
 */
export function isJobOf(
	job: JobWithId,
	query: SubmissionQuery,
	now: number,
	answeredAt?: number,
): boolean {
	const { endpoint, fields, files, isUniqueReplyRef } = query;
	if (job.replyRef !== fields.replyRef) return false;
	if (isUniqueReplyRef) return true;
	return (
		hasSameVerb(job, endpoint) &&
		hasSameFields(job, fields) &&
		hasSameParent(job, fields) &&
		hasSameFiles(job, files) &&
		wasMadeThen(job, query, now, answeredAt)
	);
}
