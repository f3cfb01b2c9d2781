import { isRecord } from '../api/isRecord';
import type { JobWithId } from '../api/job';
import type { Deferred } from './submit';

/** What is known about a channel, as plain data that survives a wait. */
export interface ChannelKnowledge {
	/** How many jobs of this run it accepts, as 429 answers have shown. */
	learned?: number;
	/** How many jobs it accepts, according to an accepted job. */
	cap?: number;
	/** How many jobs its account accepts, if no limit is set. */
	room?: number;
	/** Until when Discord limits the rate, in milliseconds since 1970. */
	limitedUntil?: number;
	/** Until when not to probe whether a full channel has room again, in milliseconds since 1970. */
	fullUntil?: number;
	/** The last 429, if no job has been accepted since. */
	refusal?: Deferred;
}

function atLeast(least: number, value: unknown): number | undefined {
	return typeof value === 'number' && value >= least ? value : undefined;
}

function isRefusal(value: unknown): value is Deferred {
	if (!isRecord(value)) return false;
	if (value.kind === 'uploadAborted') return true;
	return value.kind === 'busy' && isRecord(value.refusal) && isRecord(value.refusal.job);
}

/** Reads what was saved about a channel; invalid values count as unknown. */
export function parseKnowledge(saved: unknown): ChannelKnowledge {
	if (!isRecord(saved)) return {};
	return {
		// A channel that accepted no job is tried with one.
		learned: atLeast(1, saved.learned) ?? (saved.learned === 0 ? 1 : undefined),
		cap: atLeast(1, saved.cap),
		room: atLeast(1, saved.room),
		limitedUntil: atLeast(0, saved.limitedUntil),
		fullUntil: atLeast(0, saved.fullUntil),
		refusal: isRefusal(saved.refusal) ? saved.refusal : undefined,
	};
}

/** How many jobs the channel accepts, if the accepted job says less than was requested, or if nothing was requested. */
export function capOf(job: JobWithId, channel: string, asked?: string): number | undefined {
	const said = Number(job.maxJobs);
	const isLess = asked ? said < Number(asked) : channel !== '';
	return said >= 1 && isLess ? said : undefined;
}
