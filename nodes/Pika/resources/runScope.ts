import type { IDataObject, IExecuteFunctions } from 'n8n-workflow';

import { isRecord } from '../api/isRecord';
import { Claims, claimsIn } from '../jobs/claims';
import { type ItemStates, createItemStates } from '../jobs/itemState';

/** Identifies this run of the node within its execution, with the state that earlier runs have saved. */
export interface RunScope {
	runIndex: number;
	/** Undefined for a tool call outside an execution. */
	executionId?: string;
	/** The node's own context, which n8n saves with the execution. */
	context: IDataObject;
	states: ItemStates;
	claims: Claims;
}

/** In the context that all nodes of an execution share. */
const CLAIMS_KEY = 'pikaJobs';

/** Tool calls that n8n makes within the run of an agent can share a run index, so they must not see each other's state. */
function isNestedToolCall(node: IExecuteFunctions): boolean {
	return 'getNextRunIndex' in node;
}

function sharedClaims(node: IExecuteFunctions): Record<string, true> {
	const flow = node.getContext('flow');
	const saved = flow[CLAIMS_KEY];
	const claims = isRecord(saved) ? (saved as Record<string, true>) : {};
	flow[CLAIMS_KEY] = claims;
	return claims;
}

/** Opens the state that this run of the node keeps across attempts, waits and the editor's Retry. */
export function openScope(node: IExecuteFunctions): RunScope {
	const executionId: string | undefined = node.getExecutionId();
	const runIndex = Number(node.getWorkflowDataProxy(0).$runIndex);
	const context = !executionId || isNestedToolCall(node) ? {} : node.getContext('node');
	return {
		runIndex,
		executionId: executionId || undefined,
		context,
		states: createItemStates(context, runIndex),
		claims: executionId ? claimsIn(sharedClaims(node)) : new Claims(),
	};
}
