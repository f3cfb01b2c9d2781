import { type JobWithId, hasJobid, parseJob } from './job';
import { type ApiError, effectiveStatus, parseApiError, retryAfterSeconds } from './apiError';
import type { ApiResponse, SendResult } from './request';
import { isRecord } from './isRecord';

/**
 * How one submission ended. Only `busy` and `notSent` may be sent again; `unknown` may have made a job and is looked
 * up instead. `cutOff` is what a 429 in the middle of a large upload looks like: looked up, then as good as `busy`.
 * A caller that forgets one of them does not compile.
 */
export type SubmitOutcome =
	| { kind: 'accepted'; job: JobWithId }
	| { kind: 'busy'; refusal: ApiError; isChannelFull: boolean; retryAfterSeconds?: number }
	| { kind: 'refused'; refusal: ApiError }
	| { kind: 'notSent'; reason: string }
	| { kind: 'cutOff'; reason: string }
	| { kind: 'unknown'; reason: string; refusal?: ApiError; jobid?: string }
	| { kind: 'cancelled' };

/** How reading something ended: the parsed body, or why there is none. */
export type ReadOutcome =
	| { kind: 'found'; body: unknown }
	| { kind: 'refused'; refusal: ApiError }
	| { kind: 'unreachable'; reason: string; refusal?: ApiError }
	| { kind: 'cancelled' };

const TOO_MANY_REQUESTS = 429;
const UNPROCESSABLE = 422;

function hasExecutingJobs(body: unknown): boolean {
	return isRecord(body) && Array.isArray(body.executingJobs);
}

/**
 * 422 with a job id is a job that the API has made and ended at once (encrypt_image.txt), so it counts as accepted.
 * A 5xx or a success without job id says nothing certain: pika-v1 section 6.4 tells of a 504 whose job runs on.
 */
function submitOutcomeOf(answer: ApiResponse): SubmitOutcome {
	const status = effectiveStatus(answer);
	const job = parseJob(answer.body);
	if (hasJobid(job) && (status < 300 || status === UNPROCESSABLE)) return { kind: 'accepted', job };
	const refusal = parseApiError(answer);
	if (status === TOO_MANY_REQUESTS) {
		return {
			kind: 'busy',
			refusal,
			isChannelFull: hasExecutingJobs(answer.body),
			retryAfterSeconds: retryAfterSeconds(answer),
		};
	}
	if (status < 300 || status >= 500) {
		const reason = `HTTP ${status}: ${refusal.text}`;
		return { kind: 'unknown', reason, refusal, jobid: job.jobid };
	}
	return { kind: 'refused', refusal };
}

/** Reads the reply to a submission as one of the five outcomes, or as stopped. */
export function parseSubmitResult(reply: SendResult): SubmitOutcome {
	switch (reply.kind) {
		case 'answer':
			return submitOutcomeOf(reply);
		case 'notSent':
		case 'cutOff':
			return { kind: reply.kind, reason: reply.reason };
		case 'broken':
			return { kind: 'unknown', reason: reply.reason };
		case 'cancelled':
			return { kind: 'cancelled' };
	}
}

/** 429 and 5xx say that the API cannot answer now, so a read may be tried again. */
export function parseReadResult(reply: SendResult): ReadOutcome {
	switch (reply.kind) {
		case 'answer': {
			const status = effectiveStatus(reply);
			if (status < 300) return { kind: 'found', body: reply.body };
			const refusal = parseApiError(reply);
			return status === TOO_MANY_REQUESTS || status >= 500
				? { kind: 'unreachable', reason: `HTTP ${status}: ${refusal.text}`, refusal }
				: { kind: 'refused', refusal };
		}
		case 'notSent':
		case 'cutOff':
		case 'broken':
			return { kind: 'unreachable', reason: reply.reason };
		case 'cancelled':
			return { kind: 'cancelled' };
	}
}
