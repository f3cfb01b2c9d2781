import type { JobWithId } from '../api/job';
import type { RecordEntries } from './emittedLog';
import { digestOf } from './seen';

/** What a claim needs of the execution that makes it. */
export interface Claimant {
	/** Unlike that of any other execution. */
	id: string;
	record: RecordEntries;
	now: () => number;
	pause: (milliseconds: number) => Promise<void>;
}

/** Far longer than a write takes, and so longer than other processes need for the writes that they have begun. */
export const SETTLE = { milliseconds: 1000, timesOwnWrite: 4, atMost: 20_000 };
export const MAX_LOOKS = 10;

/** True for a job and status that the log does not know. Enough if no other process can have received its callback. */
export async function isNew(job: JobWithId, record: RecordEntries): Promise<boolean> {
	const digest = digestOf(job);
	return !(await record([digest])).has(digest);
}

/**
 * True in one execution only, also if others claim the job at the same moment in other processes. n8n does not lock the
 * log, so the last one to write replaces what the others wrote: each looks a while later whose claim is there.
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
	for (let looks = 1; looks <= MAX_LOOKS; looks++) {
		await pause(settle);
		const found = await record([digest, own]);
		if (found.has(own)) return true;
		if (found.has(digest)) return false;
		// The write of another job has replaced both entries, and this look has put them back.
	}
	return true;
}
