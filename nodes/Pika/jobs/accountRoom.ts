import type { Accounts } from '../api/accounts';
import { MAX_JOBS_OF_CHANNEL } from '../api/limits';

/** How many jobs may run at the same time if no limit is set: the capacity of the configured accounts. Reads them at most once. */
export class AccountRoom {
	private reading: Promise<Map<string, number>> | undefined;

	constructor(private readonly accounts: Pick<Accounts, 'getMany'>) {}

	/** The room of one channel, or of all together if useapi.net picks one. */
	async of(channel: string): Promise<number> {
		this.reading ??= this.read();
		const rooms = await this.reading;
		if (channel !== '') return rooms.get(channel) ?? MAX_JOBS_OF_CHANNEL;
		const all = [...rooms.values()].reduce((sum, room) => sum + room, 0);
		return all || MAX_JOBS_OF_CHANNEL;
	}

	private async read(): Promise<Map<string, number>> {
		const outcome = await this.accounts.getMany();
		const accounts = outcome.kind === 'found' ? outcome.accounts : [];
		return new Map(
			accounts.map(({ channel, maxJobs }) => {
				const isNumber = typeof maxJobs === 'number' && maxJobs >= 1;
				return [channel, isNumber ? Math.floor(maxJobs) : MAX_JOBS_OF_CHANNEL];
			}),
		);
	}
}
