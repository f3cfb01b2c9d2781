import type { IDataObject, INodeExecutionData } from 'n8n-workflow';
import { type JobItem, isOpen } from '../jobs/jobItem';
import { isRecord } from '../api/isRecord';

/** What a waiting node leaves in n8n's node context for the callback that brings it back. */
export interface Suspension {
	/** Unique, so that it can be told from the next one of the same node. */
	id: string;
	runIndex: number;
	executionId: string;
	items: JobItem[];
	/** The node's own input: while it waits, n8n holds what is to go on when the wait runs out. */
	input: INodeExecutionData[];
}

const KEY = 'waiting';

/** Leaves a suspension in the node's context. */
export function saveSuspension(context: IDataObject, suspension: Suspension): void {
	context[KEY] = suspension as unknown as IDataObject;
}

/** The suspension in plain data that n8n has carried; undefined where it is none. */
export function readSuspension(saved: unknown): Suspension | undefined {
	if (!isRecord(saved) || !Array.isArray(saved.items) || !Array.isArray(saved.input)) {
		return undefined;
	}
	return saved as unknown as Suspension;
}

/** Takes the suspension of this run and execution. Any other is a leftover of a wait that ran out, or of a Retry's original. */
export function consumeSuspension(
	context: IDataObject,
	runIndex: number,
	executionId: string,
): Suspension | undefined {
	const suspension = readSuspension(context[KEY]);
	delete context[KEY];
	const isOurs = suspension?.runIndex === runIndex && suspension.executionId === executionId;
	return isOurs ? suspension : undefined;
}

/** The ids of the jobs that a suspended node waits for. */
export function awaitedJobs({ items }: Suspension): string[] {
	return items.filter(isOpen).map(({ jobid }) => jobid);
}
