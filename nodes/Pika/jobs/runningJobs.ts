import type { RunningOutcome } from '../api/client';
import { MINIMUM_POLL_MILLISECONDS } from './reads';
import type { RunContext } from './runContext';

/** One list of running jobs. */
export interface RunningJobs {
	jobids: Set<string>;
	/** When useapi.net answered with it, by its own clock, in milliseconds since 1970; not always known. */
	answeredAt?: number;
}

/** Reads the list of running jobs, and remembers in which list each job first appeared. */
export class RunningJobsReader {
	private readonly firstSeenIn = new Map<string, number>();

	lists = 0;

	/** The number of attempts to read the list, successful or not. */
	tries = 0;

	private outcome: RunningOutcome | undefined;

	private last: RunningJobs | undefined;

	constructor(private readonly context: Pick<RunContext, 'reads' | 'clock'>) {}

	/** When the last attempt to read the list ended, in milliseconds since 1970 by the run's clock. */
	get readAt(): number {
		return this.context.reads.listReadAt;
	}

	/** Reads the list once for simultaneous callers; undefined if it cannot be read. */
	async read(immediately = false): Promise<RunningJobs | undefined> {
		// Without retries, because the jobs can be read one by one instead.
		const outcome = await this.context.reads.list(immediately);
		if (outcome !== this.outcome) this.note(outcome);
		return this.last;
	}

	/** The last list, if it is too recent to be read again, even if that attempt failed. */
	async readOrRecent(): Promise<RunningJobs | undefined> {
		const age = this.context.clock.now() - this.readAt;
		return age < MINIMUM_POLL_MILLISECONDS ? this.last : await this.read();
	}

	/** Whether a job was in one of the first `lists` lists. */
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
		this.last = { jobids: new Set(outcome.jobids), answeredAt: outcome.answeredAt };
	}
}
