const MS_PER_SECOND = 1000;

/** The API asks for 10 to 30 seconds between tries after a 429 (docs/api-contract.md, "Capacity"). */
const MINIMUM_SECONDS = 10;
const MAXIMUM_SECONDS = 30;

/** How many times a connection that fails is tried in total, as in the examples of useapi.net. */
export const MAXIMUM_CONNECTION_TRIES = 3;
const RECONNECT_SECONDS = 2;

/** A random pause in milliseconds before the next request, so that many executions do not send theirs at the same moment. */
export function askAgainDelay(random: number): number {
	return (MINIMUM_SECONDS + random * (MAXIMUM_SECONDS - MINIMUM_SECONDS)) * MS_PER_SECOND;
}

/** Milliseconds to wait after a 429: 10 to 30 seconds, or what `retry_after` says if that is longer. */
export function busyDelay(random: number, retryAfterSeconds = 0): number {
	return Math.max(askAgainDelay(random), retryAfterSeconds * MS_PER_SECOND);
}

/** Milliseconds before a connection is tried again: 2 to 4 seconds, then 4 to 8. */
export function reconnectDelay(random: number, tries: number): number {
	return RECONNECT_SECONDS * tries * (1 + random) * MS_PER_SECOND;
}
