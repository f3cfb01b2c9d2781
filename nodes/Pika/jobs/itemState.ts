import type { IDataObject } from 'n8n-workflow';

import { isRecord } from '../api/isRecord';

/**
 * What is kept of one item across tries, waits and the editor's Retry, so that nothing is submitted twice: surely no job
 * exists; a request left and nobody knows what became of it; or the job `jobid` exists.
 */
export type ItemState = Submitted & ({ outcome: 'unsent' } | PossiblySubmitted | Accepted);

interface Submitted {
	replyRef: string;
	isUniqueReplyRef: boolean;
	/** Of the submission that this is about, and the execution that made it. */
	fingerprint: string;
	executionId?: string;
}

export interface PossiblySubmitted {
	outcome: 'unknown';
	/** When the request left, in milliseconds since 1970. */
	sentAt: number;
	/** If it is not known exactly: until when it may have left. */
	sentUntil?: number;
	replyUrl?: string;
	/** The job that an error named. */
	jobid?: string;
}

interface Accepted {
	outcome: 'accepted';
	jobid: string;
	/** The execution whose resume URL the job calls: after a Retry that is another one. */
	callbackTo?: string;
}

/** The states of one run of one node. */
export interface ItemStates {
	get: (item: number) => ItemState | undefined;
	set: (item: number, state: ItemState) => void;
}

function isText(value: unknown): value is string {
	return typeof value === 'string';
}

function isState(saved: IDataObject): boolean {
	if (!isText(saved.replyRef) || !isText(saved.fingerprint)) return false;
	if (saved.outcome === 'accepted') return isText(saved.jobid);
	return (
		saved.outcome === 'unsent' || (saved.outcome === 'unknown' && isFinite(Number(saved.sentAt)))
	);
}

/**
 * Reads and writes states under `<runIndex>:<itemIndex>` of n8n's node context, which survives waits and both kinds of
 * retry (docs/n8n-internals.md, "Contexts"). The run index keeps the rounds of a loop apart.
 */
export function createItemStates(context: IDataObject, runIndex: number): ItemStates {
	return {
		get: (item) => {
			const saved = context[`${runIndex}:${item}`];
			return isRecord(saved) && isState(saved) ? (saved as unknown as ItemState) : undefined;
		},
		set: (item, state) => {
			context[`${runIndex}:${item}`] = { ...state };
		},
	};
}

/** Whether an item has a job already: it is known, there may be one, or there is none. */
export type PriorJob =
	| { kind: 'known'; state: ItemState & Accepted }
	| { kind: 'possiblySubmitted'; state: ItemState & PossiblySubmitted }
	| { kind: 'none'; state?: ItemState };

/**
 * The only place that decides whether an item has a job already. What an earlier try of the same execution left is
 * this item's, also if an expression now gives another prompt; after the editor's Retry the submission must be the same.
 */
export function findPriorJob(
	state: ItemState | undefined,
	executionId: string | undefined,
	fingerprint: string,
): PriorJob {
	if (!state) return { kind: 'none' };
	const isSame = state.executionId === executionId || state.fingerprint === fingerprint;
	if (!isSame) return { kind: 'none' };
	switch (state.outcome) {
		case 'accepted':
			return { kind: 'known', state };
		case 'unknown':
			return { kind: 'possiblySubmitted', state };
		case 'unsent':
			return { kind: 'none', state };
	}
}
