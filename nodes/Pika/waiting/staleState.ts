import type { IExecuteFunctions } from 'n8n-workflow';

import { isPending } from '../jobs/jobItem';
import type { Suspension } from './suspension';

/** Of each node; n8n forgets the oldest. Each resumed suspension adds one. */
const KEPT_ENTRIES = 2000;

/**
 * Notes in n8n's database, which all its processes share, that a suspension was resumed, and says whether it had been
 * before. n8n does not lock it: of two executions of a node that write in the same instant, one may go unnoted.
 */
async function wasResumed(node: IExecuteFunctions, id: string): Promise<boolean> {
	try {
		const options = { mode: 'entries', maxEntries: KEPT_ENTRIES } as const;
		const { processed } = await node.helpers.checkProcessedAndRecord([id], 'node', options);
		return processed.length > 0;
	} catch {
		// A workflow that was never saved has no such notes.
		return false;
	}
}

/**
 * n8n gives each callback the execution as it was when the call came. If another process has resumed it meanwhile, and it
 * waits again, it is set back to that state: what seems to be unsubmitted may have been submitted since.
 */
export async function markPossiblySubmitted(
	node: IExecuteFunctions,
	{ id, items, savedAt }: Suspension,
	now: number,
): Promise<void> {
	if (!(await wasResumed(node, id))) return;
	for (const item of items.filter(isPending)) {
		const { replyUrl } = item.pending.submission.fields;
		item.possiblySubmitted = { outcome: 'unknown', sentAt: savedAt, sentUntil: now, replyUrl };
	}
}
