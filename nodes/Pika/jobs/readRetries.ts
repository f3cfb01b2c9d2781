import type { ReadOutcome } from '../api/outcomes';
import type { Clock } from './clock';
import { MAXIMUM_CONNECTION_TRIES, reconnectDelay } from './backoff';

type Unreachable = Extract<ReadOutcome, { kind: 'unreachable' }>;

/** Retries a read that the API could not answer. A read changes nothing, so that is safe. */
export async function withReadRetries<Outcome extends { kind: string }>(
	read: () => Promise<Outcome | Unreachable>,
	{ clock, signal }: { clock: Clock; signal?: AbortSignal },
): Promise<Outcome | Unreachable> {
	for (let tries = 1; ; tries++) {
		const outcome = await read();
		if (outcome.kind !== 'unreachable' || tries === MAXIMUM_CONNECTION_TRIES) return outcome;
		await clock.pause(reconnectDelay(clock.random(), tries), signal);
		if (signal?.aborted) return outcome;
	}
}
