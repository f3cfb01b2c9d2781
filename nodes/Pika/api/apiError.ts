import { type Job, hasJobid, parseJob } from './job';
import type { ApiResponse, RequestKind } from './request';
import { parseDetails } from './retryAfter';
import { sanitizeText, withoutMarkup } from './sanitizeText';
import { isRecord } from './isRecord';

/** An answer that is not a success, prepared for messages. */
export interface ApiError {
	httpStatus: number;
	/** The API's own words, or the readable text of an answer in another format. */
	text: string;
	/** Whether the answer had the documented format `{ error, code }`. */
	isDocumentedShape: boolean;
	job: Job;
	/** What was requested: for a submission, a status means something other than for a read. */
	request: RequestKind;
	/** The server and path that the answer redirects to. */
	redirectsTo?: string;
}

/** In a 429 caused by Discord, `errorDetails` is a string of JSON, whose message is the readable part. */
function detailWords(details: unknown): string {
	const { message } = parseDetails(details);
	if (typeof message === 'string') return sanitizeText(message);
	return typeof details === 'string' ? sanitizeText(details) : '';
}

/** The API's own words in an answer or a job: `error` with its details, or else the readable text. */
export function errorText(body: unknown): string {
	const error = isRecord(body) && typeof body.error === 'string' ? sanitizeText(body.error) : '';
	if (isRecord(body) && error !== '') {
		const details = detailWords(body.errorDetails);
		return details === '' ? error : `${error} (${details})`;
	}
	const text = typeof body === 'string' ? withoutMarkup(body) : JSON.stringify(body);
	return sanitizeText(text ?? '') || 'an empty answer';
}

/** A job record can have a `code` of its own, such as that of the error with which the job failed. */
function isJobRecord(body: unknown): boolean {
	const job = parseJob(body);
	return hasJobid(job) && job.status !== undefined && job.status !== '';
}

/**
 * The HTTP status or, if that is a success and `code` is not, the `code`, which is documented to repeat the status. For
 * a job record only the HTTP status counts.
 */
export function effectiveStatus({ httpStatus, body }: ApiResponse): number {
	if (httpStatus >= 300 || !isRecord(body) || isJobRecord(body)) return httpStatus;
	return typeof body.code === 'number' && body.code >= 300 ? body.code : httpStatus;
}

/** Reads an answer that is not a success, in any format. */
export function parseApiError(answer: ApiResponse, request: RequestKind): ApiError {
	const redirectsTo = answer.redirectsTo && sanitizeText(answer.redirectsTo);
	return {
		httpStatus: effectiveStatus(answer),
		text: redirectsTo ? `it redirects to ${redirectsTo}` : errorText(answer.body),
		isDocumentedShape: isRecord(answer.body) && typeof answer.body.error === 'string',
		job: parseJob(answer.body),
		request,
		redirectsTo,
	};
}
