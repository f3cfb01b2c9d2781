import type { IDataObject } from 'n8n-workflow';
import { isRecord } from '../api/isRecord';

/** Once a minute, n8n looks for waits that end within 70 seconds, and sets a timer for each. */
const TIMER_AHEAD_MILLISECONDS = 75_000;

/** Time for n8n to handle its timer while the execution still runs. */
const TIMER_LATE_MILLISECONDS = 10_000;

/** In the context that all nodes of an execution share, because the timer belongs to the execution, not to the node. */
const KEY = 'pikaWaitedUntil';

/** Records until when an execution is about to wait. */
export function noteWait(context: IDataObject, executionId: string, until: number): void {
	context[KEY] = { executionId, until };
}

/**
 * The earliest time at which this execution may wait again, in milliseconds since 1970. n8n keeps the timer of a wait that
 * a callback has ended. When it fires, it ends the current wait of the execution, but does nothing if the execution runs
 * (docs/n8n-internals.md, "The timer of a wait").
 */
export function canSuspendFrom(context: IDataObject, executionId: string, now: number): number {
	const noted = context[KEY];
	if (!isRecord(noted) || noted.executionId !== executionId) return 0;
	const until = Number(noted.until);
	return until - now < TIMER_AHEAD_MILLISECONDS ? until + TIMER_LATE_MILLISECONDS : 0;
}
