import type { Accounts } from '../api/accounts';

/** What the API takes if neither the request nor the account says anything else (docs/api-contract.md, "Capacity"). */
export const DEFAULT_MAXIMUM_JOBS = 10;

/** How many jobs run at the same time if nobody has set it: what the configured accounts take. Asks them once, if ever. */
export class AccountRoom {
	private reading: Promise<Map<string, number>> | undefined;

	constructor(private readonly accounts: Pick<Accounts, 'getMany'>) {}

	/** For one channel, or for all together if useapi.net picks one. */
	async of(channel: string): Promise<number> {
		this.reading ??= this.read();
		const rooms = await this.reading;
		if (channel !== '') return rooms.get(channel) ?? DEFAULT_MAXIMUM_JOBS;
		const all = [...rooms.values()].reduce((sum, room) => sum + room, 0);
		return all || DEFAULT_MAXIMUM_JOBS;
	}

	private async read(): Promise<Map<string, number>> {
		const outcome = await this.accounts.getMany();
		const accounts = outcome.kind === 'found' ? outcome.accounts : [];
		return new Map(
			accounts.map(({ channel, maxJobs }) => {
				const isNumber = typeof maxJobs === 'number' && maxJobs >= 1;
				return [channel, isNumber ? Math.floor(maxJobs) : DEFAULT_MAXIMUM_JOBS];
			}),
		);
	}
}
