import { createHash } from 'node:crypto';

import type { JobWithId } from '../api/job';

/** Short digests of the jobs with their statuses that were emitted, the oldest first. */
export type Seen = Set<string>;

export const MAXIMUM_SEEN = 1000;
const DIGEST_CHARACTERS = 22;
const SEPARATOR = ' ';

function digest({ jobid, status }: JobWithId): string {
	const text = JSON.stringify([jobid, status]);
	return createHash('sha256').update(text).digest('base64url').slice(0, DIGEST_CHARACTERS);
}

function forgetOldest(seen: Seen): void {
	for (const oldest of seen) {
		if (seen.size <= MAXIMUM_SEEN) return;
		seen.delete(oldest);
	}
}

/** True where this job was emitted with this very status before, as far as is remembered. */
export function isRepeat(seen: Seen, job: JobWithId): boolean {
	return seen.has(digest(job));
}

/** Remembers a job with its status, and forgets the oldest beyond a thousand. */
export function remember(seen: Seen, job: JobWithId): void {
	seen.add(digest(job));
	forgetOldest(seen);
}

/** What n8n is to save: one text, as n8n would wrap each member of a list, with every delivery (bench/). */
export function serialize(seen: Seen): string {
	return [...seen].join(SEPARATOR);
}

/** Adds what n8n has saved, of any shape, behind what is remembered already. */
export function merge(seen: Seen, saved: unknown): void {
	const texts = typeof saved === 'string' ? saved.split(SEPARATOR) : [];
	const digests = texts.filter(({ length }) => length === DIGEST_CHARACTERS);
	if (digests.every((each) => seen.has(each))) return;
	const known = [...seen];
	seen.clear();
	for (const each of [...digests, ...known]) {
		// Last added is last forgotten.
		seen.delete(each);
		seen.add(each);
	}
	forgetOldest(seen);
}
