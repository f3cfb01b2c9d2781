import { type KnownJob, hasJobid, isRecord, readJob } from './job';
import { type Refusal, effectiveStatus, readRefusal, retryAfterSeconds } from './refusal';
import type { Answer, Reply } from './request';

/**
 * How one submission ended. Only `busy` and `notSent` may be sent again; `unknown` may have made a job and is looked
 * up instead. `cutOff` is what a 429 in the middle of a large upload looks like: looked up, then as good as `busy`.
 * A caller that forgets one of them does not compile.
 */
export type SubmitOutcome =
	| { kind: 'accepted'; job: KnownJob }
	| { kind: 'busy'; refusal: Refusal; isChannelFull: boolean; retryAfterSeconds?: number }
	| { kind: 'refused'; refusal: Refusal }
	| { kind: 'notSent'; reason: string }
	| { kind: 'cutOff'; reason: string }
	| { kind: 'unknown'; reason: string; refusal?: Refusal; jobid?: string }
	| { kind: 'cancelled' };

/** How reading something ended: the parsed body, or why there is none. */
export type ReadOutcome =
	| { kind: 'found'; body: unknown }
	| { kind: 'refused'; refusal: Refusal }
	| { kind: 'unreachable'; reason: string; refusal?: Refusal }
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
function submitOutcomeOf(answer: Answer): SubmitOutcome {
	const status = effectiveStatus(answer);
	const job = readJob(answer.body);
	if (hasJobid(job) && (status < 300 || status === UNPROCESSABLE)) return { kind: 'accepted', job };
	const refusal = readRefusal(answer);
	if (status === TOO_MANY_REQUESTS) {
		return {
			kind: 'busy',
			refusal,
			isChannelFull: hasExecutingJobs(answer.body),
			retryAfterSeconds: retryAfterSeconds(answer),
		};
	}
	if (status < 300 || status >= 500) {
		const reason = `HTTP ${status}: ${refusal.words}`;
		return { kind: 'unknown', reason, refusal, jobid: job.jobid };
	}
	return { kind: 'refused', refusal };
}

/** Reads the reply to a submission as one of the five outcomes, or as stopped. */
export function readSubmitReply(reply: Reply): SubmitOutcome {
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
export function readReadReply(reply: Reply): ReadOutcome {
	switch (reply.kind) {
		case 'answer': {
			const status = effectiveStatus(reply);
			if (status < 300) return { kind: 'found', body: reply.body };
			const refusal = readRefusal(reply);
			return status === TOO_MANY_REQUESTS || status >= 500
				? { kind: 'unreachable', reason: `HTTP ${status}: ${refusal.words}`, refusal }
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
