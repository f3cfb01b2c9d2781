import type { IExecuteFunctions } from 'n8n-workflow';

import type { Client } from '../api/client';
import type { Claims } from '../jobs/claims';
import type { Clock } from '../jobs/clock';
import type { PossiblySubmitted } from '../jobs/itemState';
import { type PendingItem, isPending } from '../jobs/jobItem';
import { isJobOf } from '../jobs/jobMatch';
import { queryOf } from '../jobs/submit';
import { takeAll } from './backlog';
import { takeCalledJobid } from './calledJob';
import type { Suspension } from './suspension';

type StaleItem = PendingItem & { possiblySubmitted: PossiblySubmitted };

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

/** Assigns a job to the item that it was created for, if it was created for one of them. */
async function assignJob(
	items: StaleItem[],
	jobid: string,
	{ client, clock }: { client: Client; clock: Clock },
): Promise<void> {
	const read = await client.getJob(jobid);
	if (read.kind !== 'found') return;
	const owner = items.find((item) => {
		const query = queryOf(item, item.possiblySubmitted, client);
		return isJobOf(read.job, query, clock.now(), read.answeredAt);
	});
	if (owner) owner.possiblySubmitted.jobid = jobid;
}

/**
 * n8n gives each callback the execution as it was when the callback arrived. If that is outdated, because another process
 * has resumed the execution since, pending items may have been submitted meanwhile: one of them as the job of the callback.
 */
export async function markPossiblySubmitted(
	node: IExecuteFunctions,
	{ id, items, backlog, savedAt }: Suspension,
	{ claims, client, clock }: { claims: Claims; client: Client; clock: Clock },
): Promise<void> {
	const calledJobid = takeCalledJobid(node.getExecuteData());
	if (!(await wasResumed(node, id))) return;
	items.push(...(await takeAll(backlog)));
	const sent = { outcome: 'unknown', sentAt: savedAt, sentUntil: clock.now() } as const;
	const stale = items.filter(isPending).map((item) => {
		const { replyUrl } = item.pending.submission.fields;
		return Object.assign(item, { possiblySubmitted: { ...sent, replyUrl } });
	});
	if (calledJobid === undefined || claims.has(calledJobid)) return;
	await assignJob(stale, calledJobid, { client, clock });
}
