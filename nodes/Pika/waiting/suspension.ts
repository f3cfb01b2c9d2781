import type { IDataObject, INodeExecutionData } from 'n8n-workflow';

import { isRecord } from '../api/isRecord';
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

/** An item without what it no longer needs: there may be thousands, and n8n saves all of them with each wait. */
function compact({ job, ...item }: JobItem): JobItem {
	if (item.result || !job) return item;
	return { ...item, job: { jobid: job.jobid, status: job.status } };
}

/** Leaves a suspension in the node's context. */
export function saveSuspension(
	context: IDataObject,
	suspension: Omit<Suspension, 'awaited'>,
): void {
	const { items } = suspension;
	const awaited = items.filter(isOpen).map(({ jobid }) => jobid);
	const saved = { ...suspension, awaited, items: items.map(compact) };
	context[SUSPENSION_KEY] = saved as unknown as IDataObject;
}

function isSuspension(saved: unknown): saved is Suspension {
	return isRecord(saved) && Array.isArray(saved.items) && Array.isArray(saved.input);
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
	return isOurs ? suspension : undefined;
}
