import { Alarm } from './alarm';
import { busyDelay } from './backoff';
import { type ChannelKnowledge, parseKnowledge } from './channelKnowledge';
import type { Clock } from './clock';
import { Fifo } from './fifo';
import type { RetryBudget } from './retryBudget';
import type { Deferred } from './submit';

/** Permission to submit one job, with the number of refusals by the channel before it. */
export interface Slot {
	kind: 'slot';
	refusalsBefore: number;
}

type Admission = Slot | { kind: 'givenUp'; refusal: Deferred };

interface Waiter {
	order: number;
	retryForMilliseconds: number;
	settle: (admission: Admission) => void;
	isSettled: boolean;
}

/**
 * The slots of one Discord channel: a semaphore that learns its limit. After a 429 it admits no more jobs than it holds:
 * the next one is submitted when one of them ends or, if it holds none, after a pause. Each acceptance raises the limit by
 * one.
 */
export class ChannelSlots {
	/** The number of items that wait for a slot. */
	waiting = 0;

	room: number | undefined;

	/** The number of accepted jobs that have not ended. */
	private held = 0;

	private underWay = 0;

	private learned: number;

	private cap: number;

	private limitedUntil = 0;

	private fullUntil: number;

	private refusals = 0;

	/** The last 429, until a job is accepted. */
	private refusal: Deferred | undefined;

	/** Until then, a channel that holds no jobs of this run is not tried again. */
	private quietUntil = 0;

	private isPausing = false;

	private readonly nextGivingUp: Alarm;

	private isWatchingBudgets = false;

	/** Waiting items by their Maximum Jobs, so that an item with a low limit does not block those behind it. */
	private readonly queues = new Map<number, Fifo<Waiter>>();

	constructor(
		private readonly clock: Clock,
		private readonly budget: RetryBudget,
		private readonly signal: AbortSignal,
		saved?: unknown,
	) {
		const { learned = Infinity, cap = Infinity, room, ...known } = parseKnowledge(saved);
		this.learned = learned;
		this.cap = cap;
		this.room = room;
		this.fullUntil = known.fullUntil ?? 0;
		this.refusal = known.refusal;
		this.nextGivingUp = new Alarm(clock, signal);
		const { limitedUntil = 0 } = known;
		if (limitedUntil > clock.now()) this.limitRate(limitedUntil - clock.now());
	}

	get holdsJobs(): boolean {
		return this.held > 0;
	}

	get knowledge(): ChannelKnowledge {
		return {
			room: this.room,
			refusal: this.refusal,
			...(isFinite(this.learned) && { learned: this.learned }),
			...(isFinite(this.cap) && { cap: this.cap }),
			...(this.fullUntil > this.clock.now() && { fullUntil: this.fullUntil }),
			...(this.limitedUntil > this.clock.now() && { limitedUntil: this.limitedUntil }),
		};
	}

	/**
	 * Waits for a slot, or until the channel has answered 429 for longer than `retryForMilliseconds`. The waiting item with
	 * the lowest `order` comes first.
	 */
	async acquire(order: number, maxJobs: number, retryForMilliseconds: number): Promise<Admission> {
		return await new Promise((settle) => {
			const waiter = { order, retryForMilliseconds, settle, isSettled: false };
			const queue = this.queues.get(maxJobs) ?? new Fifo<Waiter>();
			queue.insert(waiter, (other) => order < other.order);
			this.queues.set(maxJobs, queue);
			this.waiting++;
			this.admit();
			const givesUpAt = this.clock.now() + this.budget.remaining(retryForMilliseconds);
			if (givesUpAt < this.nextGivingUp.setFor) this.nextGivingUp.ring();
			void this.watchBudgets();
		});
	}

	/** Counts a job that was submitted before this run. */
	hold(): void {
		this.held++;
		this.learned = Math.max(this.learned, this.held);
	}

