import { isTerminal } from '../api/job';
import { timedOutFailure, unreadableFailure } from '../results/failures';
import { Alarm } from './alarm';
import { Deadlines } from './deadlines';
import { type OpenItem, hasEnded } from './jobItem';
import { PollPace } from './pollPace';
import { MINIMUM_POLL_MILLISECONDS, type Reads } from './reads';
import type { RunContext } from './runContext';
import type { RunningJobs, RunningJobsReader } from './runningJobs';

/** The time allowed for the last read of overdue jobs, so that an API that hangs does not extend the wait limit further. */
const LAST_READ_MILLISECONDS = 30_000;

type ReadJob = Reads['job'];

/** How to poll the awaited jobs. */
interface Poll {
	list: () => Promise<RunningJobs | undefined>;
	/** Reads a job that has left the list. */
	readJob: ReadJob;
	/** True if at least one job has ended: if the list does not show which, all jobs are read. */
	isCertain: boolean;
}

interface Watch {
	item: OpenItem;
	acceptedAt: number;
	/** The number of lists read before; only later ones can contain the job. */
	listsBefore: number;
	/** When the job was last read. */
	readAt: number;
	settle: () => void;
}

function isUnlisted({ job, jobid }: OpenItem, running: RunningJobs | undefined): boolean {
	return !job || !running?.jobids.has(jobid);
}

/** Detects for all items of a run that their jobs have ended, or that their wait limit has passed. */
export class JobPoller {
	/** The number of items that have ever been awaited. */
	watched = 0;
	private readonly watches = new Map<OpenItem, Watch>();
	private readonly pace: PollPace;
	private readonly nextPoll: Alarm;
	private readonly deadlines: Deadlines<OpenItem>;
	private polling: Promise<void> | undefined;
	/** The last poll that showed all jobs, unless another one is under way. */
	private lastCompletePoll: { watched: number; lists: number; at: number } | undefined;
	private isPolling = false;

	constructor(
		private readonly context: RunContext,
		private readonly runningJobs: RunningJobsReader,
		private readonly isSlotAwaited: () => boolean,
	) {
		const { clock, signal } = context;
		this.pace = new PollPace(clock.now(), clock.random());
		this.nextPoll = new Alarm(clock, signal);
		this.deadlines = new Deadlines(
			clock,
			signal,
			this.watches,
			(items) => void this.timeOut(items),
		);
	}

	/** The number of awaited items. */
	get size(): number {
		return this.watches.size;
	}

	get awaited(): OpenItem[] {
		return [...this.watches.keys()];
	}

	/** When the last wait limit passes, in milliseconds since 1970. */
	get lastDeadline(): number {
		let last = 0;
		for (const { deadline = 0 } of this.watches.keys()) last = Math.max(last, deadline);
		return last;
	}

	/** Whether all awaited jobs were seen running a moment ago. */
	get wereJustSeenRunning(): boolean {
		if (this.lastCompletePoll?.watched !== this.watched) return false;
		if (this.lastCompletePoll.lists !== this.runningJobs.lists) return false;
		return this.context.clock.now() - this.lastCompletePoll.at < MINIMUM_POLL_MILLISECONDS;
	}

	/** Whether an item is overdue and its job is being read for the last time. */
	get hasOverdue(): boolean {
		const now = this.context.clock.now();
		return this.awaited.some(({ deadline = Infinity }) => deadline <= now);
	}

	/** Waits until the job of an item has ended, cannot be read or is overdue. In the last two cases, sets the result of the item. */
	async watch(item: OpenItem): Promise<void> {
		if (hasEnded(item) || item.result) return;
		await new Promise<void>((settle) => {
			const { clock } = this.context;
			item.deadline ??= clock.now() + item.waitLimitMilliseconds;
			this.watched++;
			const acceptedAt = item.deadline - item.waitLimitMilliseconds;
			const listsBefore = this.runningJobs.tries;
			this.watches.set(item, {
				...{ item, acceptedAt, listsBefore, settle },
				readAt: -Infinity,
			});
			if (!item.job) void this.readWithRetries([item]);
			void this.keepPolling();
			this.deadlines.added(item);
		});
	}

	/** Plans the next poll again, because an item has begun to wait for a slot. */
	replan(): void {
		this.nextPoll.ring();
	}

	/**
	 * Reads the jobs that have left the list of running ones, or all jobs one by one if the list cannot be read. `isCertain`
	 * is true after a callback, when at least one job has ended: if the list does not show which, all jobs are read.
	 */
	async pollNow(isCertain = false): Promise<void> {
		await this.polling;
		const list = async () => await this.runningJobs.read(true);
		await (this.polling = this.poll({ list, readJob: this.withRetries, isCertain }));
	}

	/**
	 * Reads the job of each of these items once, with retries if the API cannot answer. If the API refuses to return a job,
	 * the item fails.
	 */
	async readWithRetries(items: OpenItem[]): Promise<boolean> {
		return await this.read(items, this.withRetries);
	}

