import { randomInt } from 'node:crypto';
import { DEFAULT_MAX_JOBS, MAX_CONCURRENT_JOBS } from './contract.cts';

export interface ChannelAccount {
	channel: string;
	discord: string;
	maxJobs: number;
}

export interface ChannelRequest {
	discord?: string;
	channel?: string;
	maxJobs?: number;
}

export type ChannelChoice =
	| { kind: 'chosen'; channel: string; discord: string; maxJobs: number }
	| { kind: 'full'; maxJobs: number; executingJobs: string[] }
	| { kind: 'missing' };

/** The configured accounts, and the choice of the account for a job (docs/api-contract.md, "Capacity"). */
export class Accounts {
	private readonly byChannel = new Map<string, ChannelAccount>();

	constructor(private readonly initial: readonly ChannelAccount[]) {
		this.reset();
	}

	reset(): void {
		this.byChannel.clear();
		for (const account of this.initial) this.byChannel.set(account.channel, { ...account });
	}

	list(): ChannelAccount[] {
		return [...this.byChannel.values()];
	}

	/** Saves the account or returns the documented error. The checks run in the documented order. */
	save(pathChannel: string, body: Record<string, unknown>): string | undefined {
		const { discord, channel, maxJobs } = body;
		if (typeof discord !== 'string' || discord === '')
			return 'Required param discord is missing or empty';
		if (typeof channel !== 'string' || channel === '')
			return 'Required param channel is missing or empty';
		// Guess: which IDs are valid. Discord's have 17 to 20 digits.
		if (!/^\d{17,20}$/.test(channel))
			return `Required param channel (${channel}) is not valid Discord channel id`;
		if (channel !== pathChannel)
			return `Required param channel (${channel}) not matching to /pika/account/${pathChannel}`;
		// Guess: a value that is not a positive integer counts as missing.
		if (typeof maxJobs !== 'number' || !Number.isInteger(maxJobs) || maxJobs < 1)
			return 'Required param maxJobs is missing or empty';
		if (maxJobs > MAX_CONCURRENT_JOBS)
			return `Required param maxJobs ${maxJobs} can't be more that ${MAX_CONCURRENT_JOBS}`;
		const duplicate = this.list().find(
			(other) => other.discord === discord && other.channel !== channel,
		);
		if (duplicate) return `Channel ${duplicate.channel} configuration has same discord value`;
		this.byChannel.set(channel, { channel, discord, maxJobs });
		return undefined;
	}

	delete(channel: string): boolean {
		return this.byChannel.delete(channel);
	}

	/** `running` returns the IDs of the running jobs of a channel. */
	choose(requested: ChannelRequest, running: (channel: string) => string[]): ChannelChoice {
		const { channel, discord } = requested;
		if (channel !== undefined) {
			const saved = this.byChannel.get(channel);
			const token = discord ?? saved?.discord;
			// Guess: for a channel that is not configured, the discord value counts as missing.
			if (token === undefined) return { kind: 'missing' };
			const maxJobs = requested.maxJobs ?? saved?.maxJobs ?? DEFAULT_MAX_JOBS;
			const executingJobs = running(channel);
			if (executingJobs.length >= maxJobs) return { kind: 'full', maxJobs, executingJobs };
			return { kind: 'chosen', channel, discord: token, maxJobs };
		}
		// Guess: discord without channel counts as a missing value, and so does having no account at all.
		if (discord !== undefined || this.byChannel.size === 0) return { kind: 'missing' };
		const all = this.list().map((account) => ({
			...account,
			maxJobs: requested.maxJobs ?? account.maxJobs,
			executingJobs: running(account.channel),
		}));
		const free = all.filter((account) => account.executingJobs.length < account.maxJobs);
		const chosen = free.length === 0 ? undefined : free[randomInt(free.length)];
		if (chosen) return { kind: 'chosen', ...chosen };
		// Guess: if every account is full, the response contains the jobs and slots of all accounts.
		return {
			kind: 'full',
			maxJobs: all.reduce((sum, account) => sum + account.maxJobs, 0),
			executingJobs: all.flatMap((account) => account.executingJobs),
		};
	}
}
