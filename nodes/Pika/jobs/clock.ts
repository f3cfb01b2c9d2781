import { sleep } from 'n8n-workflow';

/** Time and chance, as parameters, so that tests can run them faster and compare the pauses. */
export interface Clock {
	/** Milliseconds since 1970. */
	now: () => number;
	/** From 0 up to, but not including, 1. */
	random: () => number;
	/** Ends early when the signal fires. Never throws: look at the signal afterwards. */
	pause: (milliseconds: number, signal?: AbortSignal) => Promise<void>;
}

/** n8n-workflow's sleep rejects on abort since 2.34 and ignores the signal before, so both are caught here. */
async function pause(milliseconds: number, signal?: AbortSignal): Promise<void> {
	try {
		await sleep(milliseconds, signal);
	} catch {
		return;
	}
}

export const clock: Clock = { now: () => Date.now(), random: () => Math.random(), pause };
