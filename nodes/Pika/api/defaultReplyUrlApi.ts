import { type ReadOutcome, parseReadResult } from './outcomes';
import type { Send } from './request';
import { isRecord } from './isRecord';

export type ReplyUrlOutcome =
	| { kind: 'found'; replyUrl: string }
	| Exclude<ReadOutcome, { kind: 'found' }>;

/** The URL that useapi.net calls for jobs that were submitted without a replyUrl (pika-v1 section 5.4). */
export interface DefaultReplyUrl {
	/** Empty where there is none. */
	get: () => Promise<ReplyUrlOutcome>;
	set: (replyUrl: string) => Promise<ReplyUrlOutcome>;
}

/** Binds the account's default replyUrl to one credential. Neither function throws or tries again. */
export function createDefaultReplyUrl(send: Send): DefaultReplyUrl {
	const path = '/v2/account';
	return {
		async get() {
			const outcome = parseReadResult(await send({ method: 'GET', path }));
			if (outcome.kind !== 'found') return outcome;
			if (!isRecord(outcome.body)) {
				return { kind: 'unreachable', reason: 'the answer is no useapi.net account' };
			}
			const { replyUrl } = outcome.body;
			return { kind: 'found', replyUrl: typeof replyUrl === 'string' ? replyUrl : '' };
		},
		async set(replyUrl) {
			const outcome = parseReadResult(await send({ method: 'POST', path, json: { replyUrl } }));
			return outcome.kind === 'found' ? { kind: 'found', replyUrl } : outcome;
		},
	};
}
