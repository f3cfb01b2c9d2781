import { type JobWithId, isTerminal } from '../api/job';
import type { SubmitOutcome } from '../api/outcomes';
import { type Failure, submissionFailure, unansweredFailure } from '../results/failures';
import { MAX_JOBS_OF_CHANNEL } from '../api/limits';
import { AccountRoom } from './accountRoom';
import { capOf } from './channelKnowledge';
import { CallbackWait } from './callbackWait';
import { Channels } from './channels';
import { type JobItem, type OpenItem, type PendingItem, isOpen, isPending } from './jobItem';
import { JobPoller } from './jobPoller';
import { ChannelLimiter } from './limiter';
import { REQUESTS_AT_ONCE, Reads } from './reads';
import { RetryBudget } from './retryBudget';
import type { RunContext } from './runContext';
import { RunningJobsReader } from './runningJobs';
import type { ItemQueue, RunEnd, RunParts, RunPlan } from './runPlan';
import { isDeferred, recoverJob, submit } from './submit';
import { SubmittedJobs } from './submittedJobs';

const NOT_FOUND = { kind: 'unknown', reason: 'it is not among the running jobs' } as const;

const ignore = (): void => undefined;

/**
 * Takes all items at the same time through their steps: slot, submission, end of the job, result. Adds those of the
 * plan's queues to `items`. The run ends when every item has a result, when the execution is stopped, or when only callbacks
 * are awaited.
 */
export class JobRunner {
	/** The submissions that await their answers; those of a stopped run continue. */
	readonly underWay = new Set<Promise<unknown>>();
	readonly reads: Reads;
	private readonly halt = new AbortController();
	private readonly context: RunContext;
	private readonly budget: RetryBudget;
	private readonly channels: Channels;
	private readonly room: AccountRoom;
	private readonly runningJobs: RunningJobsReader;
	private readonly submittedJobs: SubmittedJobs;
	private readonly poller: JobPoller;
	private readonly wait: CallbackWait;
	/** The items whose jobs hold a slot. */
	private readonly holding = new Set<JobItem>();
	/** The number of items without a result. */
	private remaining = 0;
	private recordingExistingJobs: Promise<unknown> | undefined;
	private end: (end: RunEnd) => void = ignore;

	constructor(
		private readonly items: JobItem[],
		private readonly plan: RunPlan,
		private readonly parts: RunParts,
	) {
		const { signal } = this.halt;
		this.reads = new Reads(parts.client, parts.clock, signal);
		const uploads = new ChannelLimiter(REQUESTS_AT_ONCE);
		this.context = { ...parts, reads: this.reads, uploads, signal };
		this.budget = new RetryBudget(parts.clock);
		this.channels = new Channels(parts.clock, this.budget, signal, plan.channels);
		this.room = new AccountRoom(plan.accounts);
		this.runningJobs = new RunningJobsReader(this.context);
		this.submittedJobs = new SubmittedJobs(this.context, this.runningJobs);
		this.poller = new JobPoller(this.context, this.runningJobs, () => this.channels.waiting > 0);
		this.wait = new CallbackWait(
			{ ...this.context, ...plan, poller: this.poller, channels: this.channels },
			() => this.remaining,
			(end) => this.end(end),
		);
	}

	/** `isResumed` is true after a callback: then at least one job has ended. */
	async run(isResumed = false): Promise<RunEnd> {
		const { signal } = this.parts;
		if (signal?.aborted) return { kind: 'stopped' };
		const stop = () => this.end({ kind: 'stopped' });
		signal?.addEventListener('abort', stop);
		try {
			return await new Promise<RunEnd>((end, fail) => {
				this.end = end;
				this.processAll(isResumed).then(() => end({ kind: 'finished' }), fail);
			});
		} finally {
			signal?.removeEventListener('abort', stop);
			this.halt.abort();
		}
	}

	private async processAll(isResumed: boolean): Promise<void> {
		const alive = this.items.filter(({ result }) => !result);
		this.remaining = alive.length;
		for (const item of alive.filter(isOpen)) this.hold(item);
		const queues = this.plan.queues ?? [];
		const processed = Promise.all([
			...alive.map(async (item) => await this.process(item)),
			...queues.map(async (take) => await this.processQueue(take)),
		]);
		void this.wait.getReady(isResumed);
		await processed;
	}

	/** Loads the items of a queue a few at a time: the next ones when all of these have got a slot or a result. */
	private async processQueue(take: ItemQueue): Promise<void> {
		this.remaining++;
		const items = this.context.signal.aborted ? [] : await take();
		this.remaining += items.length - 1;
		this.items.push(...items);
		const processed: Array<Promise<void>> = [];
		const begun = items.map(
			async (item) =>
				await new Promise<void>((admitted) => processed.push(this.process(item, admitted))),
		);
		if (items.length === 0) return this.wait.check();
		await Promise.all([
			...processed,
			Promise.all(begun).then(async () => await this.processQueue(take)),
		]);
	}

