import { type JobWithId, hasJobid, parseJob } from './job';
import { type ApiError, effectiveStatus, parseApiError } from './apiError';
import type { ApiResponse, RequestKind, SendResult } from './request';
import { retryAfterSeconds } from './retryAfter';
import { isRecord } from './isRecord';

/**
 * How a submission ended. Only `busy` and `notSent` may be sent again. `unknown` may have created a job, which is looked
 * up instead. `uploadAborted` is what a 429 during a large upload looks like: if no job is found, it counts as `busy`. A caller
 * that does not handle all of them does not compile.
 */
export type SubmitOutcome =
	| { kind: 'accepted'; job: JobWithId }
	| { kind: 'busy'; refusal: ApiError; isChannelFull: boolean; retryAfterSeconds?: number }
	| { kind: 'refused'; refusal: ApiError }
	| { kind: 'notSent'; reason: string }
	| { kind: 'uploadAborted'; reason: string }
	| { kind: 'unknown'; reason: string; refusal?: ApiError; jobid?: string }
	| { kind: 'cancelled' };

/** How a request that creates no job ended: with the parsed body, or with the reason why there is none. */
export type ReadOutcome =
	| { kind: 'found'; body: unknown }
	| { kind: 'refused'; refusal: ApiError }
	| {
			kind: 'unreachable';
			reason: string;
			refusal?: ApiError;
			/** How long the API asks the client to wait, at most an hour. */
			retryAfterSeconds?: number;
			/** True if the request did not reach the API. */
			isNeverSent?: boolean;
	  }
	| { kind: 'cancelled' };

/** Why there is no body. */
export type Unfound = Exclude<ReadOutcome, { kind: 'found' }>;

/** The only one of these outcomes after which the read may be repeated. */
export type Unreachable = Extract<ReadOutcome, { kind: 'unreachable' }>;

const TOO_MANY_REQUESTS = 429;
const UNPROCESSABLE = 422;

function hasExecutingJobs(body: unknown): boolean {
	return isRecord(body) && Array.isArray(body.executingJobs);
}

/**
 * 422 with a job ID means that the API has created a job and ended it at once, so it counts as accepted. After a 5xx, or
 * a success without a job ID, a job may exist (docs/api-contract.md, "Unknown outcomes").
 */
function submitOutcomeOf(answer: ApiResponse, request: RequestKind): SubmitOutcome {
	const status = effectiveStatus(answer);
	const job = parseJob(answer.body);
	if (hasJobid(job) && (status < 300 || status === UNPROCESSABLE)) return { kind: 'accepted', job };
	const refusal = parseApiError(answer, request);
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

/** The outcome of a submission, for every possible result of its request. */
export function parseSubmitResult(
	reply: SendResult,
	request: 'submission' | 'retry' = 'submission',
): SubmitOutcome {
	switch (reply.kind) {
		case 'answer':
			return submitOutcomeOf(reply, request);
		case 'notSent':
		case 'uploadAborted':
			return { kind: reply.kind, reason: reply.reason };
		case 'broken':
			return { kind: 'unknown', reason: reply.reason };
		case 'cancelled':
			return { kind: 'cancelled' };
	}
}

function readOutcomeOf(answer: ApiResponse, request: RequestKind): ReadOutcome {
	const status = effectiveStatus(answer);
	const { body } = answer;
	// Every documented answer is JSON or empty. Text comes from a proxy, a login page or another server.
	const isText = typeof body === 'string' && body.trim() !== '';
	if (status < 300 && !isText) return { kind: 'found', body };
	const refusal = parseApiError(answer, request);
	if (status >= 300 && status < 500 && status !== TOO_MANY_REQUESTS) {
		return { kind: 'refused', refusal };
	}
	return {
		kind: 'unreachable',
		reason: `HTTP ${status}: ${refusal.text}`,
		refusal,
		retryAfterSeconds: retryAfterSeconds(answer),
	};
}

/** After 429, 5xx and text that is not JSON, the API may answer later, so the read may be repeated. */
export function parseReadResult(reply: SendResult, request: RequestKind): ReadOutcome {
	switch (reply.kind) {
		case 'answer':
			return readOutcomeOf(reply, request);
		case 'notSent':
			return { kind: 'unreachable', reason: reply.reason, isNeverSent: true };
		case 'uploadAborted':
		case 'broken':
			return { kind: 'unreachable', reason: reply.reason };
		case 'cancelled':
			return { kind: 'cancelled' };
	}
}
