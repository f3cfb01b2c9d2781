import { isRecord } from '../api/isRecord';
import type { JobWithId } from '../api/job';
import type { Deferred } from './submit';

/** What is known of a channel, as plain data that survives a wait. */
export interface ChannelKnowledge {
	/** How many jobs of this run it takes, as 429 answers have shown. */
	learned?: number;
	/** How many jobs it takes, as an accepted job has said. */
	cap?: number;
	/** How many jobs its account takes, if nobody has set it. */
	room?: number;
	/** Until when Discord limits the rate, in milliseconds since 1970. */
	limitedUntil?: number;
	/** Until when it is not to be tried whether a full channel has room for more jobs. */
	fullUntil?: number;
	/** The last 429, if no job was accepted since. */
	refusal?: Deferred;
}

function atLeast(least: number, value: unknown): number | undefined {
	return typeof value === 'number' && value >= least ? value : undefined;
}

function isRefusal(value: unknown): value is Deferred {
	if (!isRecord(value)) return false;
	if (value.kind === 'cutOff') return true;
	return value.kind === 'busy' && isRecord(value.refusal) && isRecord(value.refusal.job);
}

/** Reads what a wait has kept of a channel: what is of no use is not known. */
export function parseKnowledge(saved: unknown): ChannelKnowledge {
	if (!isRecord(saved)) return {};
	return {
		// A channel that took no job is asked for one.
		learned: atLeast(1, saved.learned) ?? (saved.learned === 0 ? 1 : undefined),
		cap: atLeast(1, saved.cap),
		room: atLeast(1, saved.room),
		limitedUntil: atLeast(0, saved.limitedUntil),
		fullUntil: atLeast(0, saved.fullUntil),
		refusal: isRefusal(saved.refusal) ? saved.refusal : undefined,
	};
}

/** How many jobs the channel takes, if the job says less than was asked for, or nothing was asked of this channel. */
export function capOf(job: JobWithId, channel: string, asked?: string): number | undefined {
	const said = Number(job.maxJobs);
	const isLess = asked === undefined ? channel !== '' : said < Number(asked);
	return said >= 1 && isLess ? said : undefined;
}
