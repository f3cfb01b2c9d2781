import { deflateRawSync, inflateRawSync } from 'node:zlib';
import type { IDataObject, INodeExecutionData } from 'n8n-workflow';

import { isRecord } from '../api/isRecord';
import type { JobWithId } from '../api/job';
import type { ChannelsKnowledge } from '../jobs/channels';
import { type JobItem, isOpen } from '../jobs/jobItem';

/** What a suspended node leaves in n8n's node context for the callback that resumes it. */
export interface Suspension {
	/** Unique, so that it can be told from the next one of the same node. */
	id: string;
	runIndex: number;
	executionId: string;
	/** In milliseconds since 1970. */
	savedAt: number;
	/** The IDs of the jobs that the node waits for. */
	awaited: string[];
	items: JobItem[];
	channels: ChannelsKnowledge;
	/** The node's own input: while it waits, n8n holds what is to go on if the wait runs out. */
	input: INodeExecutionData[];
}

/** Under this name in the node's context, where the resume webhook finds it. */
export const SUSPENSION_KEY = 'waiting';

/** A suspension as it is saved: n8n saves all of it with each wait, so what thousands of items repeat is packed. */
interface SavedSuspension extends Suspension {
	/** The records of the jobs that are results, in the order of the items; packed. */
	records: string;
}

function compact({ job, ...item }: JobItem): JobItem {
	if (item.result) {
		const { deadline: _deadline, channel: _channel, callbackTo: _callbackTo, ...ended } = item;
		const { result } = ended;
		if (result?.kind !== 'job') return ended;
		const { jobid, status } = result.job;
		return { ...ended, result: { ...result, job: { jobid, status } } };
	}
	return job ? { ...item, job: { jobid: job.jobid, status: job.status } } : item;
}

function pack(items: JobItem[]): string {
	const records = items.flatMap(({ result }) => (result?.kind === 'job' ? result.job : []));
	return deflateRawSync(JSON.stringify(records)).toString('base64');
}

function unpack({ items, records }: SavedSuspension): JobItem[] {
	const text = inflateRawSync(Buffer.from(records, 'base64')).toString();
	const jobs = (JSON.parse(text) as JobWithId[]).values();
	return items.map((item) => {
		const { result } = item;
		const job = result?.kind === 'job' ? jobs.next().value : undefined;
		return job && result?.kind === 'job' ? { ...item, result: { ...result, job } } : item;
	});
}

/** Leaves a suspension in the node's context. */
export function saveSuspension(
	context: IDataObject,
	suspension: Omit<Suspension, 'awaited'>,
): void {
	const { items } = suspension;
	const awaited = items.filter(isOpen).map(({ jobid }) => jobid);
	const saved = { ...suspension, awaited, items: items.map(compact), records: pack(items) };
	context[SUSPENSION_KEY] = saved as unknown as IDataObject;
}

function isSuspension(saved: unknown): saved is SavedSuspension {
	return (
		isRecord(saved) &&
		Array.isArray(saved.items) &&
		Array.isArray(saved.input) &&
		typeof saved.records === 'string'
	);
}

/** Takes the suspension of this run and execution. Any other is left over from a wait that ran out, or from the execution that a Retry repeats. */
export function consumeSuspension(
	context: IDataObject,
	runIndex: number,
	executionId: string,
): Suspension | undefined {
	const suspension: unknown = context[SUSPENSION_KEY];
	delete context[SUSPENSION_KEY];
	if (!isSuspension(suspension)) return undefined;
	const isOurs = suspension.runIndex === runIndex && suspension.executionId === executionId;
	return isOurs ? { ...suspension, items: unpack(suspension) } : undefined;
}
