const MS_PER_SECOND = 1000;

/** The API asks for 10 to 30 seconds between tries after a 429 (docs/api-contract.md, "Capacity"). */
const MINIMUM_SECONDS = 10;
const MAXIMUM_SECONDS = 30;

/** A connection that never got through is tried this often in all, as useapi.net's own examples do. */
export const MAXIMUM_CONNECTION_TRIES = 3;
const RECONNECT_SECONDS = 2;

/** Milliseconds until the API may be asked again, by chance, so that many executions do not ask in step. */
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
