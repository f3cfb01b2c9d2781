import './environment.cts';

import type { IDataObject, IExecuteData, INode, IRunExecutionData } from 'n8n-workflow';

import { newExecutionId, startExecution, type WorkflowRun } from './run.cts';
import { savedAndLoaded } from './saved-execution.cts';

const claimed = new WeakSet<WorkflowRun>();

/** Whether a waiting execution has been resumed. */
export function isClaimed(waiting: WorkflowRun): boolean {
	return claimed.has(waiting);
}

/** Resumes a waiting execution once, as n8n ensures in its database. */
export function claim(waiting: WorkflowRun): boolean {
	if (waiting.status !== 'waiting' || isClaimed(waiting)) return false;
	claimed.add(waiting);
	return true;
}

/** Lets the wait expire: n8n passes on the items as they were when the wait began, or fails the node. */
export async function resumeByTimeout(
	waiting: WorkflowRun,
	signal?: AbortSignal,
): Promise<WorkflowRun> {
	if (!claim(waiting)) throw new Error('The execution does not wait, or was resumed before');
	const { execution } = waiting;
	const { result } = await startExecution(
		{
			...execution,
			workflow: structuredClone(execution.workflow),
			resumed: true,
			data: savedAndLoaded(execution.data),
		},
		signal,
	);
	return await result;
}

/**
 * Runs a failed execution again from the node that failed, as the editor's Retry does: under a new id. `changed` gives
 * new values of nodes' parameters, for a Retry with the currently saved workflow instead of the original one.
 */
export async function retryRun(
	failed: WorkflowRun,
	signal?: AbortSignal,
	changed: Record<string, IDataObject> = {},
): Promise<WorkflowRun> {
	if (failed.status === 'success') {
		throw new Error('The execution succeeded, so it cannot be retried.');
	}
	const data = savedAndLoaded(failed.execution.data);
	const { lastNodeExecuted, runData } = data.resultData;
	if (lastNodeExecuted !== undefined) {
		delete data.resultData.error;
		const runs = runData[lastNodeExecuted];
		if (runs?.at(-1)?.error !== undefined) runs.pop();
	}
	const workflow = structuredClone(failed.execution.workflow);
	const onStack = data.executionData?.nodeExecutionStack.map(({ node }) => node) ?? [];
	for (const node of [...workflow.nodes, ...onStack]) change(node, changed[node.name]);
	const { result } = await startExecution(
		{
			...failed.execution,
			id: newExecutionId(),
			mode: 'retry',
			workflow,
			resumed: false,
			data,
		},
		signal,
	);
	return await result;
}

function change(node: INode, parameters: IDataObject = {}): void {
	// Parameters are plain data, which n8n types more narrowly.
	node.parameters = { ...node.parameters, ...parameters } as INode['parameters'];
}

/** The node with which an interrupted execution continues. */
export function stackEntry(data: IRunExecutionData): IExecuteData {
	const entry = data.executionData?.nodeExecutionStack[0];
	if (entry === undefined) throw new Error('The execution has no node to go on with');
	return entry;
}
