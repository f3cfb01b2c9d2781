const MILLISECONDS = 1000;

/** The API asks for 10 to 30 seconds between tries and between polls (encrypt_image.txt, pika-v1 section 6.2). */
const MINIMUM_SECONDS = 10;
const MAXIMUM_SECONDS = 30;

/** The most where items wait for a slot: it stays empty from the end of its job to the next poll. */
const MAXIMUM_SECONDS_FOR_A_SLOT = 15;

/** A connection that never got through is tried this often in all, as useapi.net's own examples do. */
export const MAXIMUM_CONNECTION_TRIES = 3;
const RECONNECT_SECONDS = 2;

/** How long an unknown submission is looked for among the running jobs. */
export const LOOK_UP_MILLISECONDS = 60 * MILLISECONDS;

/** Milliseconds; by chance, so that many executions do not ask in step. Shorter where items wait for a slot of ours. */
export function pollDelay(random: number, isSlotAwaited = false): number {
	const most = isSlotAwaited ? MAXIMUM_SECONDS_FOR_A_SLOT : MAXIMUM_SECONDS;
	return (MINIMUM_SECONDS + random * (most - MINIMUM_SECONDS)) * MILLISECONDS;
}

/** Milliseconds to wait after a 429: as long as a poll, or what `retry_after` says where that is longer. */
export function busyDelay(random: number, retryAfterSeconds = 0): number {
	return Math.max(pollDelay(random), retryAfterSeconds * MILLISECONDS);
}

/** Milliseconds before a connection is tried again: 2 to 4 seconds, then 4 to 8. */
export function reconnectDelay(random: number, tries: number): number {
	return RECONNECT_SECONDS * tries * (1 + random) * MILLISECONDS;
}
