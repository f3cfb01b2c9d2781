import type { Job } from '../api/job';

const MS_PER_SECOND = 1000;

/** No look comes sooner after the last one (docs/api-contract.md, "Polling"). */
export const MINIMUM_POLL_MILLISECONDS = 10 * MS_PER_SECOND;
const MAXIMUM_MILLISECONDS = 30 * MS_PER_SECOND;

/** If nothing waits for a slot, and nothing is known of how long jobs take. */
const USUAL_MILLISECONDS = 15 * MS_PER_SECOND;

/** By chance, in the first look only: executions that begin together must not ask in step. */
const SPREAD_MILLISECONDS = 5 * MS_PER_SECOND;

/** A job that is expected to end is looked at this much later. */
const MARGIN_MILLISECONDS = 250;

/** When to look at the list of running jobs: learns from the records of finished jobs how long such jobs take. */
export class PollPace {
	private shortest = Infinity;

	private lastLookAt: number | undefined;

	private first: number | undefined;

	/** Milliseconds from the first job on until the first look. */
	constructor(
		private readonly startedAt: number,
		random: number,
	) {
		this.first = startedAt + MINIMUM_POLL_MILLISECONDS + random * SPREAD_MILLISECONDS;
	}

	/** A look has ended. */
	looked(now: number): void {
		this.lastLookAt = now;
		this.first = undefined;
	}

	/** Learns from a job that has ended how long jobs take. */
	learn({ created, updated }: Job): void {
		const duration = Date.parse(updated ?? '') - Date.parse(created ?? '');
		if (duration > 0) this.shortest = Math.min(this.shortest, duration);
	}

	/**
	 * When to look next, in milliseconds since 1970: as soon as allowed while a slot is awaited, but not before any job can
	 * have ended. `accepted` holds when the open jobs were accepted.
	 */
	nextLookAt(isSlotAwaited: boolean, accepted: Iterable<number>): number {
		if (this.first !== undefined) return this.first;
		const last = this.lastLookAt ?? this.startedAt;
		let expected = Infinity;
		for (const at of accepted) expected = Math.min(expected, at + this.shortest);
		const usual = last + (isSlotAwaited ? MINIMUM_POLL_MILLISECONDS : USUAL_MILLISECONDS);
		if (!isFinite(expected)) return usual;
		const next = expected > last ? expected + MARGIN_MILLISECONDS : usual;
		return Math.min(Math.max(next, last + MINIMUM_POLL_MILLISECONDS), last + MAXIMUM_MILLISECONDS);
	}
}
