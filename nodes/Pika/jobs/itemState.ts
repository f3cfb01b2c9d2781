import type { IDataObject } from 'n8n-workflow';

/** What is kept of one item across tries, waits and the editor's Retry, so that nothing is submitted twice. */
export interface ItemState {
	/** Surely no job exists; a request left, and nobody knows; the job `jobid` exists. */
	outcome: 'unsent' | 'unknown' | 'accepted';
	replyRef: string;
	isUniqueReplyRef: boolean;
	jobid?: string;
	/** The execution whose resume URL the job calls: a Retry has another, so it must ask instead. */
	callbackTo?: string;
}

/** The states of one run of one node, kept by n8n with the execution. */
export interface ItemStates {
	get: (item: number) => ItemState | undefined;
	set: (item: number, state: ItemState) => void;
}

function readState(saved: unknown): ItemState | undefined {
	if (typeof saved !== 'object' || saved === null) return undefined;
	const { outcome, replyRef, isUniqueReplyRef, jobid, callbackTo } = saved as Partial<ItemState>;
	if (typeof replyRef !== 'string') return undefined;
	const reference = { replyRef, isUniqueReplyRef: isUniqueReplyRef === true };
	if (outcome === 'accepted' && typeof jobid === 'string') {
		return { outcome, ...reference, jobid, ...(callbackTo && { callbackTo }) };
	}
	return outcome === 'unknown' || outcome === 'unsent' ? { outcome, ...reference } : undefined;
}

/**
 * Reads and writes states under `<runIndex>:<itemIndex>` of n8n's node context, which survives waits and both Retries
 * (measured.md). The run index keeps the rounds of a loop apart.
 */
export function createItemStates(context: IDataObject, runIndex: number): ItemStates {
	return {
		get: (item) => readState(context[`${runIndex}:${item}`]),
		set: (item, state) => {
			context[`${runIndex}:${item}`] = { ...state };
		},
	};
}
