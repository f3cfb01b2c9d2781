import type { IDataObject } from 'n8n-workflow';
import { type ReadOutcome, type Unfound, parseReadResult } from './outcomes';
import { errorText } from './apiError';
import type { Send } from './request';
import type { Credentials } from './credentials';
import { isRecord } from './isRecord';

/** A Discord channel configured at useapi.net, without its Discord token. */
export interface Account extends IDataObject {
	channel: string;
	maxJobs?: number;
}

export type AccountsOutcome = { kind: 'found'; accounts: Account[] } | Unfound;

/** The endpoints below /v1/pika/account. None of these functions throws or retries. */
export interface Accounts {
	getMany: () => Promise<AccountsOutcome>;
	/** Configures the channel of the credential with the Discord token of the credential. */
	upsert: (maxJobs: number) => Promise<ReadOutcome>;
	delete: (channel: string) => Promise<ReadOutcome>;
}

/** Never returns `discord`: whether the API masks it is not documented. Undefined if this is not a map of accounts. */
function readAccounts(body: unknown): Account[] | undefined {
	if (!isRecord(body) || typeof body.error === 'string') return undefined;
	return Object.entries(body).flatMap(([channel, account]) => {
		if (!isRecord(account)) return [];
		const shown = Object.entries(account).filter(([name]) => name !== 'discord');
		return [{ ...Object.fromEntries(shown), channel }];
	});
}

function pathOf(channel: string): string {
	return `/v1/pika/account/${encodeURIComponent(channel)}`;
}

/** Binds the account endpoints to one credential. */
export function createAccounts(
	send: Send,
	{ channel = '', discordToken = '' }: Pick<Credentials, 'channel' | 'discordToken'>,
): Accounts {
	return {
		async getMany() {
			const reply = await send({ method: 'GET', path: '/v1/pika/account' });
			const outcome = parseReadResult(reply, 'accounts');
			if (outcome.kind === 'found') {
				const accounts = readAccounts(outcome.body);
				return accounts
					? { kind: 'found', accounts }
					: { kind: 'unreachable', reason: `not a list of accounts: ${errorText(outcome.body)}` };
			}
			// With "configuration not found" the API says that there is no account.
			const isNone =
				outcome.kind === 'refused' &&
				outcome.refusal.httpStatus === 404 &&
				outcome.refusal.isDocumentedShape;
			return isNone ? { kind: 'found', accounts: [] } : outcome;
		},

		async upsert(maxJobs) {
			const json = { discord: discordToken, channel, maxJobs };
			return parseReadResult(
				await send({ method: 'POST', path: pathOf(channel), json }),
				'account',
			);
		},

		async delete(name) {
			return parseReadResult(await send({ method: 'DELETE', path: pathOf(name) }), 'account');
		},
	};
}
