import type { JobItem } from '../jobs/jobItem';
import { type ItemResult, type Trace, traceOf } from '../results/output';

/** The items that finished between two waits. n8n saves all of them with every further wait, so they are compressed. */
export interface Pack {
	size: number;
	/** Of each item its number and trace; JSON. */
	traces: string;
	/** JSON, deflated, in base64. */
	items: string;
}

type FinishedItem = JobItem & { result: ItemResult };

/** What an item needs no longer once it has a result. */
const FINISHED = { cancelOnStop: false, waitLimitMilliseconds: 0 };

async function through(
	bytes: Uint8Array<ArrayBuffer>,
	stream: CompressionStream | DecompressionStream,
): Promise<Buffer> {
	const piped = new Blob([bytes]).stream().pipeThrough(stream);
	return Buffer.from(await new Response(piped).arrayBuffer());
}

function compact({ item, jobid, replyRef, outputBinaryField, result }: FinishedItem) {
	return { item, jobid, replyRef, outputBinaryField, result };
}

function numberedTrace({ item, jobid, job, result }: JobItem): [number, Trace] {
	return [item, result ? traceOf(result) : { jobid, status: job?.status }];
}

async function pack(items: FinishedItem[]): Promise<Pack> {
	const bytes = new TextEncoder().encode(JSON.stringify(items.map(compact)));
	const deflated = await through(bytes, new CompressionStream('deflate-raw'));
	const traces = JSON.stringify(items.map(numberedTrace));
	return { size: items.length, traces, items: deflated.toString('base64') };
}

async function unpack({ items }: Pack): Promise<FinishedItem[]> {
	const bytes = new Uint8Array(Buffer.from(items, 'base64'));
	const text = (await through(bytes, new DecompressionStream('deflate-raw'))).toString();
	const compacted = JSON.parse(text) as Array<ReturnType<typeof compact>>;
	return compacted.map((item) => ({ ...FINISHED, ...item }));
}

function isFinished(item: JobItem): item is FinishedItem {
	return item.result !== undefined;
}

/**
 * Packs the items that have a result, and returns all packs. Smaller packs are merged, so that there are few of them and
 * each item is packed only a few times, however often the execution waits.
 */
export async function packFinished(packs: Pack[], items: JobItem[]): Promise<Pack[]> {
	const kept = [...packs];
	let finished = items.filter(isFinished);
	if (finished.length === 0) return kept;
	for (let last = kept.at(-1); last && last.size <= finished.length; last = kept.at(-1)) {
		finished = [...(await unpack(last)), ...finished];
		kept.pop();
	}
	return [...kept, await pack(finished)];
}

/** All items of the node in their order, packed or not. */
export async function withFinished(packs: Pack[], items: JobItem[]): Promise<JobItem[]> {
	const finished = await Promise.all(packs.map(unpack));
	return [...finished.flat(), ...items].sort((a, b) => a.item - b.item);
}

/** A trace of each item of the node, packed or not, in their order. */
export function allTraces(packs: Pack[], items: JobItem[]): Trace[] {
	const packed = packs.flatMap(({ traces }) => JSON.parse(traces) as Array<[number, Trace]>);
	return [...packed, ...items.map(numberedTrace)]
		.sort(([a], [b]) => a - b)
		.map(([, trace]) => trace);
}
