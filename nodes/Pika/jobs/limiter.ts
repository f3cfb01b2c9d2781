import { Fifo } from './fifo';

/** Runs a limited number of tasks at the same time; the others wait their turn. */
export class Limiter {
	private active = 0;

	private readonly queue = new Fifo<() => void>();

	constructor(private readonly atOnce: number) {}

	async run<Result>(task: () => Promise<Result>): Promise<Result> {
		if (this.active < this.atOnce) this.active++;
		else await new Promise<void>((start) => this.queue.push(start));
		try {
			return await task();
		} finally {
			const next = this.queue.shift();
			if (next) next();
			else this.active--;
		}
	}
}

/** Limits the tasks of each channel separately, so that tasks that hang on one channel do not hold up the others. */
export class ChannelLimiter {
	private readonly limiters = new Map<string, Limiter>();

	constructor(private readonly atOnce: number) {}

	async run<Result>(channel: string, task: () => Promise<Result>): Promise<Result> {
		const limiter = this.limiters.get(channel) ?? new Limiter(this.atOnce);
		this.limiters.set(channel, limiter);
		return await limiter.run(task);
	}
}
