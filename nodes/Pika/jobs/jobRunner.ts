import { submissionFailure, unansweredFailure } from '../results/failures';
import { isTerminal } from '../api/job';
import { pollDelay } from './backoff';
import { type JobItem, hasEnded, isOpen, isPending } from './jobItem';
import { RetryBudget } from './retryBudget';
import { timeOutOverdue, listRunning, readFinished, readJobs, poll } from './poll';
import { type RunContext, recoverJob } from './submit';
import { type ChannelState, applyOutcome, submitBatch } from './submitBatch';

/** How the run learns that jobs end: not at all, by asking, or by being called. */
export type Completion = 'off' | 'poll' | 'callback';

/** Makes the result of a job that has ended, for example by downloading its video. Never throws. */
export type Finish = (item: JobItem) => Promise<JobItem['result']>;

export type RunEnd =
	| { kind: 'finished' }
	| { kind: 'stopped' }
	| { kind: 'suspended'; until: number };

const NOT_FOUND = { kind: 'unknown', reason: 'it is not among the running jobs' } as const;

/**
 * The life of all items, as rounds: submit what has room, finish what has ended, look again. It ends when every item has
 * a result, when the execution is stopped, or when only callbacks are awaited; then a new run goes on with the same items.
 */
export class JobRunner {
	private readonly progress: RetryBudget;

	private readonly channels = new Map<string, ChannelState>();

	constructor(
		private readonly items: JobItem[],
		private readonly completion: Completion,
		private readonly finish: Finish,
		private readonly tools: RunContext,
		private readonly executionId: string,
		/** Before that time it asks instead of being called. */
		private readonly mayWaitFrom = 0,
	) {
		this.progress = new RetryBudget(tools.clock);
		for (const { jobid } of items) if (jobid) tools.claims.claim(jobid);
	}

	async run(): Promise<RunEnd> {
		await this.adoptUnknown();
		await this.readUnread();
		for (;;) {
			await this.submitPending();
			await this.finishEnded();
			if (this.items.every(({ result }) => result)) return { kind: 'finished' };
			if (this.tools.signal?.aborted) return { kind: 'stopped' };
			if (this.canSuspend()) {
				await this.refresh();
				// What the last look before the wait has found is dealt with first: its callback is gone.
				if (this.items.some(hasEnded) || !this.canSuspend()) continue;
				return { kind: 'suspended', until: this.lastDeadline() };
			}
			await this.tools.clock.pause(this.delay(), this.tools.signal);
			if (this.tools.signal?.aborted) return { kind: 'stopped' };
			await this.refresh();
		}
	}

	/** After a callback: something has ended, and where the list of running jobs does not show what, all are read. */
	async afterCallback(): Promise<RunEnd> {
		const open = this.items.filter(isOpen);
		const running = await listRunning(this.tools);
		const read = running ? await readFinished(open, running, this.tools) : 0;
		if (read === 0) await readJobs(open, this.tools);
		this.releaseSlots();
		return await this.run();
	}

	private get rules() {
		return { isWaiting: this.completion !== 'off', progress: this.progress, tools: this.tools };
	}

	private async adoptUnknown(): Promise<void> {
		const unknown = this.items
			.filter(isPending)
			.filter(({ item }) => this.tools.states.get(item)?.outcome === 'unknown');
		await Promise.all(
			unknown.map(async (item) => {
				applyOutcome(item, (await recoverJob(item.pending, this.tools)) ?? NOT_FOUND, this.rules);
			}),
		);
	}

	/** Jobs that are known by their id only: from an earlier try, or from the user. */
	private async readUnread(): Promise<void> {
		const unread = this.items.filter(isOpen).filter(({ job }) => !job);
		for (const item of unread) {
			item.deadline ??= this.tools.clock.now() + item.waitLimitMilliseconds;
		}
		await readJobs(unread, this.tools);
		if (this.completion !== 'off') return;
		for (const item of unread.filter(({ job, result }) => !job && !result)) {
			item.result = { kind: 'failure', failure: unansweredFailure(item.jobid, item.replyRef) };
		}
	}

	private async submitPending(): Promise<void> {
		const pending = this.items.filter(isPending);
		const names = [...new Set(pending.map(({ pending }) => pending.channel))];
		await Promise.all(names.map(async (name) => await this.submitToChannel(name)));
		for (const item of this.items.filter(isPending)) {
			if (!item.deferred || this.progress.remaining(item.pending.retryForMilliseconds) > 0)
				continue;
			const failure = submissionFailure(item.deferred, item.pending.replyRef);
			item.result = { kind: 'failure', failure };
		}
	}

	private async submitToChannel(name: string): Promise<void> {
		const before = this.channels.get(name);
		if (before && before.busyUntil > this.tools.clock.now()) return;
		const ofChannel = this.items.filter(({ pending }) => pending?.channel === name);
		const after = await submitBatch(ofChannel.filter(isPending), ofChannel, before, this.rules);
		if (!after) {
			this.channels.delete(name);
			return;
		}
		this.channels.set(name, after);
		// The answer speaks for the whole channel: items that were not tried wait no longer than those that were.
		const { deferred } = ofChannel.find((item) => item.deferred) ?? {};
		for (const item of ofChannel.filter(isPending)) item.deferred ??= deferred;
	}

	private async finishEnded(): Promise<void> {
		const ended =
			this.completion === 'off'
				? this.items.filter((item) => isOpen(item) && item.job)
				: this.items.filter(hasEnded);
		await Promise.all(ended.map(async (item) => (item.result = await this.finish(item))));
	}

	private async refresh(): Promise<void> {
		const open = this.items.filter(isOpen).filter(({ job }) => !job || !isTerminal(job));
		await poll(open, this.tools);
		await timeOutOverdue(this.items.filter(isOpen), this.tools);
		this.releaseSlots();
	}

	/** A slot of ours that frees up is used at once, unless it is Discord that limits the rate. */
	private releaseSlots(): void {
		if (!this.items.some(hasEnded)) return;
		this.progress.reset();
		for (const state of this.channels.values()) if (state.isFull) state.busyUntil = 0;
	}

	/** Only where every open job will call this execution: the callbacks then bring it back. */
	private canSuspend(): boolean {
		const open = this.items.filter(isOpen);
		return (
			this.completion === 'callback' &&
			this.tools.clock.now() >= this.mayWaitFrom &&
			open.length > 0 &&
			open.every(({ callbackTo }) => callbackTo === this.executionId)
		);
	}

	private lastDeadline(): number {
		return Math.max(...this.items.filter(isOpen).map(({ deadline = 0 }) => deadline));
	}

	private busyUntil(channel: string): number {
		return this.channels.get(channel)?.busyUntil ?? Infinity;
	}

	/** Until the next thing to do: a poll, a busy channel's turn, or the end of somebody's patience. */
	private delay(): number {
		const { clock } = this.tools;
		const putOff = this.items.filter(isPending).filter((item) => item.deferred);
		const untils = [
			...this.items.filter(isOpen).map(({ deadline = Infinity }) => deadline - clock.now()),
			...putOff.map(({ pending }) => this.busyUntil(pending.channel) - clock.now()),
			...putOff.map(({ pending }) => this.progress.remaining(pending.retryForMilliseconds)),
		];
		const isSlotAwaited = this.items.some(isPending);
		const poll = this.items.some(isOpen) ? pollDelay(clock.random(), isSlotAwaited) : Infinity;
		return Math.max(0, Math.min(poll, ...untils));
	}
}
