import type { JobWithId } from '../api/job';
import { sanitizeText } from '../api/sanitizeText';
import type { Confirmation } from './confirmationQueue';
import { type Filter, isWanted, mayBeWanted } from './filter';
import { type Seen, isRepeat, remember } from './seen';

/** What becomes of a callback that names a job; a `reason` is for n8n's log. */
export type Decision =
	| { kind: 'emit'; job: JobWithId }
	| { kind: 'ignore'; reason?: string }
	| { kind: 'defer'; reason: string };

/** How a callback ends: by a decision, or before there is anything to decide. */
export type CallbackResult = Decision | { kind: 'unauthorized' } | { kind: 'notAJob' };

/** For a callback that could not be processed: if webhook() threw the error, n8n would start the workflow. */
export function defer(error: unknown): CallbackResult {
	return {
		kind: 'defer',
		reason: sanitizeText(error instanceof Error ? error.message : String(error)),
	};
}

/** Believes the callback, and marks the job as unconfirmed. */
export async function acceptUnconfirmed(callback: JobWithId): Promise<Confirmation> {
	return { kind: 'job', job: { ...callback, confirmed: false } };
}

/**
 * Emits a job that is wanted and true, once for each status. Nothing can happen between the last check for a repeat and
 * remembering the job, so of several callbacks at the same moment one is emitted.
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
