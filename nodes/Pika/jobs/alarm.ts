import type { Clock } from './clock';

/** A pause until a given time, which can be interrupted from outside so that the caller plans again. */
export class Alarm {
	/** Ends the current pause. */
	private early: AbortController | undefined;

	/** When the pause ends, in milliseconds since 1970. */
	setFor = Infinity;

	constructor(
		private readonly clock: Clock,
		private readonly halt: AbortSignal,
	) {}

	/** Waits until the given time, or until `ring`. Returns false as soon as the run is over. */
	async until(time: number): Promise<boolean> {
		this.setFor = time;
		const early = new AbortController();
		this.early = early;
		const signal = AbortSignal.any([early.signal, this.halt]);
		const milliseconds = Math.max(0, time - this.clock.now());
		if (!this.halt.aborted) await this.clock.pause(milliseconds, signal);
		return !this.halt.aborted;
	}

	ring(): void {
		this.early?.abort();
		this.early = undefined;
	}
}
