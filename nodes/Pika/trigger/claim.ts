import type { JobWithId } from '../api/job';
import type { RecordEntries } from './emittedLog';
import { digestOf } from './seen';

/** What a claim needs from the execution that makes it. */
export interface Claimant {
	id: string;
	record: RecordEntries;
	now: () => number;
	pause: (milliseconds: number) => Promise<void>;
}

/** Far longer than a write takes, so that writes which other processes have begun are over by then. */
export const SETTLE = { milliseconds: 1000, timesOwnWrite: 4, atMost: 20_000 };
export const MAX_CHECKS = 10;

/** True if the log does not contain this job and status. Sufficient if no other process can have received the callback. */
export async function isNew(job: JobWithId, record: RecordEntries): Promise<boolean> {
	const digest = digestOf(job);
	return !(await record([digest])).has(digest);
}

/**
 * True in only one execution, even if executions in other processes claim the job at the same moment. n8n does not lock
 * the log (docs/n8n-internals.md, "Deduplication"), so the last write replaces the others, and each execution checks a
 * while later whose claim is there. If ten checks do not tell, the job is emitted rather than lost.
 */
export async function claim(
	job: JobWithId,
	{ id, record, now, pause }: Claimant,
): Promise<boolean> {
	const digest = digestOf(job);
	const own = `${digest} ${id}`;
	const began = now();
	if ((await record([digest, own])).has(digest)) return false;
	const { milliseconds, timesOwnWrite, atMost } = SETTLE;
	const settle = Math.min(Math.max(milliseconds, timesOwnWrite * (now() - began)), atMost);
	for (let checks = 1; checks <= MAX_CHECKS; checks++) {
		await pause(settle);
		const found = await record([digest, own]);
		if (found.has(own)) return true;
		if (found.has(digest)) return false;
		// A write for another job had replaced both entries. This check has written them again.
	}
	return true;
}
