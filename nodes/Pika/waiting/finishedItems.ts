import type { JobItem } from '../jobs/jobItem';
import { type ItemResult, type Trace, jobsText, traceOf } from '../results/output';
import { packed, unpacked } from './packed';

/** The items that finished between two waits. n8n saves all of them with every further wait, so they are compressed. */
export interface Pack {
	size: number;
	/** What an error says about them. */
	jobs: string;
	items: string;
}

type FinishedItem = JobItem & { result: ItemResult };

/** What an item needs no longer once it has a result. */
const FINISHED = { cancelOnStop: false, waitLimitMilliseconds: 0 };

function compact({ item, jobid, replyRef, outputBinaryField, result }: FinishedItem) {
	return { item, jobid, replyRef, outputBinaryField, result };
}

function numberedTrace({ item, jobid, job, result }: JobItem): [number, Trace] {
	return [item, result ? traceOf(result) : { jobid, status: job?.status }];
}

async function pack(finished: FinishedItem[]): Promise<Pack> {
	const items = await packed(finished.map(compact));
	return { size: finished.length, jobs: jobsText(finished.map(numberedTrace)), items };
}

async function unpack({ items }: Pack): Promise<FinishedItem[]> {
	const compacted = (await unpacked(items)) as Array<ReturnType<typeof compact>>;
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

/** What an error says about the jobs of all these items, packed or not. Made only once for each pack, because there can be thousands. */
export function textOfJobs(packs: Pack[], items: JobItem[]): string {
	const texts = [...packs.map(({ jobs }) => jobs), jobsText(items.map(numberedTrace))];
	return texts.filter(Boolean).join(', ');
}
