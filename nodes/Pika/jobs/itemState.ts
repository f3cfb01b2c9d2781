import type { IDataObject } from 'n8n-workflow';

import { isRecord } from '../api/isRecord';

/**
 * What is saved about one item across attempts, waits and the editor's Retry, so that nothing is submitted twice: certainly
 * no job exists; a request was sent and its outcome is unknown; or the job `jobid` exists.
 */
export type ItemState = Submitted & ({ outcome: 'unsent' } | PossiblySubmitted | Accepted);

interface Submitted {
	replyRef: string;
	isUniqueReplyRef: boolean;
	/** Identifies the submission (resources/fingerprint.ts). */
	fingerprint: string;
	executionId?: string;
}

export interface PossiblySubmitted {
	outcome: 'unknown';
	/** When the request was sent, in milliseconds since 1970. */
	sentAt: number;
	/** The latest time at which it may have been sent, if that is not known exactly. */
	sentUntil?: number;
	replyUrl?: string;
	/** The ID of the job, if an error answer or the record of the job has shown that it is this one. */
	jobid?: string;
}

interface Accepted {
	outcome: 'accepted';
	jobid: string;
	/** The execution whose resume URL the job calls. After a Retry it is not the current one. */
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
 * Reads and writes states under `<runIndex>:<itemIndex>` of n8n's node context, which survives waits, Retry On Fail and the
 * editor's Retry (docs/n8n-internals.md, "Contexts"). The run index separates the iterations of a loop.
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

/** Whether an item already has a job: it is known, there may be one, or there is none. */
export type PriorJob =
	| { kind: 'known'; state: ItemState & Accepted }
	| { kind: 'possiblySubmitted'; state: ItemState & PossiblySubmitted }
	| { kind: 'none'; state?: ItemState };

/**
 * Decides from the saved state whether an item already has a job. The state that an earlier attempt of the same
 * execution saved belongs to this item, even if an expression now returns another prompt. After the editor's Retry, the
 * submission must be the same.
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
