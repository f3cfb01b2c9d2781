import { type Failure, refusalFailure } from '../results/failures';
import type { DefaultReplyUrl, ReplyUrlOutcome } from '../api/defaultReplyUrlApi';
import { isRecord } from '../api/isRecord';

/** That this trigger is the account's default replyUrl. */
export interface Registration {
	/** Without the token. */
	url: string;
	/** What was the default before; empty where there was none. */
	former: string;
}

const LONGEST_REPLY_URL = 1024;
/** As api/body.ts shows the token of a callback where the API echoes it. */
const HIDDEN = '[hidden]';
const HIDDEN_TOKEN = /([?&])\[hidden\]/;

/** A trigger's URL as the sender must call it: with the token, where there is one. */
export function callbackUrl(url: string, token?: string): string {
	return token ? `${url}?token=${encodeURIComponent(token)}` : url;
}

function withoutQuery(url: string): string {
	return url.split('?')[0] ?? '';
}

function pathOf(url: string): string {
	return URL.canParse(url) ? new URL(url).pathname : url;
}

/** Reads the saved data of a node, of any shape. */
export function readRegistration(saved: unknown): Registration | undefined {
	if (!isRecord(saved)) return undefined;
	const { url, former } = saved;
	return typeof url === 'string' && typeof former === 'string' ? { url, former } : undefined;
}

function failureOf(outcome: Exclude<ReplyUrlOutcome, { kind: 'found' }>): Failure {
	if (outcome.kind === 'refused') return refusalFailure(outcome.refusal);
	return {
		message: `The default replyUrl of the useapi.net account could not be set: ${outcome.kind === 'cancelled' ? 'cancelled' : outcome.reason}`,
		description: 'Check the base URL in the credential, then publish the workflow again.',
	};
}

/**
 * Makes a URL the account's default. What it gives is to be saved, so that the former default can be put back; `saved`
 * is what an earlier publication left.
 */
export async function register(
	account: DefaultReplyUrl,
	url: string,
	token: string | undefined,
	saved: Registration | undefined,
): Promise<Registration | Failure> {
	const wanted = callbackUrl(url, token);
	if (wanted.length > LONGEST_REPLY_URL) {
		const message = `The URL of this trigger is longer than ${LONGEST_REPLY_URL} characters`;
		return { message, description: 'Shorten the callback token in the credential.' };
	}
	const current = await account.get();
	if (current.kind !== 'found') return failureOf(current);
	const changed = await account.set(wanted);
	if (changed.kind !== 'found') return failureOf(changed);
	const isOurs = withoutQuery(current.replyUrl) === url;
	return { url, former: isOurs ? (saved?.former ?? '') : current.replyUrl };
}

/** True where a trigger that listens at `url` is the one that was registered, and not its test listening. */
export function isRegistered(registration: Registration, url: string): boolean {
	return pathOf(registration.url) === pathOf(url);
}

/** How putting the former default back ended: whether that is settled, and what n8n's log should say. */
export interface Restoration {
	isSettled: boolean;
	note?: string;
}

function revealed(former: string, token: string | undefined): string {
	if (!token) return former;
	const query = callbackUrl('', token).slice(1);
	return former.replace(HIDDEN_TOKEN, (_hidden, mark: string) => mark + query);
}

/** Puts the former default back where ours is still the default, and leaves what somebody else has set. */
export async function restore(
	account: DefaultReplyUrl,
	{ url, former }: Registration,
	token: string | undefined,
): Promise<Restoration> {
	const stays = `so the default replyUrl of the useapi.net account stays ${url}`;
	const current = await account.get();
	if (current.kind !== 'found') return { isSettled: false, note: failureOf(current).message };
	if (withoutQuery(current.replyUrl) !== url) return { isSettled: true };
	if (former === '') {
		const note = `There was none before, and how to clear it is not documented, ${stays}`;
		return { isSettled: true, note };
	}
	const wanted = revealed(former, token);
	if (wanted.includes(HIDDEN)) {
		const note = `The former one held a secret that the credential no longer has, ${stays}`;
		return { isSettled: true, note };
	}
	const changed = await account.set(wanted);
	if (changed.kind === 'found') return { isSettled: true };
	return { isSettled: false, note: failureOf(changed).message };
}
