import { type Unfound, parseReadResult } from './outcomes';
import type { Send } from './request';
import { isRecord } from './isRecord';

export type ReplyUrlOutcome = { kind: 'found'; replyUrl: string } | Unfound;

/** The URL that useapi.net calls for jobs submitted without a replyUrl. */
export interface DefaultReplyUrl {
	/** Returns an empty text if there is none. */
	get: () => Promise<ReplyUrlOutcome>;
	set: (replyUrl: string) => Promise<ReplyUrlOutcome>;
}

/** The default replyUrl of the account of one credential. Neither function throws or retries. */
export function createDefaultReplyUrl(send: Send): DefaultReplyUrl {
	const path = '/v2/account';
	return {
		async get() {
			const outcome = parseReadResult(await send({ method: 'GET', path }), 'replyUrl');
			if (outcome.kind !== 'found') return outcome;
			if (!isRecord(outcome.body)) {
				return { kind: 'unreachable', reason: 'the answer is not a useapi.net account' };
			}
			const { replyUrl } = outcome.body;
			return { kind: 'found', replyUrl: typeof replyUrl === 'string' ? replyUrl : '' };
		},
		async set(replyUrl) {
			const reply = await send({ method: 'POST', path, json: { replyUrl } });
			const outcome = parseReadResult(reply, 'replyUrl');
			return outcome.kind === 'found' ? { kind: 'found', replyUrl } : outcome;
		},
	};
}
