import type { Clock } from '../../../nodes/Pika/jobs/clock';
import { settled } from './settled.cts';

interface Sleeper {
	at: number;
	wake: () => void;
}

/** On a signal of its own: Node warns of more than ten listeners on one. */
export function onAbort(signal: AbortSignal | undefined, act: () => void): void {
	if (signal) AbortSignal.any([signal]).addEventListener('abort', () => act());
}

/**
 * Time that passes only when everything waits for it. Records the requested pauses; a latency
 * also takes time, unrecorded, like a response in transit.
 */
export class ControlledClock implements Clock {
	readonly pauses: number[] = [];

	chance = 0;

	private time: number;

	private sleepers: Sleeper[] = [];

	constructor(start = 1_700_000_000_000) {
		this.time = start;
	}

	now = (): number => this.time;

	random = (): number => this.chance;

	pause = async (milliseconds: number, signal?: AbortSignal): Promise<void> => {
		this.pauses.push(milliseconds);
		await this.latency(milliseconds, signal);
	};

	async latency(milliseconds: number, signal?: AbortSignal): Promise<void> {
		if (signal?.aborted) return;
		await new Promise<void>((wake) => {
			this.sleepers.push({ at: this.time + milliseconds, wake });
			onAbort(signal, wake);
		});
	}

	/** Lets time pass until the work is done; fails if nothing is left that could end it. */
	async run<Result>(work: Promise<Result>): Promise<Result> {
		let isDone = false;
		const done = () => {
			isDone = true;
		};
		work.then(done, done);
		for (let steps = 0; steps < 5000; steps++) {
			await settled();
			if (isDone) return await work;
			const next = this.sleepers.sort((one, other) => one.at - other.at).shift();
			if (!next) throw new Error('Nothing is left that could end this');
			this.time = Math.max(this.time, next.at);
			next.wake();
		}
		throw new Error('This never ends');
	}
}
