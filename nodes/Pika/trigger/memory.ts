import { type Reads, noReads } from './confirmation';
import type { Registration } from './defaultReplyUrl';
import type { Seen } from './seen';

/**
 * What this process knows of one trigger. n8n hands every delivery its own copy of the saved data, and the last one
 * written wins: so each write is united with this (measured.md, "A trigger's webhook()").
 */
export interface Memory {
	seen: Seen;
	reads: Reads;
	registration?: Registration;
}

const MAXIMUM_TRIGGERS = 500;
const memories = new Map<string, Memory>();

/** The memory of one trigger of one workflow; of more than 500 the one that was not used longest is forgotten. */
export function memoryOf(workflowId: string, nodeId: string): Memory {
	const key = JSON.stringify([workflowId, nodeId]);
	const memory = memories.get(key) ?? { seen: new Set(), reads: noReads() };
	memories.delete(key);
	memories.set(key, memory);
	for (const oldest of memories.keys()) {
		if (memories.size <= MAXIMUM_TRIGGERS) break;
		memories.delete(oldest);
	}
	return memory;
}