	/** The submission created a job, which keeps the slot if `isHeld`. `cap` is the limit of the channel according to the job. */
	accepted({ refusalsBefore }: Slot, isHeld: boolean, cap = Infinity): void {
		this.underWay--;
		if (isHeld) this.held++;
		this.cap = Math.min(this.cap, cap);
		this.refusal = undefined;
		if (isFinite(this.learned)) {
			// A submission that was sent before the last refusal does not show that there is room now.
			const isTrue = this.refusals === refusalsBefore && this.clock.now() >= this.fullUntil;
			const more = isTrue ? 1 : 0;
			this.learned = isHeld ? Math.max(this.learned, this.held + more) : this.learned + more;
		}
		this.admit();
	}

	/** A job that held a slot has ended, so the channel may accept jobs again. */
	ended(): void {
		this.held--;
		if (this.limitedUntil === 0) this.refusal = undefined;
		this.admit();
		void this.watchBudgets();
	}

	/** The submission created no job, for a reason that says nothing about the channel. */
	released(): void {
		this.underWay--;
		this.admit();
	}

	/** The channel answered 429. */
	refused(refusal: Deferred): void {
		this.underWay--;
		this.refusals++;
		this.refusal = refusal;
		const { isChannelFull = true, retryAfterSeconds } = refusal.kind === 'busy' ? refusal : {};
		const delay = busyDelay(this.isPausing ? 0 : this.clock.random(), retryAfterSeconds);
		this.learned = this.held;
		if (isChannelFull) this.fullUntil = this.clock.now() + delay;
		if (!isChannelFull) this.limitRate(delay);
		else if (this.held === 0) void this.tryOneAfter(delay);
		this.nextGivingUp.ring();
		void this.watchBudgets();
	}

	private limitRate(delay: number): void {
		this.limitedUntil = Math.max(this.limitedUntil, this.clock.now() + delay);
		void this.tryOneAfter(delay);
	}

	private async tryOneAfter(delay: number): Promise<void> {
		this.quietUntil = Math.max(this.quietUntil, this.clock.now() + delay);
		if (this.isPausing) return;
		this.isPausing = true;
		while (this.quietUntil > this.clock.now() && !this.signal.aborted) {
			await this.clock.pause(this.quietUntil - this.clock.now(), this.signal);
		}
		this.isPausing = false;
		if (this.signal.aborted) return;
		const isLimitOver = this.limitedUntil > 0;
		this.limitedUntil = 0;
		// A channel that is full of this run's jobs has room when one of them ends.
		if (isLimitOver || this.held === 0) this.learned = Math.max(this.learned, this.held + 1);
		this.admit();
	}

	private admit(): void {
		while (!this.signal.aborted && this.limitedUntil === 0) {
			const next = this.nextWithRoom();
			if (!next) return;
			this.underWay++;
			this.settle(next, { kind: 'slot', refusalsBefore: this.refusals });
		}
	}

	private nextWithRoom(): Waiter | undefined {
		const taken = this.held + this.underWay;
		let first: Waiter | undefined;
		for (const [maxJobs, queue] of this.queues) {
			while (queue.peek()?.isSettled) queue.shift();
			const waiter = queue.peek();
			if (!waiter) this.queues.delete(maxJobs);
			else if (taken < Math.min(maxJobs, this.cap, this.learned)) {
				if (!first || waiter.order < first.order) first = waiter;
			}
		}
		return first;
	}

	private settle(waiter: Waiter, admission: Admission): void {
		waiter.isSettled = true;
		this.waiting--;
		waiter.settle(admission);
	}

	/** Lets items give up on a channel that refuses them, unless jobs of this run hold its slots, because those will end. */
	private async watchBudgets(): Promise<void> {
		if (this.isWatchingBudgets || !this.refusal) return;
		this.isWatchingBudgets = true;
		while (this.refusal && this.held === 0 && !this.signal.aborted) {
			await this.nextGivingUp.until(this.giveUpOverdue(this.refusal));
		}
		this.isWatchingBudgets = false;
	}

	/** Returns when the next item gives up, in milliseconds since 1970. */
	private giveUpOverdue(refusal: Deferred): number {
		let next = Infinity;
		for (const queue of this.queues.values()) {
			for (const waiter of queue) {
				if (waiter.isSettled) continue;
				const remaining = this.budget.remaining(waiter.retryForMilliseconds);
				if (remaining === 0) this.settle(waiter, { kind: 'givenUp', refusal });
				else next = Math.min(next, remaining);
			}
		}
		return this.clock.now() + next;
	}
}
