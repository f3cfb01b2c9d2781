import { HIDDEN } from '../api/responseBody';
import type { JobWithId } from '../api/job';
import { isRecord } from '../api/isRecord';
import type { FilePart } from '../api/multipart';
import { JOB_ENDPOINTS, type JobEndpoint } from '../api/endpoints';

/** A submission whose job is looked for. */
export interface SubmissionQuery {
	endpoint: JobEndpoint;
	/** The text fields as they were sent. */
	fields: Record<string, string>;
	files: Record<string, Pick<FilePart, 'size'>>;
	/** False if the user chose the reply reference: it may repeat, so more must match. */
	isUniqueReplyRef: boolean;
	/** When the request left, in milliseconds since 1970. */
	sentAt: number;
	/** If that is not known exactly: until when it may have left. */
	sentUntil?: number;
	/** How many lists of running jobs this run had read before: what they showed was not made by this submission. */
	listsBefore?: number;
}

/** How far useapi.net's clock and the one of this n8n may be apart. */
const CLOCK_SKEW_MILLISECONDS = 120_000;

/** How long after it left a submission can still make its job: the longest upload, and some more. */
const LONGEST_SUBMISSION_MILLISECONDS = 360_000;

/** The parent of a retried video: the new job has an ID of its own. */
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

/** What the API echoes of the parent is not documented: this is how its other APIs do. */
function hasSameParent({ parentJobId }: JobWithId, { jobid }: Record<string, string>): boolean {
	return typeof parentJobId !== 'string' || jobid === undefined || parentJobId === jobid;
}

function hasSameVerb({ verb }: JobWithId, endpoint: JobEndpoint): boolean {
	const documented = JOB_ENDPOINTS[endpoint].verb;
	return documented === undefined || verb === undefined || verb === documented;
}

/** With the time that useapi.net gives its list, the two clocks need not agree. */
function wasMadeThen(
	{ created }: JobWithId,
	{ sentAt, sentUntil = sentAt }: SubmissionQuery,
	now: number,
	madeAt = NaN,
): boolean {
	const createdAt = Date.parse(created ?? '') - (madeAt || now) + now;
	if (isNaN(createdAt)) return true;
	return (
		createdAt >= sentAt - CLOCK_SKEW_MILLISECONDS &&
		createdAt <= sentUntil + LONGEST_SUBMISSION_MILLISECONDS
	);
}

/**
 * Whether a running job is the one that a submission asked for, by what the API echoes of it. `now` is the run's clock
 * and `madeAt` useapi.net's at the same moment, if it is known.
 */
export function isJobOf(
	job: JobWithId,
	query: SubmissionQuery,
	now: number,
	madeAt?: number,
): boolean {
	const { endpoint, fields, files, isUniqueReplyRef } = query;
	if (job.replyRef !== fields.replyRef) return false;
	if (isUniqueReplyRef) return true;
	return (
		hasSameVerb(job, endpoint) &&
		hasSameFields(job, fields) &&
		hasSameParent(job, fields) &&
		hasSameFiles(job, files) &&
		wasMadeThen(job, query, now, madeAt)
	);
}
