import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import {
	MEASURED,
	uploadWorkflow,
	type UploadWorkflowOptions,
} from '../sections/upload-workflow.mts';
import type { Execution } from '../../scripts/execution.mts';
import type { Bench } from './bench.mts';
import type { MemoryGrowth } from './memory-growth.mts';
import { MemorySampler, peakBetween } from './memory-sampler.mts';
import type { MeasuredN8n } from './n8n.mts';

export interface MeasuredUpload {
	milliseconds: number;
	/** Resident memory of n8n at its peak, over that at the node's start. */
	growthBytes: number;
}

type Upload = Omit<UploadWorkflowOptions, 'sandboxUrl' | 'gateUrl'>;

/** n8n records whole milliseconds. */
const CLOCK_MILLISECONDS = 1;
const SETTLE_MILLISECONDS = 200;
const EXECUTION_WITHIN_SECONDS = 300;
/** Often enough for the peak; each look takes a moment from n8n itself. */
const LOOK_EVERY_MILLISECONDS = 5;
/** So that n8n also gets to upload. */
const BETWEEN_COLLECTIONS_MILLISECONDS = 500;
const MEMORY_GROWTH = join(import.meta.dirname, 'memory-growth.mts');

/** Runs uploads in one n8n, each with garbage collected right before it. */
export class UploadRuns {
	readonly #bench: Bench;

	readonly #n8n: MeasuredN8n;

	readonly #sampler: MemorySampler;

	readonly #imageFolder: string;

	private constructor(bench: Bench, n8n: MeasuredN8n, sampler: MemorySampler, imageFolder: string) {
		this.#imageFolder = imageFolder;
		this.#bench = bench;
		this.#n8n = n8n;
		this.#sampler = sampler;
	}

	/** `imageFolder` is where n8n keeps binary data that it keeps in files. */
	static async in(bench: Bench, n8n: MeasuredN8n, imageFolder: string): Promise<UploadRuns> {
		const sampler = await MemorySampler.start(bench.installation.node, n8n.processId);
		return new UploadRuns(bench, n8n, sampler, imageFolder);
	}

	stop(): void {
		this.#sampler.stop();
	}

	/** Stores the images in n8n, uploads them, and proves that they arrived. */
	async upload(options: Upload): Promise<MeasuredUpload> {
		const execution = await this.#run(options, async () => {
			await this.#settle();
			await this.#sampler.begin();
		});
		const samples = await this.#sampler.end();
		const runs = execution.runs[MEASURED] ?? [];
		const from = Math.min(...runs.map(({ startTime = NaN }) => startTime));
		const to = Math.max(
			...runs.map(({ startTime = NaN, executionTime = NaN }) => startTime + executionTime),
		);
		const before = samples.findLast(({ at }) => at <= from);
		if (!before) throw new Error('No memory was sampled before the upload began.');
		const peak = peakBetween(samples, before.at, to + CLOCK_MILLISECONDS);
		return {
			milliseconds: Math.max(CLOCK_MILLISECONDS, to - from),
			growthBytes: peak - before.bytes,
		};
	}

	/** Uploads, and gives by kind what n8n's memory had grown by at its peak. */
	async growth(options: Upload): Promise<MemoryGrowth> {
		const { inspector } = this.#n8n;
		await this.#run(options, async () => {
			await this.#settle();
			await inspector.call(MEMORY_GROWTH, 'begin', { everyMilliseconds: LOOK_EVERY_MILLISECONDS });
		});
		return (await inspector.call(MEMORY_GROWTH, 'end', {})) as MemoryGrowth;
	}

	/** Uploads while the garbage is collected again and again, and gives the most that was in use, over that at the start. */
	async inUse(options: Upload): Promise<number> {
		const { inspector } = this.#n8n;
		const ended = new AbortController();
		let before = NaN;
		let most = 0;
		let looking: Promise<void> | undefined;
		const look = async () => {
			while (!ended.signal.aborted) {
				most = Math.max(most, (await inspector.heapAfterGarbageCollection()) - before);
				await wait(BETWEEN_COLLECTIONS_MILLISECONDS);
			}
		};
		try {
			await this.#run(options, async () => {
				await this.#settle();
				before = await inspector.heapAfterGarbageCollection();
				looking = look();
			});
		} finally {
			ended.abort();
			await looking;
		}
		return most;
	}

	/** `whenStored` is done when the images are in n8n's store, before they are uploaded. */
	async #run(options: Upload, whenStored: () => Promise<void>): Promise<Execution> {
		const { sandbox, gate } = this.#bench;
		await sandbox.reset();
		let stored: Promise<void> | undefined;
		gate.onRequest = async () => {
			stored ??= whenStored();
			await stored;
		};
		const places = { sandboxUrl: sandbox.baseUrl, gateUrl: gate.url };
		const workflow = uploadWorkflow(this.#n8n, { ...options, ...places });
		const { rest } = this.#n8n;
		// One workflow for all of them: n8n keeps each in its list.
		const id = await rest.saveWorkflow({ ...workflow, name: `Upload by ${options.uploader}` });
		const execution = await rest.waitForExecution(await rest.run(id, 'Start'), {
			withinSeconds: EXECUTION_WITHIN_SECONDS,
		});
		if (execution.status !== 'success') {
			throw new Error(`The upload ended as "${execution.status}": ${execution.error ?? ''}`);
		}
		await this.#prove(options);
		// Half a gigabyte each time. n8n keeps it with the execution, which nobody reads again.
		await rm(this.#imageFolder, { recursive: true, force: true });
		return execution;
	}

	async #settle(): Promise<void> {
		await this.#n8n.inspector.heapAfterGarbageCollection();
		await wait(SETTLE_MILLISECONDS);
	}

	async #prove({ size, count }: { size: number; count: number }): Promise<void> {
		const requests = await this.#bench.sandbox.requests();
		const good = requests.filter(
			({ method, status, files }) =>
				method === 'POST' && status === 200 && files.message?.size === size,
		);
		if (good.length !== count) {
			throw new Error(`${good.length} images of ${size} bytes arrived, not ${count}.`);
		}
	}
}
