import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { ClientRequest } from 'node:http';
import { clearInterval, setInterval } from 'node:timers';

import { clock } from '../../nodes/Pika/jobs/clock';

export const TIMES_FASTER = 1000;

/** No pause really takes longer, because that would only make the tests wait. The pauses between polls are shorter. */
const LONGEST_STEP_MILLISECONDS = 200;

/** Ticks of a millisecond between two steps of time, in which the node continues after a pause. */
const STEP_TICKS = 8;

/** After this many ticks a request counts as hanging and no longer delays others. A busy machine needs longer ones. */
const HANGING_TICKS = 200;

interface Sleeper {
	wakeAt: number;
	wake: () => void;
}

/** The requests of this process that are in flight, with the tick in which they began. */
class Requests {
	private readonly begun = new Map<ClientRequest, number>();

	private ticks = 0;

	private readonly onStart = (message: unknown) => {
		this.begun.set(requestOf(message), this.ticks);
	};

	private readonly onEnd = (message: unknown) => {
		this.begun.delete(requestOf(message));
	};

	watch(): void {
		subscribe('http.client.request.start', this.onStart);
		subscribe('http.client.response.finish', this.onEnd);
		subscribe('http.client.request.error', this.onEnd);
	}

	unwatch(): void {
		unsubscribe('http.client.request.start', this.onStart);
		unsubscribe('http.client.response.finish', this.onEnd);
		unsubscribe('http.client.request.error', this.onEnd);
		this.begun.clear();
	}

	tick(): void {
		this.ticks++;
		// No channel tells of a response that was aborted.
		for (const request of this.begun.keys()) if (request.destroyed) this.begun.delete(request);
	}

	/** Whether any is in flight, even one that hangs. */
	areInFlight(): boolean {
		return this.begun.size > 0;
	}

	/** Whether any is in flight that does not hang. */
	areAwaited(): boolean {
		const longAgo = this.ticks - HANGING_TICKS;
		return [...this.begun.values()].some((begun) => begun > longAgo);
	}
}

function requestOf(message: unknown): ClientRequest {
	const isAboutRequest = typeof message === 'object' && message !== null && 'request' in message;
	if (isAboutRequest && message.request instanceof ClientRequest) return message.request;
	throw new Error('Node.js published a message without a request');
}

/** After this many ticks without a pause or a request, the node is idle. */
const IDLE_TICKS = 2 * STEP_TICKS;

const idleWaiters = new Set<() => void>();

/**
 * Resolves when no pause and no request is pending, not even a request that hangs: a suspended node looks for missed
 * callbacks, and nothing else shows when that is done. Only with `useFastClock`.
 */
export async function untilIdle(): Promise<void> {
	await new Promise<void>((resolve) => idleWaiters.add(resolve));
}

export interface FastClock {
	/** The requested pauses in milliseconds, in order. */
	pauses: number[];
	/** The pauses that are not a time limit: neither a wait limit nor the end of Keep Retrying For. */
	shortPauses: () => number[];
}

const SHORTEST_LIMIT_MILLISECONDS = 60_000;

/**
 * Makes the node's time pass a thousand times faster in the tests of the surrounding file: from pause to pause, so that a
 * pause of ten seconds really takes ten milliseconds, and one of an hour 200. It stands still while a request is under
 * way, so that a busy machine makes no difference, unless the request hangs.
 */
export function useFastClock(): FastClock {
	const real = { ...clock };
	const requests = new Requests();
	const pauses: number[] = [];
	let sleepers: Sleeper[] = [];
	let now = 0;
	let lastStepAt = 0;
	let quietTicks = 0;
	let idleTicks = 0;
	let timer: NodeJS.Timeout | undefined;

	function restart(): void {
		lastStepAt = performance.now();
		quietTicks = 0;
	}

	function tellIfIdle(): void {
		idleTicks = sleepers.length > 0 || requests.areInFlight() ? 0 : idleTicks + 1;
		if (idleTicks < IDLE_TICKS) return;
		for (const resolve of idleWaiters) resolve();
		idleWaiters.clear();
	}

	function step(): void {
		requests.tick();
		tellIfIdle();
		// Infinity without a pause, or if each of them only ends early.
		const next = sleepers.reduce((least, { wakeAt }) => Math.min(least, wakeAt), Infinity);
		if (next === Infinity || requests.areAwaited()) {
			restart();
			return;
		}
		const quiet = performance.now() - lastStepAt;
		const step = Math.min((next - now) / TIMES_FASTER, LONGEST_STEP_MILLISECONDS);
		if (++quietTicks < STEP_TICKS || quiet < step) return;
		now = Math.max(now, next);
		for (const sleeper of sleepers.filter(({ wakeAt }) => wakeAt <= now)) sleeper.wake();
		restart();
	}

	async function pause(milliseconds: number, signal?: AbortSignal): Promise<void> {
		pauses.push(milliseconds);
		if (signal?.aborted) return;
		await new Promise<void>((resolve) => {
			const wake = () => {
				sleepers = sleepers.filter((other) => other !== sleeper);
				signal?.removeEventListener('abort', wake);
				resolve();
			};
			const sleeper = { wakeAt: now + Math.max(0, milliseconds), wake };
			sleepers.push(sleeper);
			signal?.addEventListener('abort', wake);
		});
	}

	beforeEach(() => {
		pauses.length = 0;
		now = Math.max(now, real.now());
		// A mock of Jest would keep every signal that it is called with, and what that keeps: the whole run.
		Object.assign(clock, { now: () => now, random: () => 0, pause });
		requests.watch();
		timer = setInterval(step, 1);
	});
	afterEach(() => {
		clearInterval(timer);
		requests.unwatch();
		jest.restoreAllMocks();
		Object.assign(clock, real);
		// Nothing waits for the remaining pauses.
		sleepers = [];
	});
	const shortPauses = () => pauses.filter((each) => each < SHORTEST_LIMIT_MILLISECONDS);
	return { pauses, shortPauses };
}
