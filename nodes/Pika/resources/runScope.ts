import type { IDataObject, IExecuteFunctions } from 'n8n-workflow';

import { Claims, claimsIn } from '../jobs/claims';
import { type ItemStates, createItemStates } from '../jobs/itemState';

/** Which run of which execution this is, and what n8n keeps of the runs before. */
export interface RunScope {
	runIndex: number;
	/** Undefined for a tool call outside of an execution. */
	executionId?: string;
	/** The node's own context, which n8n saves with the execution. */
	context: IDataObject;
	states: ItemStates;
	claims: Claims;
}

/** In the context that all nodes of an execution share. */
const CLAIMS_KEY = 'pikaJobs';

/** An agent's calls of a tool that n8n makes within the agent's own run can share a run index, so none sees another's state. */
function isNestedToolCall(node: IExecuteFunctions): boolean {
	return 'getNextRunIndex' in node;
}

function sharedClaims(node: IExecuteFunctions): string[] {
	const flow = node.getContext('flow');
	const saved = flow[CLAIMS_KEY];
	const claims = Array.isArray(saved) ? (saved as string[]) : [];
	flow[CLAIMS_KEY] = claims;
	return claims;
}

/** Opens what this run of the node keeps across tries, waits and both kinds of retry. */
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
