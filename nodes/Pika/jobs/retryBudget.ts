import type { Clock } from './clock';

/** When a job of this run was last accepted or ended: `retryFor` counts from there. */
export class RetryBudget {
	private at: number;

	constructor(private readonly clock: Clock) {
		this.at = clock.now();
	}

	reset(): void {
		this.at = this.clock.now();
	}

	/** Milliseconds that are left of `retryFor`, not below 0. */
	remaining(retryForMilliseconds: number): number {
		return Math.max(0, this.at + retryForMilliseconds - this.clock.now());
	}
}
