import { type Job, hasJobid, parseJob } from './job';
import type { ApiResponse, RequestKind } from './request';
import { parseDetails } from './retryAfter';
import { sanitizeText, withoutMarkup } from './sanitizeText';
import { isRecord } from './isRecord';

/** An answer that is not a success, in words fit for a message. */
export interface ApiError {
	httpStatus: number;
	/** The API's own words; of an answer of unknown shape its readable text. */
	text: string;
	/** Whether the answer had the documented shape `{ error, code }`. */
	isDocumentedShape: boolean;
	job: Job;
	/** What was asked: the same status means something else for a submission than for a read. */
	request: RequestKind;
	/** The server and path to which the answer redirects. */
	redirectsTo?: string;
}

/** `errorDetails` of Discord's 429 is JSON in a text, and its message is the readable part. */
function detailWords(details: unknown): string {
	const { message } = parseDetails(details);
	if (typeof message === 'string') return sanitizeText(message);
	return typeof details === 'string' ? sanitizeText(details) : '';
}

/** The API's own words in an answer or a job: `error` with its details, or the readable text of anything else. */
export function errorText(body: unknown): string {
	const error = isRecord(body) && typeof body.error === 'string' ? sanitizeText(body.error) : '';
	if (isRecord(body) && error !== '') {
		const details = detailWords(body.errorDetails);
		return details === '' ? error : `${error} (${details})`;
	}
	const text = typeof body === 'string' ? withoutMarkup(body) : JSON.stringify(body);
	return sanitizeText(text ?? '') || 'an empty answer';
}

/** A job's record may carry a `code` of its own, such as that of the error with which it failed. */
function isJobRecord(body: unknown): boolean {
	const job = parseJob(body);
	return hasJobid(job) && job.status !== undefined && job.status !== '';
}

/**
 * HTTP's status or, if HTTP alone says success, the `code` that is documented to repeat it. Of a job's record HTTP's
 * status is the only one that speaks of the answer.
 */
export function effectiveStatus({ httpStatus, body }: ApiResponse): number {
	if (httpStatus >= 300 || !isRecord(body) || isJobRecord(body)) return httpStatus;
	return typeof body.code === 'number' && body.code >= 300 ? body.code : httpStatus;
}

/** Reads an answer that is not a success, whatever its shape. */
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
