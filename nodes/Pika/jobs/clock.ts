import { sleep } from 'n8n-workflow';

/** Time and randomness as parameters, so that tests can run faster and compare the pauses. */
export interface Clock {
	/** Milliseconds since 1970. Never goes back while the process runs, even if the system clock is changed. */
	now: () => number;
	/** From 0 up to, but not including, 1. */
	random: () => number;
	/** Ends early when the signal fires. Never throws: check the signal afterwards. */
	pause: (milliseconds: number, signal?: AbortSignal) => Promise<void>;
}

/** Node's timers hold 31 bits, and fire immediately for anything longer. */
const LONGEST_TIMER_MILLISECONDS = 2 ** 31 - 1;

/** n8n-workflow's sleep rejects on abort since version 2.34 and ignores the signal in earlier ones; both are handled here. */
async function pause(milliseconds: number, signal?: AbortSignal): Promise<void> {
	try {
		let left = milliseconds;
		do {
			// A signal for each pause, because Node warns about more than ten listeners on one.
			const own = signal && AbortSignal.any([signal]);
			await sleep(Math.min(left, LONGEST_TIMER_MILLISECONDS), own);
			left -= LONGEST_TIMER_MILLISECONDS;
		} while (left > 0 && !signal?.aborted);
	} catch {
		return;
	}
}

export const clock: Clock = {
	now: () => Math.round(performance.timeOrigin + performance.now()),
	random: () => Math.random(),
	pause,
};
