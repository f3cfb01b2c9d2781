import { type Job, parseJob } from './job';
import type { ApiResponse } from './request';
import { sanitizeText, withoutMarkup } from './sanitizeText';
import { isRecord } from './isRecord';

/** An answer that is no success, in words fit for a message. */
export interface ApiError {
	httpStatus: number;
	/** The API's own words; of an answer of unknown shape its readable text. */
	text: string;
	/** Whether the answer had the documented shape `{ error, code }` (pika-v1 section 2.3). */
	isDocumentedShape: boolean;
	job: Job;
}

/** `errorDetails` of Discord's 429 is JSON in a string (encrypt_image.txt): its message is the readable part. */
function detailWords(details: unknown): string {
	if (typeof details !== 'string' || details.trim() === '') return '';
	const { message } = parseDetails(details);
	return sanitizeText(typeof message === 'string' ? message : details);
}

function parseDetails(details: unknown): Record<string, unknown> {
	if (typeof details !== 'string') return {};
	try {
		const parsed: unknown = JSON.parse(details);
		return isRecord(parsed) ? parsed : {};
	} catch {
		return {};
	}
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

/** HTTP's status, or the `code` that is documented to repeat it where HTTP alone says success. */
export function effectiveStatus({ httpStatus, body }: ApiResponse): number {
	const code = isRecord(body) ? body.code : undefined;
	return httpStatus < 300 && typeof code === 'number' && code >= 300 ? code : httpStatus;
}

/** Reads an answer that is no success, whatever its shape. */
export function parseApiError(answer: ApiResponse): ApiError {
	return {
		httpStatus: effectiveStatus(answer),
		text: errorText(answer.body),
		isDocumentedShape: isRecord(answer.body) && typeof answer.body.error === 'string',
		job: parseJob(answer.body),
	};
}

/** `retry_after` in seconds, as Discord gives it inside `errorDetails`; undefined where it is not said. */
export function retryAfterSeconds({ body }: ApiResponse): number | undefined {
	const details = parseDetails(isRecord(body) ? body.errorDetails : undefined);
	return typeof details.retry_after === 'number' && details.retry_after > 0
		? details.retry_after
		: undefined;
}
