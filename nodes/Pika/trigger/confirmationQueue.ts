import type { JobOutcome } from '../api/client';
import type { JobWithId } from '../api/job';

/** What the API says about the job that a callback names. */
export type Confirmation =
	| { kind: 'job'; job: JobWithId }
	| { kind: 'unknown' }
	/** Because of the account, its token or its subscription, not because of the job. */
	| { kind: 'refused'; reason: string }
	| { kind: 'unavailable'; reason: string };

/** The reads with which one trigger confirms its callbacks. */
export interface ConfirmationQueue {
	/** By job and announced status: simultaneous callbacks for the same share one read. */
	pending: Map<string, Promise<Confirmation>>;
	active: number;
	waiting: Array<() => void>;
	/** IDs that the API does not know, each with the time at which it may be read again. */
	unknown: Map<string, number>;
	/** When reads returned no job, in milliseconds since 1970. */
	misses: number[];
}

export const MAX_ACTIVE = 10;
export const MAX_PENDING = 1000;
/** Once so many reads of the last minute returned no job, nothing is read until there are fewer: made-up IDs must not cause a flood of requests. */
export const MAX_MISSES = 100;
const MS_PER_MINUTE = 60_000;

const NOT_FOUND = [400, 404, 410];

/** The queue of a trigger that has not received anything. */
export function createConfirmationQueue(): ConfirmationQueue {
	return { pending: new Map(), active: 0, waiting: [], unknown: new Map(), misses: [] };
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

function forgetExpired(queue: ConfirmationQueue, now: number): void {
	for (const [jobid, until] of queue.unknown) if (until <= now) queue.unknown.delete(jobid);
	queue.misses = queue.misses.filter((madeAt) => madeAt > now - MS_PER_MINUTE);
}

async function acquire(queue: ConfirmationQueue): Promise<void> {
	if (queue.active < MAX_ACTIVE) queue.active++;
	else await new Promise<void>((resolve) => queue.waiting.push(resolve));
}

function release(queue: ConfirmationQueue): void {
	const next = queue.waiting.shift();
	if (next) next();
	else queue.active--;
}

async function readInTurn(
	queue: ConfirmationQueue,
	jobid: string,
	read: (jobid: string) => Promise<JobOutcome>,
	now: () => number,
): Promise<Confirmation> {
	await acquire(queue);
	try {
		forgetExpired(queue, now());
		if (queue.unknown.has(jobid)) return { kind: 'unknown' };
		if (queue.misses.length >= MAX_MISSES) {
			return { kind: 'unavailable', reason: 'too many jobs could not be read in the last minute' };
		}
		const confirmation = meaningOf(await read(jobid));
		if (confirmation.kind !== 'job') queue.misses.push(now());
		if (confirmation.kind === 'unknown') queue.unknown.set(jobid, now() + MS_PER_MINUTE);
		return confirmation;
	} finally {
		release(queue);
	}
}

/**
 * Reads the job that a callback names. The number of simultaneous reads is limited, simultaneous callbacks for the same
 * job and status share a read, an unknown job is read again only after a minute, and too many reads without a job stop all
 * reads for a while. Throws only what `read` throws.
 */
export async function confirm(
	queue: ConfirmationQueue,
	{ jobid, status }: JobWithId,
	read: (jobid: string) => Promise<JobOutcome>,
	now: () => number,
): Promise<Confirmation> {
	const key = JSON.stringify([jobid, status]);
	const same = queue.pending.get(key);
	if (same) return await same;
	if (queue.pending.size >= MAX_PENDING) {
		return { kind: 'unavailable', reason: 'too many callbacks came at once' };
	}
	const mine = readInTurn(queue, jobid, read, now).finally(() => queue.pending.delete(key));
	queue.pending.set(key, mine);
	return await mine;
}
