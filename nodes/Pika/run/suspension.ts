import type { IDataObject, INodeExecutionData } from 'n8n-workflow';

import { isRecord } from '../api/job';
import { type JobItem, isOpen } from './jobItem';

/**
 * What a waiting node leaves behind for the callback that brings it back. It stands in n8n's node context, which is
 * saved with the execution and can be read from `webhook()`.
 */
export interface Suspension {
	runIndex: number;
	executionId: string;
	items: JobItem[];
	/** The node's own input: while it waits, n8n holds what is to go on when the wait runs out. */
	input: INodeExecutionData[];
}

const KEY = 'waiting';

export function saveSuspension(context: IDataObject, suspension: Suspension): void {
	context[KEY] = suspension as unknown as IDataObject;
}

/** The suspension that somebody else's code has carried as plain data; undefined where it is none. */
export function readSuspension(saved: unknown): Suspension | undefined {
	if (!isRecord(saved) || !Array.isArray(saved.items) || !Array.isArray(saved.input)) {
		return undefined;
	}
	return saved as unknown as Suspension;
}

/**
 * Takes the suspension that belongs to this run and execution, once. Any other one is left over: a wait that ran out
 * in an earlier round of a loop, or an execution that the editor's Retry has copied.
 */
export function takeSuspension(
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
