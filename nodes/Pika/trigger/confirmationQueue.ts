import type { JobOutcome } from '../api/client';
import type { JobWithId } from '../api/job';

/** What the API says of the job that a callback names. */
export type Confirmation =
	| { kind: 'job'; job: JobWithId }
	| { kind: 'unknown' }
	/** It says no to us, not to the job: the token, the subscription. */
	| { kind: 'refused'; reason: string }
	| { kind: 'unavailable'; reason: string };

/** The confirming reads of one trigger. */
export interface ConfirmationQueue {
	/** By job and announced status: the same callback at the same moment shares one read. */
	pending: Map<string, Promise<Confirmation>>;
	active: number;
	queue: Array<() => void>;
	/** Ids that the API does not know, with when that is forgotten. */
	unknown: Map<string, number>;
	/** When reads that led to no job were made. */
	misses: number[];
}

export const MAXIMUM_ACTIVE = 10;
export const MAXIMUM_PENDING = 1000;
/** Reads without a job in a minute. Beyond them somebody invents ids, and none is looked at until the minute is over. */
export const MAXIMUM_MISSES = 100;
const MINUTE_MILLISECONDS = 60_000;

const NOT_FOUND = [400, 404, 410];

/** The reads of a trigger that has made none. */
export function createConfirmationQueue(): ConfirmationQueue {
	return { pending: new Map(), active: 0, queue: [], unknown: new Map(), misses: [] };
}

function meaningOf(outcome: JobOutcome): Confirmation {
	switch (outcome.kind) {
		case 'found':
			return { kind: 'job', job: outcome.job };
		case 'refused': {
			const { httpStatus, text } = outcome.refusal;
			if (NOT_FOUND.includes(httpStatus)) return { kind: 'unknown' };
			return { kind: 'refused', reason: `the API answered ${httpStatus}: ${text}` };
		}
		case 'unreachable':
			return { kind: 'unavailable', reason: outcome.reason };
		case 'cancelled':
			return { kind: 'unavailable', reason: 'the read was cancelled' };
	}
}

function forgetTheOld(reads: ConfirmationQueue, now: number): void {
	for (const [jobid, until] of reads.unknown) if (until <= now) reads.unknown.delete(jobid);
	reads.misses = reads.misses.filter((madeAt) => madeAt > now - MINUTE_MILLISECONDS);
}

async function acquire(reads: ConfirmationQueue): Promise<void> {
	if (reads.active < MAXIMUM_ACTIVE) reads.active++;
	else await new Promise<void>((resolve) => reads.queue.push(resolve));
}

function release(reads: ConfirmationQueue): void {
	const next = reads.queue.shift();
	if (next) next();
	else reads.active--;
}

async function readInTurn(
	reads: ConfirmationQueue,
	jobid: string,
	read: (jobid: string) => Promise<JobOutcome>,
	now: () => number,
): Promise<Confirmation> {
	await acquire(reads);
	try {
		forgetTheOld(reads, now());
		if (reads.unknown.has(jobid)) return { kind: 'unknown' };
		if (reads.misses.length >= MAXIMUM_MISSES) {
			return { kind: 'unavailable', reason: 'too many callbacks named jobs that do not exist' };
		}
		const confirmation = meaningOf(await read(jobid));
		if (confirmation.kind !== 'job') reads.misses.push(now());
		if (confirmation.kind === 'unknown') reads.unknown.set(jobid, now() + MINUTE_MILLISECONDS);
		return confirmation;
	} finally {
		release(reads);
	}
}

/**
 * Asks the API for the job that a callback names: few at a time, the same one once, an unknown one again after a minute,
 * and none at all where too many led to nothing. Throws only what `read` throws.
 */
export async function confirm(
	reads: ConfirmationQueue,
	{ jobid, status }: JobWithId,
	read: (jobid: string) => Promise<JobOutcome>,
	now: () => number,
): Promise<Confirmation> {
	const key = JSON.stringify([jobid, status]);
	const same = reads.pending.get(key);
	if (same) return await same;
	if (reads.pending.size >= MAXIMUM_PENDING) {
		return { kind: 'unavailable', reason: 'too many callbacks came at once' };
	}
	const mine = readInTurn(reads, jobid, read, now).finally(() => reads.pending.delete(key));
	reads.pending.set(key, mine);
	return await mine;
}
