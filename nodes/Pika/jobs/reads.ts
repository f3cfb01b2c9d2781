import type { Client, JobOutcome, RunningOutcome } from '../api/client';
import { MAXIMUM_CONNECTION_TRIES } from './backoff';
import type { Clock } from './clock';
import { Limiter } from './limiter';

export const REQUESTS_AT_ONCE = 10;

/** The pause between two reads of the same job, or of the list (docs/api-contract.md, "Polling"). */
export const MINIMUM_POLL_MILLISECONDS = 10_000;

const LIST = 'the list of running jobs';

/**
 * All reads of a run: at most ten at a time, and none once the run is over. Keeps the pause between two reads of the same
 * job or of the list. A caller that comes within 10 seconds of that waits, and simultaneous callers share a read.
 */
export class Reads {
	private readonly limiter = new Limiter(REQUESTS_AT_ONCE);

	private readonly underWay = new Map<string, Promise<unknown>>();

	/** When the last answer arrived, or when the last read failed. */
	private readonly endedAt: Map<string, number>;

	/** `previous` are the reads of the run that these continue. */
	constructor(
		private readonly client: Pick<Client, 'getJob' | 'getRunning'>,
		private readonly clock: Clock,
		private readonly halt: AbortSignal,
		previous?: Reads,
	) {
		this.endedAt = new Map(previous?.endedAt);
	}

	/** When the list was last read, in milliseconds since 1970. */
	get listReadAt(): number {
		return this.endedAt.get(LIST) ?? -Infinity;
	}

	async job(jobid: string): Promise<JobOutcome> {
		return await this.paced(jobid, async () => await this.client.getJob(jobid));
	}

	/** Reads a job, with retries if the API cannot answer. They keep to the pace of all reads, without a backoff of their own. */
	async jobWithRetries(jobid: string): Promise<JobOutcome> {
		for (let tries = 1; ; tries++) {
			const outcome = await this.job(jobid);
			if (outcome.kind !== 'unreachable' || tries === MAXIMUM_CONNECTION_TRIES) return outcome;
		}
	}

	/** Callers that share a list get the same object. With `immediately` the list is read immediately, because a job is known to have ended. */
	async list(immediately = false): Promise<RunningOutcome> {
		return await this.paced(
			LIST,
			async () => ({ ...(await this.client.getRunning()) }),
			immediately,
		);
	}

	private async paced<Outcome>(
		what: string,
		read: () => Promise<Outcome>,
		immediately = false,
	): Promise<Outcome | { kind: 'cancelled' }> {
		for (;;) {
			if (this.halt.aborted) return { kind: 'cancelled' };
			const same = this.underWay.get(what);
			if (same) return (await same) as Outcome;
			const early = this.endsPauseAt(what) - this.clock.now();
			if (immediately || early <= 0) return await this.share(what, read);
			await this.clock.pause(early, this.halt);
		}
	}

	private endsPauseAt(what: string): number {
		return (this.endedAt.get(what) ?? -Infinity) + MINIMUM_POLL_MILLISECONDS;
	}

	private async share<Outcome>(
		what: string,
		read: () => Promise<Outcome>,
	): Promise<Outcome | { kind: 'cancelled' }> {
		const reading = this.limiter.run(async () =>
			this.halt.aborted ? ({ kind: 'cancelled' } as const) : await read(),
		);
		this.underWay.set(what, reading);
		try {
			return await reading;
		} finally {
			this.underWay.delete(what);
			this.endedAt.set(what, this.clock.now());
		}
	}
}
