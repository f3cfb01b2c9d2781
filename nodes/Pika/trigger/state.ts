import type { IExecuteFunctions, IHookFunctions, IWebhookFunctions } from 'n8n-workflow';

import { type ConfirmationQueue, createConfirmationQueue } from './confirmationQueue';
import { type EmittedLog, createEmittedLog } from './emittedLog';
import type { Registration } from './registration';
import type { Seen } from './seen';

/** What this process knows about one trigger. */
export interface TriggerState {
	/** In webhook(): the jobs whose callbacks have started an execution. */
	received: Seen;
	/** In execute(): the jobs whose callbacks another process received, as in queue mode. */
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

/** The state of one trigger of one workflow. Beyond 500, the least recently used one is dropped. */
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

/** What this process knows about the trigger that n8n is calling. */
export function getTriggerState(
	node: IExecuteFunctions | IHookFunctions | IWebhookFunctions,
): TriggerState {
	return triggerStateOf(node.getWorkflow().id ?? '', node.getNode().id);
}
