import { Companion } from './companion.mts';

export interface Sample {
	/** Milliseconds since 1970. */
	at: number;
	/** Resident memory in bytes. */
	bytes: number;
}

const EVERY_MILLISECONDS = 5;

/** Reads the resident memory of another process every few milliseconds. */
export class MemorySampler {
	readonly #companion: Companion;

	private constructor(companion: Companion) {
		this.#companion = companion;
	}

	/** `node` is a Node that runs TypeScript by itself, as 24 does. */
	static async start(node: string, processId: number): Promise<MemorySampler> {
		if (process.platform !== 'linux') {
			throw new Error('Memory is read from /proc, which only Linux has.');
		}
		const args = [processId, EVERY_MILLISECONDS].map(String);
		return new MemorySampler(await Companion.start(node, 'memory-sampling.mts', args));
	}

	/** Starts sampling and discards earlier samples. */
	async begin(): Promise<void> {
		await this.#companion.ask('start');
	}

	/** Stops sampling and returns the samples. */
	async end(): Promise<Sample[]> {
		return (await this.#companion.ask('stop')) as Sample[];
	}

	stop(): void {
		this.#companion.stop();
	}
}

/** The largest sample from one moment to another. */
export function peakBetween(samples: readonly Sample[], from: number, to: number): number {
	const within = samples.filter(({ at }) => at >= from && at <= to);
	if (within.length === 0) throw new Error('No memory was sampled while the work was done.');
	return Math.max(...within.map(({ bytes }) => bytes));
}