	private readonly withRetries: ReadJob = async (jobid) =>
		await this.context.reads.jobWithRetries(jobid);

	/** Returns whether the API has answered for all of them. */
	private async read(items: OpenItem[], read: ReadJob): Promise<boolean> {
		const byJob = new Map<string, OpenItem[]>();
		for (const item of items) {
			const sharing = byJob.get(item.jobid);
			if (sharing) sharing.push(item);
			else byJob.set(item.jobid, [item]);
		}
		const answers = await Promise.all(
			[...byJob].map(async ([jobid, sharing]) => await this.readJob(jobid, sharing, read)),
		);
		return !answers.includes('unreachable');
	}

	/** Reads one job for all items that share it, and stores the answer in them. */
	private async readJob(
		jobid: string,
		items: OpenItem[],
		readIt: ReadJob,
	): Promise<'unreachable' | 'answered'> {
		const { clock } = this.context;
		const read = await readIt(jobid);
		if (read.kind === 'found' && isTerminal(read.job)) this.pace.learn(read.job);
		for (const item of items) {
			if (item.result) continue;
			const watch = this.watches.get(item);
			if (read.kind === 'found') item.job = read.job;
			if (read.kind === 'found' && watch) watch.readAt = clock.now();
			if (read.kind === 'refused') {
				const failure = unreadableFailure(jobid, read.refusal, item.replyRef);
				item.result = { kind: 'failure', failure };
			}
			if (hasEnded(item) || item.result) this.settle(item);
		}
		return read.kind === 'found' || read.kind === 'refused' ? 'answered' : 'unreachable';
	}

	private settle(item: OpenItem): void {
		const watch = this.watches.get(item);
		this.watches.delete(item);
		watch?.settle();
	}

	private async poll({ list, readJob, isCertain }: Poll): Promise<void> {
		const { watched } = this;
		const watches = [...this.watches.values()];
		this.lastCompletePoll = undefined;
		const begunAt = this.context.clock.now();
		const running = await list();
		const { lists, readAt, tries } = this.runningJobs;
		this.pace.polled(readAt);
		const older = watches.filter(({ listsBefore }) => listsBefore < tries);
		const all = watches.map(({ item }) => item);
		const gone = older.map(({ item }) => item).filter((item) => isUnlisted(item, running));
		const isListed = running && (gone.length > 0 || !isCertain);
		const isShown = await (isListed ? this.read(gone, readJob) : this.readOneByOne(all, readJob));
		const at = Math.min(begunAt, readAt);
		if (isShown && older.length === watches.length) this.lastCompletePoll = { watched, lists, at };
	}

	private async readOneByOne(open: OpenItem[], readJob: ReadJob): Promise<boolean> {
		const [first] = open;
		// If the API does not answer for one job, the others are not read.
		if (!first || (await this.readJob(first.jobid, [first], readJob)) === 'unreachable')
			return false;
		const areAnswered = await this.read(
			open.filter((item) => item !== first),
			readJob,
		);
		this.pace.polled(this.context.clock.now());
		return areAnswered;
	}

	private async keepPolling(): Promise<void> {
		if (this.isPolling) return;
		this.isPolling = true;
		while (this.size > 0 && (await this.nextPoll.until(this.nextPollAt()))) {
			if (this.context.clock.now() < this.nextPollAt()) continue;
			// The search for submitted jobs reads lists too.
			const list = async () => await this.runningJobs.readOrRecent();
			// A job that cannot be read now is read at the next poll.
			const readJob: ReadJob = async (jobid) => await this.context.reads.job(jobid);
			await (this.polling = this.poll({ list, readJob, isCertain: false }));
		}
		this.isPolling = false;
	}

	private nextPollAt(): number {
		const accepted = Array.from(this.watches.values(), ({ acceptedAt }) => acceptedAt);
		return this.pace.nextPollAt(this.isSlotAwaited(), accepted);
	}

	/** Reads overdue jobs a last time, unless they have just been read, and gives up on those that have not ended. */
	private async timeOut(items: OpenItem[]): Promise<void> {
		const { clock, signal } = this.context;
		const soonest = clock.now() - MINIMUM_POLL_MILLISECONDS;
		const due = items.filter((item) => (this.watches.get(item)?.readAt ?? 0) <= soonest);
		await Promise.race([this.readWithRetries(due), clock.pause(LAST_READ_MILLISECONDS, signal)]);
		if (signal.aborted) return;
		for (const item of items.filter((each) => this.watches.has(each))) {
			const { jobid, waitLimitMilliseconds, job, replyRef } = item;
			const failure = timedOutFailure(jobid, waitLimitMilliseconds, job, replyRef);
			item.result = { kind: 'failure', failure };
			this.settle(item);
		}
	}
}
