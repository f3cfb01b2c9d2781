/** Longer than `webhook()` with its two reads can take (api/request.ts). */
const KEPT_MILLISECONDS = 300_000;

const resumedAt = new Map<string, number>();

/** Whether a callback has already resumed this suspension. */
export function isResumed(id: string, now: number): boolean {
	return now - (resumedAt.get(id) ?? -Infinity) < KEPT_MILLISECONDS;
}

/**
 * True for the first callback that may resume a suspension. n8n gives each callback the execution as it was when the
 * callback arrived (docs/n8n-internals.md, "Simultaneous callbacks"): a slow one would reset an execution that has been
 * resumed and waits again, and its items would be submitted again. The guard knows only the callbacks of this process,
 * and lets another one through after a while, in case n8n could not resume.
 */
export function claimResumption(id: string, now: number): boolean {
	if (isResumed(id, now)) return false;
	for (const known of resumedAt.keys()) if (!isResumed(known, now)) resumedAt.delete(known);
	resumedAt.set(id, now);
	return true;
}
