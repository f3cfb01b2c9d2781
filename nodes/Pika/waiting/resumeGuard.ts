/** Longer than `webhook()` with its two reads can take (api/request.ts). */
const KEPT_MILLISECONDS = 300_000;

/** Longer than n8n needs to load an execution for a callback, or to save that one has resumed it. */
const LOADED_EARLIER_MILLISECONDS = 30_000;

const resumedAt = new Map<string, number>();

/** Whether the execution may have been resumed since n8n loaded it for a callback whose `webhook()` began at `begunAt`. */
export function isResumed(id: string, begunAt: number): boolean {
	return begunAt - (resumedAt.get(id) ?? -Infinity) < LOADED_EARLIER_MILLISECONDS;
}

/**
 * True for the first callback that may resume a suspension. n8n gives each callback the execution as it was when the
 * callback arrived (docs/n8n-internals.md, "Simultaneous callbacks"): a slow one would reset an execution that has been
 * resumed and waits again. The guard knows only the callbacks of this process. It lets a callback through that finds the
 * execution still waiting half a minute later, because n8n could not resume it then.
 */
export function claimResumption(id: string, begunAt: number, now: number): boolean {
	if (isResumed(id, begunAt)) return false;
	for (const [known, at] of resumedAt) if (now - at >= KEPT_MILLISECONDS) resumedAt.delete(known);
	resumedAt.set(id, now);
	return true;
}
