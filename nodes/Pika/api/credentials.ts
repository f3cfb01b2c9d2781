import { baseUrlProblem, type Destination } from './baseUrl';
import { MAX_JOBS_OF_CHANNEL } from './limits';
import { cleanId, cleanSecret, cleanToken } from './pasted';
import { parseText } from './plainText';

/** The values of the credential `useApiPikaApi`, without characters that come from pasting, and without empty fields. */
export interface Credentials extends Destination {
	/** Without a trailing slash. */
	baseUrl: string;
	apiToken: string;
	discordToken?: string;
	channel?: string;
	maxJobs?: number;
	replyUrl?: string;
	callbackToken?: string;
	/** The tokens as they were typed, if they differ from the cleaned ones: they are redacted as well. */
	typed?: Partial<Record<'apiToken' | 'discordToken' | 'callbackToken', string>>;
	/** What is wrong with the fields that cannot be read, as sentences. */
	faults?: string[];
}

export const HOW_TO_FIND_CHANNEL_ID =
	'Enter the digits at the end of the address of the direct messages with the Pika bot: https://discord.com/channels/@me/…';

export const HOW_TO_WRITE_REPLY_URL =
	'Enter a complete URL that begins with https:// or http://, for example the Production URL of a Pika Trigger.';

/** True for digits alone; Discord's IDs are numbers. */
export function isChannelId(text: string): boolean {
	return /^\d+$/.test(text);
}

/** True for a whole URL that a server can call. */
export function isReplyUrl(text: string): boolean {
	return /^https?:\/\//i.test(text) && URL.canParse(text);
}

type Clean = (typed: string) => string;

const TOKENS = { apiToken: cleanToken, discordToken: cleanToken, callbackToken: cleanSecret };

/** What an HTTP header can contain: printable characters of ASCII or Latin-1. */
const HEADER_VALUE = /^[\x21-\x7e\xa1-\xff]*$/;

function clean(value: unknown, cleaning: Clean): string | undefined {
	const cleaned = typeof value === 'string' ? cleaning(value) : '';
	return cleaned === '' ? undefined : cleaned;
}

/** Cleans a callback token, from a request or the credential, in the same way; undefined if there is none. */
export function parseCallbackToken(value: unknown): string | undefined {
	return clean(value, TOKENS.callbackToken);
}

/** The tokens as they were typed, to be redacted too: only those that do not contain the cleaned token unchanged. */
function typedTokens(credential: Record<string, unknown>): Credentials['typed'] {
	const broken = Object.entries(TOKENS).filter(([name, cleaning]) => {
		const typed = credential[name];
		return typeof typed === 'string' && !typed.includes(cleaning(typed));
	});
	if (broken.length === 0) return undefined;
	return Object.fromEntries(broken.map(([name]) => [name, String(credential[name])]));
}

/** 0 stands for "not set"; undefined is what no channel takes. */
function parseMaxJobs(value: unknown): number | undefined {
	const number = typeof value === 'string' ? Number(value) : (value ?? 0);
	if (typeof number !== 'number' || !Number.isInteger(number)) return undefined;
	return number >= 0 && number <= MAX_JOBS_OF_CHANNEL ? number : undefined;
}

/** Reads decrypted credential data. Whether it can be used is up to `credentialsProblem`. */
export function parseCredentials(credential: Record<string, unknown>): Credentials {
	const faults: string[] = [];
	const text = (label: string, value: unknown, cleaning: Clean): string | undefined => {
		const parsed = parseText(value);
		if (parsed.kind === 'text') return clean(parsed.text, cleaning);
		faults.push(`The ${label} in the credential ${parsed.fault}`);
		return undefined;
	};
	const channel = text('Discord channel ID', credential.channel, cleanId);
	if (channel && !isChannelId(channel)) {
		faults.push(
			`The Discord channel ID "${channel}" in the credential is not a number. ${HOW_TO_FIND_CHANNEL_ID}`,
		);
	}
	const replyUrl = text('reply URL', credential.replyUrl, (typed) => typed.trim());
	if (replyUrl && !isReplyUrl(replyUrl)) {
		faults.push(
			`The reply URL "${replyUrl}" in the credential is not a web address. ${HOW_TO_WRITE_REPLY_URL}`,
		);
	}
	const maxJobs = parseMaxJobs(credential.maxJobs);
	if (maxJobs === undefined) {
		faults.push(
			`The maximum number of jobs in the credential is not a whole number from 0 to ${MAX_JOBS_OF_CHANNEL}`,
		);
	}
	return {
		baseUrl: (clean(credential.baseUrl, cleanId) ?? '').replace(/\/+$/, ''),
		allowPlainHttp: credential.allowPlainHttp === true || undefined,
		apiToken: clean(credential.apiToken, TOKENS.apiToken) ?? '',
		discordToken: clean(credential.discordToken, TOKENS.discordToken),
		channel,
		maxJobs: maxJobs || undefined,
		replyUrl,
		callbackToken: parseCallbackToken(credential.callbackToken),
		typed: typedTokens(credential),
		faults: faults.length > 0 ? faults : undefined,
	};
}

/** What is wrong with the tokens, as a sentence that says what to paste; undefined if nothing is wrong. */
export function tokenProblem({ apiToken, discordToken = '' }: Credentials): string | undefined {
	if (apiToken === '')
		return 'The credential has no API token. Paste the complete token, including "user:"';
	const words = 'has characters that no token has. Paste the complete token, not its masked form';
	if (!HEADER_VALUE.test(apiToken)) {
		return `The API token in the credential ${words}: it begins with "user:"`;
	}
	return HEADER_VALUE.test(discordToken)
		? undefined
		: `The Discord token in the credential ${words}`;
}

/** Why no request may be made with these credentials, as a sentence; undefined if requests may be made. */
export function credentialsProblem(settings: Credentials): string | undefined {
	const problem = tokenProblem(settings) ?? baseUrlProblem(settings);
	if (problem) return problem;
	if (settings.discordToken && !settings.channel && !settings.faults) {
		return 'The credential has a Discord token but no Discord channel ID. Fill in both, or neither';
	}
	return settings.faults?.[0];
}

/** A text as it is encoded in URLs, JSON and HTML. */
function formsOf(text: string): string[] {
	// A lone surrogate cannot be encoded.
	const whole = Buffer.from(text).toString();
	const encoded = [encodeURI(whole), encodeURIComponent(whole)];
	const lower = encoded.map((each) => each.replace(/%../g, (code) => code.toLowerCase()));
	const form = new URLSearchParams({ '': whole }).toString().slice(1);
	const inJson = JSON.stringify(text).slice(1, -1);
	const inHtml = text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);
	const inMarkup = text.replaceAll('&', '&amp;').replaceAll('"', '&quot;');
	return [text, ...encoded, ...lower, form, inJson, inHtml, inMarkup];
}

/**
 * The texts to redact, as they are sent and as they were typed, the longest first. The callback token is included in the
 * form that it has in a URL.
 */
export function secretsOf(settings: Credentials): string[] {
	const { typed = {} } = settings;
	const secrets = [settings.apiToken, settings.discordToken, typed.apiToken, typed.discordToken];
	const inUrl = [settings.callbackToken, typed.callbackToken]
		.flatMap((token) => (token ? formsOf(token) : []))
		.map((token) => `token=${token}`);
	const forms = [...secrets, ...inUrl].flatMap((secret) => (secret ? formsOf(secret) : []));
	return [...new Set(forms)].sort((one, other) => other.length - one.length);
}
