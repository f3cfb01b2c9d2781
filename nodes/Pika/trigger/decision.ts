import type { JobWithId } from '../api/job';
import { sanitizeText } from '../api/sanitizeText';
import type { Confirmation } from './confirmationQueue';
import { type Filter, isWanted, mayBeWanted } from './filter';
import { type Seen, isRepeat, remember } from './seen';

/** What happens with a callback that names a job; `reason` is for n8n's log. */
export type Decision =
	| { kind: 'emit'; job: JobWithId }
	| { kind: 'ignore'; reason?: string }
	| { kind: 'defer'; reason: string };

/** What happens with a callback, including those that are rejected before a decision. */
export type CallbackResult = Decision | { kind: 'unauthorized' } | { kind: 'notAJob' };

/** For errors: if webhook() threw them, n8n would start the workflow (docs/n8n-internals.md, "Errors in webhook()"). */
export function defer(error: unknown): CallbackResult {
	return {
		kind: 'defer',
		reason: sanitizeText(error instanceof Error ? error.message : String(error)),
	};
}

/** Takes the job from the callback, and marks it as unconfirmed. */
export async function acceptUnconfirmed(callback: JobWithId): Promise<Confirmation> {
	return { kind: 'job', job: { ...callback, confirmed: false } };
}

/**
 * Emits a job that matches the filter and is confirmed, once for each status. Nothing is awaited between the last check
 * for repetition and remembering the job, so only one of several simultaneous callbacks is emitted.
 */
export async function decide(
	callback: JobWithId,
	filter: Filter,
	seen: Seen,
	confirm: (callback: JobWithId) => Promise<Confirmation>,
): Promise<Decision> {
	if (!mayBeWanted(callback, filter) || isRepeat(seen, callback)) return { kind: 'ignore' };
	const confirmation = await confirm(callback);
	const unread = `the job ${callback.jobid} could not be read: `;
	switch (confirmation.kind) {
		case 'job':
			if (!isWanted(confirmation.job, filter)) return { kind: 'ignore' };
			if (isRepeat(seen, confirmation.job)) return { kind: 'ignore' };
			remember(seen, confirmation.job);
			return { kind: 'emit', job: confirmation.job };
		case 'unknown':
			return { kind: 'ignore' };
		case 'refused':
			return { kind: 'ignore', reason: unread + confirmation.reason };
		case 'unavailable':
			return { kind: 'defer', reason: unread + confirmation.reason };
	}
}
