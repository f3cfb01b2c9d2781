import type { Job } from '../api/job';
import { MINIMUM_POLL_MILLISECONDS } from './reads';

const MS_PER_SECOND = 1000;

const MAXIMUM_MILLISECONDS = 30 * MS_PER_SECOND;

/** The pause if no item waits for a slot, and it is not yet known how long jobs take. */
const USUAL_MILLISECONDS = 15 * MS_PER_SECOND;

/** The random part of the first pause, so that executions that start together do not poll at the same moments. */
const SPREAD_MILLISECONDS = MS_PER_SECOND;

/** The delay between the expected end of a job and the poll that is to see it. */
const MARGIN_MILLISECONDS = 200;

/** Jobs accepted within this time are expected to end together. */
const GRAIN_MILLISECONDS = 100;

/** How many recent jobs determine how long jobs are expected to take. */
const REMEMBERED = 32;

/** The assumed wait of a job that the next two polls miss: less than half a pause, because the poll after them can be timed too. */
const LATER_MILLISECONDS = MINIMUM_POLL_MILLISECONDS / 4;

/** The number of jobs (or a fraction of one) expected to end at a time, in milliseconds after the last poll. */
interface ExpectedEnd {
	at: number;
	jobs: number;
}

/** Running sums over all expected ends up to a time, which only moves forward. */
class EndsUntil {
	jobs = 0;

	/** Sum of jobs × time. */
	private times = 0;

	private next = 0;

	constructor(private readonly ends: ExpectedEnd[]) {}

	moveTo(time: number): this {
		for (; (this.ends[this.next]?.at ?? Infinity) <= time; this.next++) {
			const { at, jobs } = this.ends[this.next] as ExpectedEnd;
			this.jobs += jobs;
			this.times += jobs * at;
		}
		return this;
	}

	/** The total time that these ended jobs wait until `time`. */
	waitUntil(time: number): number {
		return this.jobs * time - this.times;
	}
}

/** The pause before the next poll that minimizes the total time for which ended jobs wait to be seen by that poll or the one after it. */
function bestPause(ends: ExpectedEnd[], soonest: number, latest: number): number {
	const sorted = ends.toSorted((one, other) => one.at - other.at);
	const within = sorted.flatMap(({ at }) => (at > soonest && at < latest ? at : []));
	const seen = new EndsUntil(sorted);
	const seenByNext = new EndsUntil(sorted);
	const all = ends.reduce((sum, { jobs }) => sum + jobs, 0);
	let best = soonest;
	let least = Infinity;
	for (const time of [soonest, ...within, latest]) {
		const next = time + MINIMUM_POLL_MILLISECONDS;
		const { jobs } = seen.moveTo(time);
		const later = seenByNext.moveTo(next);
		const wait =
			seen.waitUntil(time) +
			(later.waitUntil(next) - seen.waitUntil(next)) +
			(all - later.jobs) * LATER_MILLISECONDS;
		// Of two equally good pauses, the longer one saves a read, unless ended jobs would wait.
		if (wait < least || (wait === least && jobs === 0)) {
			least = wait;
			best = time;
		}
	}
	return best;
}

/** Decides when to read the list of running jobs. Learns from the records of finished jobs how long such jobs take. */
export class PollPace {
	private readonly durations: number[] = [];

	private lastPollAt: number | undefined;

	constructor(
		private readonly startedAt: number,
		private readonly random: number,
	) {}

	polled(now: number): void {
		this.lastPollAt = now;
	}

	/** Learns from a job that has ended how long jobs take. */
	learn({ created, updated }: Job): void {
		const duration = Date.parse(updated ?? '') - Date.parse(created ?? '');
		if (duration > 0) this.durations.push(duration);
		if (this.durations.length > REMEMBERED) this.durations.shift();
	}

	/**
	 * When to poll next, in milliseconds since 1970: 10 to 30 seconds after the last poll, at the time within these limits at
	 * which jobs are expected to end. `accepted` contains the times at which the open jobs were accepted.
	 */
	nextPollAt(isSlotAwaited: boolean, accepted: Iterable<number>): number {
		const last = this.lastPollAt;
		if (last === undefined) return this.firstPollAt(accepted);
		if (this.durations.length > 0 && !(isSlotAwaited && this.isUnpredictable)) {
			const ends = this.expectedEnds(last, accepted);
			return last + bestPause(ends, MINIMUM_POLL_MILLISECONDS, MAXIMUM_MILLISECONDS);
		}
		return last + (isSlotAwaited ? MINIMUM_POLL_MILLISECONDS : USUAL_MILLISECONDS);
	}

	/**
	 * Whether durations differ so much that a job can end in any pause, however it is chosen. Only the middle half counts,
	 * because a few jobs can fail early.
	 */
	private get isUnpredictable(): boolean {
		const sorted = this.durations.toSorted((one, other) => one - other);
		const quarter = (count: number) => sorted[Math.floor((count * sorted.length) / 4)] ?? 0;
		return quarter(3) - quarter(1) >= MINIMUM_POLL_MILLISECONDS;
	}

	/** Counted from the last of the jobs submitted together, because a poll between their ends would miss the later ones. */
	private firstPollAt(accepted: Iterable<number>): number {
		let begun = this.startedAt;
		for (const at of accepted) begun = Math.max(begun, at);
		const pause = MINIMUM_POLL_MILLISECONDS + this.random * SPREAD_MILLISECONDS;
		return Math.min(begun + pause, this.startedAt + MAXIMUM_MILLISECONDS);
	}

	/** A job that has already taken longer than all recent ones can end at any time. */
	private expectedEnds(last: number, accepted: Iterable<number>): ExpectedEnd[] {
		const together = new Map<number, number>();
		for (const time of accepted) {
			const at = Math.ceil(time / GRAIN_MILLISECONDS) * GRAIN_MILLISECONDS;
			together.set(at, (together.get(at) ?? 0) + 1);
		}
		return [...together].flatMap(([time, jobs]) => {
			const sincePoll = time - last + MARGIN_MILLISECONDS;
			const ahead = this.durations.flatMap((duration) =>
				sincePoll + duration > 0 ? sincePoll + duration : [],
			);
			if (ahead.length === 0) return { at: 0, jobs };
			return ahead.map((at) => ({ at, jobs: jobs / ahead.length }));
		});
	}
}
