import type { IDataObject } from 'n8n-workflow';
import { isRecord } from '../api/isRecord';

/** n8n looks once a minute for the waits that end within 70 seconds, and sets a timer for each. */
const TIMER_AHEAD_MILLISECONDS = 75_000;

/** For n8n to act on its timer while the execution still runs. */
const TIMER_LATE_MILLISECONDS = 10_000;

/** In the context that all nodes of an execution share: the timer is the execution's, not the node's. */
const KEY = 'pikaWaitedUntil';

/** Notes until when an execution is about to wait. */
export function noteWait(context: IDataObject, executionId: string, until: number): void {
	context[KEY] = { executionId, until };
}

/**
 * From when on this execution may be put to wait again (milliseconds since 1970). n8n keeps the timer of a wait that a
 * callback has ended, and when it fires it ends whatever wait the execution is in by then; a running one it leaves alone
 * (docs/n8n-internals.md, "The timer of a wait").
 */
export function canSuspendFrom(context: IDataObject, executionId: string, now: number): number {
	const noted = context[KEY];
	if (!isRecord(noted) || noted.executionId !== executionId) return 0;
	const until = Number(noted.until);
	return until - now < TIMER_AHEAD_MILLISECONDS ? until + TIMER_LATE_MILLISECONDS : 0;
}