	private async process(item: JobItem, admitted = ignore): Promise<void> {
		if (isPending(item)) {
			await (item.possiblySubmitted ? this.recover(item) : this.submit(item, admitted));
		}
		admitted();
		if (isOpen(item)) await this.follow(item);
		this.remaining--;
		this.wait.check();
	}

	/** Looks up the job of an item that an earlier attempt may have submitted, instead of submitting it. */
	private async recover(item: PendingItem): Promise<void> {
		const { pending, possiblySubmitted } = item;
		if (!possiblySubmitted) return;
		const found = await recoverJob(item, possiblySubmitted, this.context, this.submittedJobs);
		if (found.kind !== 'accepted')
			return this.fail(item, submissionFailure(NOT_FOUND, pending.replyRef));
		this.accept(item, found.job);
		this.hold(item);
	}

	private async submit(item: PendingItem, admitted: () => void): Promise<void> {
		const { submission, replyRef, retryForMilliseconds } = item.pending;
		const { channel, maxJobs } = this.context.client.slotRequestOf(submission);
		if (!item.pending.isUniqueReplyRef) await this.recordExistingJobs();
		const slots = this.channels.of(channel);
		const limit = Number(maxJobs) || (await this.roomOf(channel));
		while (isPending(item)) {
			const admission = slots.acquire(item.item, limit, retryForMilliseconds);
			this.wait.check();
			const slot = await admission;
			admitted();
			if (slot.kind === 'givenUp') {
				return this.fail(item, submissionFailure(slot.refusal, replyRef));
			}
			const outcome = await this.awaited(this.submitOnce(item));
			if (outcome.kind === 'accepted') {
				const isHeld = this.plan.completion !== 'off' && !isTerminal(outcome.job);
				if (isHeld) this.holding.add(item);
				slots.accepted(slot, isHeld, capOf(outcome.job, channel, maxJobs));
			} else if (isDeferred(outcome)) {
				slots.refused(outcome);
				this.poller.replan();
			} else {
				slots.released();
				this.fail(item, submissionFailure(outcome, replyRef));
			}
		}
	}

	private async submitOnce(item: PendingItem): Promise<SubmitOutcome> {
		const outcome = await submit(item, this.context, this.submittedJobs);
		if (outcome.kind === 'accepted') this.accept(item, outcome.job);
		return outcome;
	}

	private accept(item: PendingItem, job: JobWithId): void {
		const { client, clock } = this.context;
		const { channel } = client.slotRequestOf(item.pending.submission);
		Object.assign(item, { job, jobid: job.jobid, channel });
		item.deadline = clock.now() + item.waitLimitMilliseconds;
		delete (item as JobItem).pending;
		delete item.possiblySubmitted;
		this.budget.reset();
	}

	private fail(item: JobItem, failure: Failure): void {
		item.result = { kind: 'failure', failure };
	}

	private async follow(item: OpenItem): Promise<void> {
		if (this.plan.completion === 'off') await this.readOnce(item);
		else {
			const ended = this.poller.watch(item);
			this.wait.check();
			await ended;
			this.release(item);
		}
		item.result ??= await this.plan.finish(item);
	}

	private async readOnce(item: OpenItem): Promise<void> {
		if (item.job) return;
		await this.poller.readWithRetries([item]);
		if (!item.job && !item.result) this.fail(item, unansweredFailure(item.jobid, item.replyRef));
	}

	private hold(item: JobItem): void {
		const hasEnded = item.job && isTerminal(item.job);
		if (this.plan.completion === 'off' || hasEnded || item.channel === undefined) return;
		this.holding.add(item);
		this.channels.of(item.channel).hold();
	}

	private release(item: JobItem): void {
		this.budget.reset();
		if (this.holding.delete(item)) this.channels.of(item.channel ?? '').ended();
	}

	private async awaited<Outcome>(submission: Promise<Outcome>): Promise<Outcome> {
		this.underWay.add(submission);
		try {
			return await submission;
		} finally {
			this.underWay.delete(submission);
		}
	}

	/** With a reply reference that the user chose, other jobs can resemble those of this run: the ones that run already do not belong to it. */
	private async recordExistingJobs(): Promise<void> {
		this.recordingExistingJobs ??= this.runningJobs.read();
		await this.recordingExistingJobs;
	}

	/** A single item does not need to know the room. */
	private async roomOf(channel: string): Promise<number> {
		const slots = this.channels.of(channel);
		if (this.items.length > 1) slots.room ??= await this.room.of(channel);
		return slots.room ?? MAX_JOBS_OF_CHANNEL;
	}
}
