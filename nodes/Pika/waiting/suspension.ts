import type { IDataObject, INodeExecutionData } from 'n8n-workflow';

import { isRecord } from '../api/isRecord';
import type { ChannelsKnowledge } from '../jobs/channels';
import { type JobItem, isOpen } from '../jobs/jobItem';
import type { Backlog } from './backlog';
import type { Pack } from './finishedItems';

/** What a suspended node saves in its context for the callback that resumes it. */
export interface Suspension {
	/** Unique, to distinguish it from the next suspension of the same node. */
	id: string;
	runIndex: number;
	executionId: string;
	savedAt: number;
	/** The IDs of the jobs that the node waits for. */
	awaited: string[];
	/** The items that have no result yet and are not in the backlog. */
	items: JobItem[];
	backlog: Backlog;
	finished: Pack[];
	/** Whether a Stop cancels the jobs of any item. */
	isCancelling: boolean;
	/** In the continue modes, all items as they are passed on if the wait times out. */
	passedOn?: INodeExecutionData[];
	channels: ChannelsKnowledge;
	/** The node's own input, because n8n's copy is replaced by the items to pass on if the wait times out. */
	input: INodeExecutionData[];
}

/** The key in the node's context under which the resume webhook finds it. */
export const SUSPENSION_KEY = 'waiting';

/** Of a job that still runs, the next run needs only that it exists. */
function compact(item: JobItem): JobItem {
	const { job } = item;
	return job ? { ...item, job: { jobid: job.jobid, status: job.status } } : item;
}

/** Saves a suspension in the node's context. */
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
	return (
		isRecord(saved) &&
		Array.isArray(saved.items) &&
		isRecord(saved.backlog) &&
		Array.isArray(saved.finished) &&
		Array.isArray(saved.input)
	);
}

/** Removes and returns the suspension of this run and execution. Any other one is left over from a wait that timed out, or from the execution that a Retry repeats. */
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
