import type { Client } from '../api/client';
import { Limiter } from './limiter';

export const REQUESTS_AT_ONCE = 10;

/** A client that reads at most ten jobs or lists at a time, and none once the run is over. */
export function limitReads(client: Client, halt: AbortSignal): Client {
	const reads = new Limiter(REQUESTS_AT_ONCE);
	const limited = async <Outcome>(read: () => Promise<Outcome>) =>
		await reads.run(async () => (halt.aborted ? ({ kind: 'cancelled' } as const) : await read()));
	return {
		...client,
		getJob: async (jobid) => await limited(async () => await client.getJob(jobid)),
		getRunning: async () => await limited(async () => await client.getRunning()),
	};
}
