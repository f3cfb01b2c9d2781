import type { IDataObject, INodeExecutionData } from 'n8n-workflow';

import { isRecord } from '../api/isRecord';
import type { JobWithId } from '../api/job';
import type { ChannelsKnowledge } from '../jobs/channels';
import { type JobItem, isOpen } from '../jobs/jobItem';

/** What a suspended node saves in its context for the callback that resumes it. */
export interface Suspension {
	/** Unique, to distinguish it from the next suspension of the same node. */
	id: string;
	runIndex: number;
	executionId: string;
	/** In milliseconds since 1970. */
	savedAt: number;
	/** The IDs of the jobs that the node waits for. */
	awaited: string[];
	items: JobItem[];
	channels: ChannelsKnowledge;
	/** The node's own input, because n8n's copy is replaced by the items to pass on if the wait times out. */
	input: INodeExecutionData[];
}

/** The key in the node's context under which the resume webhook finds it. */
export const SUSPENSION_KEY = 'waiting';

/** A suspension in its saved form. n8n saves it whole with each wait, so values that many items repeat are packed. */
interface SavedSuspension extends Suspension {
	/** The job records of finished items, in the order of the items; packed. Absent if there are none. */
	records?: string;
}

/** What an item needs no longer once it has a result. */
const FINISHED = { cancelOnStop: false, waitLimitMilliseconds: 0 };

/** The same item with only what the next run needs. */
function compact(item: JobItem): Partial<JobItem> {
	const { job, jobid, outputBinaryField, replyRef, result } = item;
	if (!result) return job ? { ...item, job: { jobid: job.jobid, status: job.status } } : item;
	return {
		item: item.item,
		jobid,
		replyRef,
		outputBinaryField,
		result: result.kind === 'job' ? { ...result, job: { jobid: result.job.jobid } } : result,
	};
}

async function through(
	bytes: Uint8Array<ArrayBuffer>,
	stream: CompressionStream | DecompressionStream,
): Promise<Buffer> {
	const piped = new Blob([bytes]).stream().pipeThrough(stream);
	return Buffer.from(await new Response(piped).arrayBuffer());
}

async function pack(items: JobItem[]): Promise<string | undefined> {
	const records = items.flatMap(({ result }) => (result?.kind === 'job' ? result.job : []));
	if (records.length === 0) return undefined;
	const bytes = new TextEncoder().encode(JSON.stringify(records));
	return (await through(bytes, new CompressionStream('deflate-raw'))).toString('base64');
}

async function recordsIn(packed: string | undefined): Promise<JobWithId[]> {
	if (packed === undefined) return [];
	const bytes = new Uint8Array(Buffer.from(packed, 'base64'));
	const text = (await through(bytes, new DecompressionStream('deflate-raw'))).toString();
	return JSON.parse(text) as JobWithId[];
}

async function unpack({ items, records }: SavedSuspension): Promise<JobItem[]> {
	const jobs = (await recordsIn(records)).values();
	return items.map((item) => {
		const { result } = item;
		if (!result) return item;
		const job = result.kind === 'job' ? jobs.next().value : undefined;
		const whole = job && result.kind === 'job' ? { ...result, job } : result;
		return { ...FINISHED, ...item, result: whole };
	});
}

/** Saves a suspension in the node's context. */
export async function saveSuspension(
	context: IDataObject,
	suspension: Omit<Suspension, 'awaited'>,
): Promise<void> {
	const { items } = suspension;
	const awaited = items.filter(isOpen).map(({ jobid }) => jobid);
	const saved = { ...suspension, awaited, items: items.map(compact), records: await pack(items) };
	context[SUSPENSION_KEY] = saved as unknown as IDataObject;
}

function isSuspension(saved: unknown): saved is SavedSuspension {
	return (
		isRecord(saved) &&
		Array.isArray(saved.items) &&
		Array.isArray(saved.input) &&
		(saved.records === undefined || typeof saved.records === 'string')
	);
}

/** Removes and returns the suspension of this run and execution. Any other one is left over from a wait that timed out, or from the execution that a Retry repeats. */
export async function consumeSuspension(
	context: IDataObject,
	runIndex: number,
	executionId: string,
): Promise<Suspension | undefined> {
	const suspension: unknown = context[SUSPENSION_KEY];
	delete context[SUSPENSION_KEY];
	if (!isSuspension(suspension)) return undefined;
	const isOurs = suspension.runIndex === runIndex && suspension.executionId === executionId;
	return isOurs ? { ...suspension, items: await unpack(suspension) } : undefined;
}
