import type { Clock } from './clock';

/** A pause until a time that can be cut short from outside, to plan anew. */
export class Alarm {
	/** Ends the pause that is under way. */
	private early: AbortController | undefined;

	/** When it goes off, in milliseconds since 1970. */
	setFor = Infinity;

	constructor(
		private readonly clock: Clock,
		private readonly halt: AbortSignal,
	) {}

	/** Waits until then, or until `ring`. Gives false as soon as the run is over. */
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
