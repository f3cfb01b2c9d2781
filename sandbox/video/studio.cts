import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { LRUCache } from 'lru-cache';
import { type Pool, pool } from 'workerpool';
import { UnusablePicture } from './limits.cts';
import type { Thumbnails, VideoInputs, VideoSize } from './planning.cts';
import { seedOf } from './random.cts';
import type { Scene } from './scene.cts';

/** A finished video. Its bytes may have to be rendered again. */
export interface Video {
	width: number;
	height: number;
	/** Bytes. */
	size: number;
	bytes(): Promise<Buffer>;
}

export type Outcome = { video: Video } | { problem: string };

/** A video that is being made. `settled` never rejects. */
export interface Production {
	/** Undefined until `settled` resolves. */
	readonly outcome?: Outcome;
	readonly thumbnails: Thumbnails;
	readonly settled: Promise<Outcome>;
	/** Starts the video of a retry. */
	retry(): Production;
}

const MAX_WORKERS = 4;
/** For all videos together. The least recently used ones are deleted, and rendered again on request. */
const MAX_KEPT_BYTES = 64 * 1024 * 1024;

/** Makes videos outside the event loop: sharp decodes in its own threads, workers draw and encode. */
export class Studio {
	private workers: Pool | undefined;
	private decoding: Promise<unknown> = Promise.resolve();
	private readonly scenes = new Map<string, Scene>();
	private readonly kept = new LRUCache<string, Buffer>({
		maxSize: MAX_KEPT_BYTES,
		sizeCalculation: ({ length }) => length,
		fetchMethod: async (key) => await this.render(key),
	});
	private count = 0;
	/** Replaced by each `clear`, which aborts what was started before. */
	private era = {};

	/** `onDecoded` is called when the thumbnails of a job are available. */
	constructor(private readonly onDecoded: () => void) {}

	/** Starts at once. Pictures are decoded one at a time, to limit memory. */
	begin(inputs: VideoInputs, size: VideoSize): Production {
		const { era } = this;
		const planned = this.decoding.then(async () => {
			this.expect(era);
			// Loaded on first use: decoders and fonts load slowly, and canned clips need neither.
			const { plan } = await import('./planning.cts');
			return await plan(inputs, size);
		});
		this.decoding = planned.catch(() => undefined);
		return this.produce(planned);
	}

	/** Deletes all videos and aborts those that are being made. */
	async clear(): Promise<void> {
		this.era = {};
		this.scenes.clear();
		this.kept.clear();
		const { workers } = this;
		this.workers = undefined;
		await workers?.terminate(true);
	}

	private produce(planned: Promise<{ scene: Scene; thumbnails: Thumbnails }>): Production {
		const { era } = this;
		let retries = 0;
		const production: {
			-readonly [name in keyof Production]: Production[name];
		} = {
			thumbnails: {},
			settled: planned
				.then(async ({ scene, thumbnails }) => {
					this.expect(era);
					Object.assign(production.thumbnails, thumbnails);
					this.onDecoded();
					return { video: await this.videoOf(scene) };
				})
				.catch((error: unknown) => ({ problem: problemOf(error) }))
				.then((outcome: Outcome) => {
					production.outcome = outcome;
					return outcome;
				}),
			retry: () => {
				retries += 1;
				const suffix = `retry ${retries}`;
				return this.produce(
					planned.then(({ scene, thumbnails }) => ({
						scene: {
							...scene,
							seed: seedOf(scene.seed, suffix),
							textureSeed: seedOf(scene.textureSeed, suffix),
						},
						thumbnails,
					})),
				);
			},
		};
		return production;
	}

	private expect(era: object): void {
		if (era !== this.era) throw new Error('The sandbox was reset');
	}

	private async videoOf(scene: Scene): Promise<Video> {
		this.count += 1;
		const key = String(this.count);
		this.scenes.set(key, scene);
		const bytes = async () => (await this.kept.fetch(key)) ?? (await this.render(key));
		const { width, height } = scene;
		return { width, height, size: (await bytes()).length, bytes };
	}

	private async render(key: string): Promise<Buffer> {
		const scene = this.scenes.get(key);
		if (!scene) throw new Error('The sandbox was reset');
		this.workers ??= pool(join(__dirname, 'worker.cjs'), {
			workerType: 'thread',
			maxWorkers: Math.min(MAX_WORKERS, Math.max(1, availableParallelism() - 1)),
		});
		const video = (await this.workers.exec('render', [scene])) as Uint8Array;
		return Buffer.from(video.buffer, video.byteOffset, video.length);
	}
}

function problemOf(error: unknown): string {
	if (error instanceof UnusablePicture) return error.message;
	return `The sandbox could not render the video: ${error instanceof Error ? error.message : String(error)}`;
}
