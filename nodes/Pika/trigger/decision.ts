import type { JobWithId } from '../api/job';
import { sanitizeText } from '../api/sanitizeText';
import type { Confirmation } from './confirmationQueue';
import { type Filter, isWanted, mayBeWanted } from './filter';
import { type Seen, isRepeat, remember } from './seen';

/** What becomes of a callback that names a job; a `reason` is for n8n's log. */
export type Decision =
	| { kind: 'emit'; job: JobWithId }
	| { kind: 'ignore'; reason?: string }
	| { kind: 'later'; reason: string };

/** A decision, or why there is nothing to decide. */
export type CallbackResult = Decision | { kind: 'unauthentic' } | { kind: 'noJob' };

/** What becomes of a callback that could not be looked at: an error must not leave webhook(), or n8n would emit an item. */
export function defer(error: unknown): CallbackResult {
	return {
		kind: 'later',
		reason: sanitizeText(error instanceof Error ? error.message : String(error)),
	};
}

/** Takes a callback at its word. */
export async function acceptUnconfirmed(callback: JobWithId): Promise<Confirmation> {
	return { kind: 'job', job: { ...callback, confirmed: false } };
}

/**
 * Emits a job that is wanted and true, once per status. Between the check for a repeat and remembering nothing else can
 * happen, so of several deliveries at the same moment one is emitted.
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
			return { kind: 'later', reason: unread + confirmation.reason };
	}
}
