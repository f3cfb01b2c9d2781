import type { IExecuteFunctions, IHookFunctions, IWebhookFunctions } from 'n8n-workflow';

import { type ConfirmationQueue, createConfirmationQueue } from './confirmationQueue';
import { type EmittedLog, createEmittedLog } from './emittedLog';
import type { Registration } from './registration';
import type { Seen } from './seen';

/** What this process knows of one trigger. */
export interface TriggerState {
	/** Of webhook(): the jobs whose callbacks have started an execution. */
	received: Seen;
	/** Of execute(): the jobs whose callbacks another process has received, as in queue mode. */
	claimed: Seen;
	confirmations: ConfirmationQueue;
	log: EmittedLog;
	registration?: Registration;
}

const MAX_TRIGGERS = 500;
const states = new Map<string, TriggerState>();

function createTriggerState(): TriggerState {
	return {
		received: new Set(),
		claimed: new Set(),
		confirmations: createConfirmationQueue(),
		log: createEmittedLog(),
	};
}

/** The state of one trigger of one workflow; of more than 500 the one that was not used longest is forgotten. */
export function triggerStateOf(workflowId: string, nodeId: string): TriggerState {
	const key = JSON.stringify([workflowId, nodeId]);
	const state = states.get(key) ?? createTriggerState();
	states.delete(key);
	states.set(key, state);
	for (const oldest of states.keys()) {
		if (states.size <= MAX_TRIGGERS) break;
		states.delete(oldest);
	}
	return state;
}

/** What this process knows of the trigger that n8n is calling. */
export function getTriggerState(
	node: IExecuteFunctions | IHookFunctions | IWebhookFunctions,
): TriggerState {
	return triggerStateOf(node.getWorkflow().id ?? '', node.getNode().id);
}
