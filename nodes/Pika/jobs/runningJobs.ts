import type { RunningOutcome } from '../api/client';
import { MINIMUM_POLL_MILLISECONDS } from './reads';
import type { RunContext } from './runContext';

/** One list of running jobs. */
export interface RunningJobs {
	jobids: Set<string>;
	/** When useapi.net made it, by its own clock, in milliseconds since 1970; not always known. */
	madeAt?: number;
}

/** Reads the list of running jobs, and remembers in which list it first saw each of them. */
export class RunningJobsReader {
	private readonly firstSeenIn = new Map<string, number>();

	/** How many lists have been read. */
	lists = 0;

	/** How many have been read or could not be read. */
	tries = 0;

	private outcome: RunningOutcome | undefined;

	private last: RunningJobs | undefined;

	constructor(private readonly context: Pick<RunContext, 'reads' | 'clock'>) {}

	/** When the last list was read, or could not be read, in milliseconds since 1970 by the run's clock. */
	get readAt(): number {
		return this.context.reads.listReadAt;
	}

	/** One list for everybody who asks while it is being read; undefined if there is none to be had. */
	async read(isNews = false): Promise<RunningJobs | undefined> {
		// It is not asked for again: what it would show can be read one by one.
		const outcome = await this.context.reads.list(isNews);
		if (outcome !== this.outcome) this.note(outcome);
		return this.last;
	}

	/** The last list, if it is too young to be asked for again; then also if it could not be read. */
	async readOrRecent(): Promise<RunningJobs | undefined> {
		const age = this.context.clock.now() - this.readAt;
		return age < MINIMUM_POLL_MILLISECONDS ? this.last : await this.read();
	}

	/** Whether a job was in one of the first so many lists. */
	wasInFirst(lists: number, jobid: string): boolean {
		return (this.firstSeenIn.get(jobid) ?? Infinity) <= lists;
	}

	private note(outcome: RunningOutcome): void {
		this.outcome = outcome;
		this.tries++;
		this.last = undefined;
		if (outcome.kind !== 'found') return;
		this.lists++;
		for (const jobid of outcome.jobids) {
			if (!this.firstSeenIn.has(jobid)) this.firstSeenIn.set(jobid, this.lists);
		}
		this.last = { jobids: new Set(outcome.jobids), madeAt: outcome.madeAt };
	}
}
