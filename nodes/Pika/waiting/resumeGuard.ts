/** Longer than a `webhook()` with its two reads can take (request.ts). */
const KEPT_MILLISECONDS = 300_000;

const resumedAt = new Map<string, number>();

/** Whether a callback has already brought this suspension back. */
export function isResumed(id: string, now: number): boolean {
	return now - (resumedAt.get(id) ?? -Infinity) < KEPT_MILLISECONDS;
}

/**
 * True for the first callback that is to bring a suspension back. n8n gives each callback the execution as it stood
 * when the call came, and only asks whether it waits: one that is slow would set an execution that has been resumed
 * and waits again back to that state, and what was submitted meanwhile would be submitted once more.
 * It knows the callbacks of this process alone. After a while the next one is let through, in case n8n could not resume.
 */
export function claimResumption(id: string, now: number): boolean {
	if (isResumed(id, now)) return false;
	for (const known of resumedAt.keys()) if (!isResumed(known, now)) resumedAt.delete(known);
	resumedAt.set(id, now);
	return true;
}
