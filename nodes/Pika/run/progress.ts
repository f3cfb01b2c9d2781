import type { Clock } from './clock';

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
