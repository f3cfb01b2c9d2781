import type { IExecuteFunctions } from 'n8n-workflow';

import type { ItemStates } from '../jobs/itemState';
import { type JobItem, isPending } from '../jobs/jobItem';
import type { Suspension } from './suspension';

/** For each node; n8n forgets the oldest. A suspension adds one, and each item that it has submitted another. */
const KEPT_ENTRIES = 2000;

/**
 * Notes entries in n8n's database, which all its processes share, and gives those that were noted before. n8n does not
 * lock it: of two executions of a node that write in the same instant, one may go unnoted.
 */
async function note(node: IExecuteFunctions, entries: string[]): Promise<Set<unknown>> {
	try {
		const options = { mode: 'entries', maxEntries: KEPT_ENTRIES } as const;
		const { processed } = await node.helpers.checkProcessedAndRecord(entries, 'node', options);
		return new Set(processed);
	} catch {
		// A workflow that was never saved has no such notes.
		return new Set();
	}
}

function entryOf({ executionId, runIndex }: Place, { item }: JobItem): string {
	return `${executionId}:${runIndex}:${item}`;
}

type Place = Pick<Suspension, 'executionId' | 'runIndex'>;

/** Notes which items are no longer to be submitted, before the execution is put to wait. */
export async function recordSubmitted(
	node: IExecuteFunctions,
	place: Place,
	items: JobItem[],
): Promise<void> {
	const submitted = items.filter((item) => item.pending && !isPending(item));
	await note(
		node,
		submitted.map((item) => entryOf(place, item)),
	);
}

/**
 * n8n gives each callback the execution as it stood when the call came. Where another process has led on since, and the
 * execution waits again, it is set back to that state: then what seems to be unsubmitted may have been, and is looked up.
 */
export async function markPossiblySubmitted(
	node: IExecuteFunctions,
	suspension: Suspension,
	states: ItemStates,
): Promise<void> {
	const before = await note(node, [suspension.id]);
	if (before.size === 0) return;
	const pending = suspension.items.filter(isPending);
	const submitted = await note(
		node,
		pending.map((item) => entryOf(suspension, item)),
	);
	for (const item of pending) {
		if (!submitted.has(entryOf(suspension, item))) continue;
		const { replyRef, isUniqueReplyRef } = item.pending;
		states.set(item.item, { outcome: 'unknown', replyRef, isUniqueReplyRef });
	}
}
