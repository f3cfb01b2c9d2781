import type { Clock } from './clock';

/** How long to keep retrying after a 429, counted from the time at which a job of this run was last accepted or ended. */
export class RetryBudget {
	private startedAt: number;

	constructor(private readonly clock: Clock) {
		this.startedAt = clock.now();
	}

	reset(): void {
		this.startedAt = this.clock.now();
	}

	/** The milliseconds that remain of `retryFor`, at least 0. */
	remaining(retryForMilliseconds: number): number {
		const left = this.startedAt + retryForMilliseconds - this.clock.now();
		return left > 0 ? left : 0;
	}
}
