import { createHash } from 'node:crypto';

import type { JobWithId } from '../api/job';

/** Short digests of jobs and their statuses, the oldest first. */
export type Seen = Set<string>;

export const MAX_SEEN = 1000;
const DIGEST_LENGTH = 22;

/** A short text that stands for a job and its status. */
export function digestOf({ jobid, status }: JobWithId): string {
	const text = JSON.stringify([jobid, status]);
	return createHash('sha256').update(text).digest('base64url').slice(0, DIGEST_LENGTH);
}

/** True if this job was remembered with the same status, and has not been dropped since. */
export function isRepeat(seen: Seen, job: JobWithId): boolean {
	return seen.has(digestOf(job));
}

/** Remembers a job and its status, and drops the oldest beyond a thousand. */
export function remember(seen: Seen, job: JobWithId): void {
	seen.add(digestOf(job));
	for (const oldest of seen) {
		if (seen.size <= MAX_SEEN) return;
		seen.delete(oldest);
	}
}
