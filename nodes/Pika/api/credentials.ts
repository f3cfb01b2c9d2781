import { baseUrlProblem } from './baseUrl';

/** What the credential `useApiPikaApi` says, with empty fields left out. */
export interface Credentials {
	/** Without a slash at its end. */
	baseUrl: string;
	apiToken: string;
	discordToken?: string;
	channel?: string;
	maxJobs?: number;
	replyUrl?: string;
	callbackToken?: string;
}

function text(value: unknown): string | undefined {
	const trimmed = typeof value === 'string' ? value.trim() : '';
	return trimmed === '' ? undefined : trimmed;
}

function positive(value: unknown): number | undefined {
	const number = Number(value);
	return Number.isInteger(number) && number > 0 ? number : undefined;
}

/** Reads decrypted credential data. Says nothing of whether it can be used: see `settingsFault`. */
export function parseCredentials(credential: Record<string, unknown>): Credentials {
	return {
		baseUrl: (text(credential.baseUrl) ?? '').replace(/\/+$/, ''),
		apiToken: text(credential.apiToken) ?? '',
		discordToken: text(credential.discordToken),
		channel: text(credential.channel),
		maxJobs: positive(credential.maxJobs),
		replyUrl: text(credential.replyUrl),
		callbackToken: text(credential.callbackToken),
	};
}

/** Why no request may be made with these settings, as a sentence; undefined where one may. */
export function credentialsProblem(settings: Credentials): string | undefined {
	if (settings.apiToken === '') return 'The credential has no API token';
	if (settings.discordToken && !settings.channel) {
		return 'The credential has a Discord token but no Discord channel ID';
	}
	return baseUrlProblem(settings.baseUrl);
}

/** The texts that must never be seen outside the credential; the callback token as it stands in a URL. */
export function secretsOf({ apiToken, discordToken, callbackToken }: Credentials): string[] {
	const inUrl = callbackToken && [callbackToken, encodeURIComponent(callbackToken)];
	const secrets = [apiToken, discordToken, ...(inUrl || []).map((token) => `token=${token}`)];
	const given = secrets.filter((secret) => secret !== undefined && secret !== '').map(String);
	return [
		...new Set(given.flatMap((secret) => [secret, encodeURI(secret), encodeURIComponent(secret)])),
	];
}
