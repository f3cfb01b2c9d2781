import type { Accounts } from '../api/accounts';

/** What the API accepts if neither the request nor the account sets a limit (docs/api-contract.md, "Capacity"). */
export const DEFAULT_MAXIMUM_JOBS = 10;

/** How many jobs may run at the same time if no limit is set: the capacity of the configured accounts. Reads them at most once. */
export class AccountRoom {
	private reading: Promise<Map<string, number>> | undefined;

	constructor(private readonly accounts: Pick<Accounts, 'getMany'>) {}

	/** The room of one channel, or of all together if useapi.net picks one. */
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
