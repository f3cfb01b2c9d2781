import { type Failure, refusalFailure } from '../results/failures';
import type { DefaultReplyUrl, ReplyUrlOutcome } from '../api/defaultReplyUrlApi';
import { isRecord } from '../api/isRecord';
import { MAX_LENGTH } from '../api/limits';
import { HIDDEN } from '../api/responseBody';

/** The registration of this trigger as the default replyUrl of the account. */
export interface Registration {
	/** Without the token. */
	url: string;
	/** The previous default; empty if there was none. */
	previous: string;
}

const HIDDEN_TOKEN = /([?&])\[hidden\]/;

/** The URL of a trigger as the sender must call it: with the token, if there is one. */
export function callbackUrl(url: string, token?: string): string {
	return token ? `${url}?token=${encodeURIComponent(token)}` : url;
}

function withoutQuery(url: string): string {
	return url.split('?')[0] ?? '';
}

function pathOf(url: string): string {
	return URL.canParse(url) ? new URL(url).pathname : url;
}

/** Reads a saved registration; undefined if it is not one. */
export function parseRegistration(saved: unknown): Registration | undefined {
	if (!isRecord(saved)) return undefined;
	const { url, previous } = saved;
	return typeof url === 'string' && typeof previous === 'string' ? { url, previous } : undefined;
}

function failureOf(outcome: Exclude<ReplyUrlOutcome, { kind: 'found' }>): Failure {
	if (outcome.kind === 'refused') return refusalFailure(outcome.refusal);
	return {
		message: `The default replyUrl of the useapi.net account could not be set: ${outcome.kind === 'cancelled' ? 'cancelled' : outcome.reason}`,
		description: 'Check the base URL in the credential, then publish the workflow again.',
	};
}

/**
 * Makes a URL the default of the account. The result must be saved, so that the previous default can be restored. `saved`
 * is the result of an earlier publication.
 */
export async function register(
	account: DefaultReplyUrl,
	url: string,
	token: string | undefined,
	saved: Registration | undefined,
): Promise<Registration | Failure> {
	const wanted = callbackUrl(url, token);
	if (wanted.length > MAX_LENGTH.replyUrl) {
		const message = `The URL of this trigger is longer than ${MAX_LENGTH.replyUrl} characters`;
		return { message, description: 'Shorten the callback token in the credential.' };
	}
	const current = await account.get();
	if (current.kind !== 'found') return failureOf(current);
	const changed = await account.set(wanted);
	if (changed.kind !== 'found') return failureOf(changed);
	const isOurs = withoutQuery(current.replyUrl) === url;
	return { url, previous: isOurs ? (saved?.previous ?? '') : current.replyUrl };
}

/** True if the trigger with this URL is the registered one. Test listening has another URL. */
export function isRegistered(registration: Registration, url: string): boolean {
	return pathOf(registration.url) === pathOf(url);
}

/** The result of restoring the previous default: whether it is final, and what to write to n8n's log. */
export interface Restoration {
	isSettled: boolean;
	note?: string;
}

function revealToken(previous: string, token: string | undefined): string {
	if (!token) return previous;
	const query = callbackUrl('', token).slice(1);
	return previous.replace(HIDDEN_TOKEN, (_hidden, mark: string) => mark + query);
}

/** Restores the previous default, unless someone has replaced the URL of this trigger since. */
export async function restore(
	account: DefaultReplyUrl,
	{ url, previous }: Registration,
	token: string | undefined,
): Promise<Restoration> {
	const stays = `so the default replyUrl of the useapi.net account remains ${url}`;
	const current = await account.get();
	if (current.kind !== 'found') return { isSettled: false, note: failureOf(current).message };
	if (withoutQuery(current.replyUrl) !== url) return { isSettled: true };
	if (previous === '') {
		const note = `There was none before, and how to clear it is not documented, ${stays}`;
		return { isSettled: true, note };
	}
	const wanted = revealToken(previous, token);
	if (wanted.includes(HIDDEN)) {
		const note = `The previous one held a token that the credential no longer has, ${stays}`;
		return { isSettled: true, note };
	}
	const changed = await account.set(wanted);
	if (changed.kind === 'found') return { isSettled: true };
	return { isSettled: false, note: failureOf(changed).message };
}
