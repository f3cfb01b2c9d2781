import type { SubmitOutcome } from '../api/outcomes';
import type { Clock } from './clock';
import { busyDelay } from './delay';

type Attempt = () => Promise<SubmitOutcome>;
type Busy = Extract<SubmitOutcome, { kind: 'busy' }>;

/** When a job of this run was last accepted or ended: `retryFor` counts from there. */
export class Progress {
	private at: number;

	constructor(private readonly clock: Clock) {
		this.at = clock.now();
	}

	note(): void {
		this.at = this.clock.now();
	}

	/** Milliseconds that are left of `retryFor`, not below 0. */
	left(retryForMilliseconds: number): number {
		return Math.max(0, this.at + retryForMilliseconds - this.clock.now());
	}
}

/**
 * The slots of one Discord channel. Lets at most `maxJobs` submissions run at the same time, and after
 * a 429 only one of them asks again, so that a full channel is not flooded with uploads.
 */
export class Channel {
	private taken = 0;

	private waiting: Array<() => void> = [];

	private probe?: Promise<SubmitOutcome>;

	constructor(
		private readonly progress: Progress,
		private readonly clock: Clock,
		private readonly signal?: AbortSignal,
	) {}

	/** Runs one submission when fewer than `maxJobs` are under way, again after each 429 until `retryFor` is over. */
	async submit(
		attempt: Attempt,
		maxJobs: number,
		retryForMilliseconds: number,
	): Promise<SubmitOutcome> {
		await this.enter(maxJobs);
		try {
			return await this.untilAnswered(attempt, retryForMilliseconds);
		} finally {
			this.leave();
		}
	}

	private async enter(maxJobs: number): Promise<void> {
		while (this.taken >= maxJobs) {
			await new Promise<void>((resolve) => this.waiting.push(resolve));
		}
		this.taken++;
	}

	/** Wakes all in their order, because each may have a limit of its own. */
	private leave(): void {
		this.taken--;
		const woken = this.waiting;
		this.waiting = [];
		for (const wake of woken) wake();
	}

	private async untilAnswered(
		attempt: Attempt,
		retryForMilliseconds: number,
	): Promise<SubmitOutcome> {
		for (;;) {
			const probed = await this.probe;
			if (probed?.kind === 'busy' && this.progress.left(retryForMilliseconds) === 0) return probed;
			if (this.signal?.aborted) return { kind: 'cancelled' };
			if (this.probe) continue;
			const outcome = await attempt();
			if (outcome.kind === 'accepted') this.progress.note();
			if (outcome.kind !== 'busy') return outcome;
			if (this.probe) continue;
			this.probe = this.askAgain(attempt, outcome, retryForMilliseconds).finally(() => {
				this.probe = undefined;
			});
			return await this.probe;
		}
	}

	private async askAgain(
		attempt: Attempt,
		first: Busy,
		retryForMilliseconds: number,
	): Promise<SubmitOutcome> {
		let outcome: SubmitOutcome = first;
		while (outcome.kind === 'busy') {
			const left = this.progress.left(retryForMilliseconds);
			if (left === 0) return outcome;
			const delay = busyDelay(this.clock.random(), outcome.retryAfterSeconds);
			await this.clock.pause(Math.min(delay, left), this.signal);
			if (this.signal?.aborted) return { kind: 'cancelled' };
			outcome = await attempt();
		}
		if (outcome.kind === 'accepted') this.progress.note();
		return outcome;
	}
}
