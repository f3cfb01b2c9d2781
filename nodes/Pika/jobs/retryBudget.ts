import type { Clock } from './clock';

/** How long to go on trying after a 429: the time counts from when a job of this run was last accepted or ended. */
export class RetryBudget {
	private startedAt: number;

	constructor(private readonly clock: Clock) {
		this.startedAt = clock.now();
	}

	reset(): void {
		this.startedAt = this.clock.now();
	}

	/** Milliseconds that are left of `retryFor`, not below 0. */
	remaining(retryForMilliseconds: number): number {
		const left = this.startedAt + retryForMilliseconds - this.clock.now();
		return left > 0 ? left : 0;
	}
}
