import type { IExecuteFunctions } from 'n8n-workflow';

import { isPending } from '../jobs/jobItem';
import { takeAll } from './backlog';
import type { Suspension } from './suspension';

/** Entries per node, one for each resumed suspension; n8n drops the oldest. */
const KEPT_ENTRIES = 2000;

/**
 * Records in n8n's database, which all its processes share, that a suspension was resumed, and returns whether it had been
 * resumed before. n8n does not lock the record: if two executions of a node write at the same moment, one may be lost.
 */
async function wasResumed(node: IExecuteFunctions, id: string): Promise<boolean> {
	try {
		const options = { mode: 'entries', maxEntries: KEPT_ENTRIES } as const;
		const { processed } = await node.helpers.checkProcessedAndRecord([id], 'node', options);
		return processed.length > 0;
	} catch {
		// A workflow that was never saved has no such records.
		return false;
	}
}

/**
 * n8n gives each callback the execution as it was when the callback arrived. If another process has resumed the execution
 * since, and it waits again, this run starts from outdated state: pending items may have been submitted meanwhile.
 */
export async function markPossiblySubmitted(
	node: IExecuteFunctions,
	{ id, items, backlog, savedAt }: Suspension,
	now: number,
): Promise<void> {
	if (!(await wasResumed(node, id))) return;
	items.push(...(await takeAll(backlog)));
	for (const item of items.filter(isPending)) {
		const { replyUrl } = item.pending.submission.fields;
		item.possiblySubmitted = { outcome: 'unknown', sentAt: savedAt, sentUntil: now, replyUrl };
	}
}
