import type { IExecuteFunctions } from 'n8n-workflow';

import type { Client } from '../api/client';
import type { JobWithId } from '../api/job';
import type { Clock } from '../jobs/clock';
import { isPending } from '../jobs/jobItem';
import { takeAll } from './backlog';
import { takeCalledJobid } from './calledJob';
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

async function readJob(client: Client, jobid: string | undefined): Promise<JobWithId | undefined> {
	const read = jobid === undefined ? undefined : await client.getJob(jobid);
	return read?.kind === 'found' ? read.job : undefined;
}

/**
 * n8n gives each callback the execution as it was when the callback arrived. If that is outdated, because another process
 * has resumed the execution since, pending items may have been submitted meanwhile: one of them as the job of the callback.
 */
export async function markPossiblySubmitted(
	node: IExecuteFunctions,
	{ id, items, backlog, savedAt }: Suspension,
	{ client, clock }: { client: Client; clock: Clock },
): Promise<void> {
	const calledJobid = takeCalledJobid(node.getExecuteData());
	if (!(await wasResumed(node, id))) return;
	items.push(...(await takeAll(backlog)));
	const called = await readJob(client, calledJobid);
	const sentUntil = clock.now();
	for (const item of items.filter(isPending)) {
		const { submission, isUniqueReplyRef, replyRef } = item.pending;
		const { replyUrl } = submission.fields;
		const isCalled = isUniqueReplyRef && called?.replyRef === replyRef;
		const jobid = isCalled ? called?.jobid : undefined;
		item.possiblySubmitted = { outcome: 'unknown', sentAt: savedAt, sentUntil, replyUrl, jobid };
	}
}
