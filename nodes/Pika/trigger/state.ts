import { type ConfirmationQueue, createConfirmationQueue } from './confirmationQueue';
import type { Registration } from './defaultReplyUrl';
import type { Seen } from './seen';

/**
 * What this process knows of one trigger. n8n hands every delivery its own copy of the saved data, and the last one
 * written wins: so each write is united with this (measured.md, "A trigger's webhook()").
 */
export interface TriggerState {
	seen: Seen;
	reads: ConfirmationQueue;
	registration?: Registration;
}

const MAXIMUM_TRIGGERS = 500;
const memories = new Map<string, TriggerState>();

/** The memory of one trigger of one workflow; of more than 500 the one that was not used longest is forgotten. */
export function triggerStateOf(workflowId: string, nodeId: string): TriggerState {
	const key = JSON.stringify([workflowId, nodeId]);
	const memory = memories.get(key) ?? { seen: new Set(), reads: createConfirmationQueue() };
	memories.delete(key);
	memories.set(key, memory);
	for (const oldest of memories.keys()) {
		if (memories.size <= MAXIMUM_TRIGGERS) break;
		memories.delete(oldest);
	}
	return memory;
}
