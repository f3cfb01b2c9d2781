import { isTerminal } from '../api/job';
import { timedOutFailure, unreadableFailure } from '../results/failures';
import { Alarm } from './alarm';
import { Deadlines } from './deadlines';
import { type OpenItem, hasEnded } from './jobItem';
import { PollPace } from './pollPace';
import type { Reads } from './reads';
import type { RunContext } from './runContext';
import type { RunningJobs, RunningJobsReader } from './runningJobs';

/** For the last read of jobs whose time is over; an API that hangs must not prolong the wait limit further. */
const LAST_READ_MILLISECONDS = 30_000;

/** Whether a job runs that was seen to run is not asked again sooner (docs/api-contract.md, "Polling"). */
const KNOWN_FOR_MILLISECONDS = 10_000;

type ReadJob = Reads['job'];

/** How to look at the jobs that are waited for. */
interface Look {
	list: () => Promise<RunningJobs | undefined>;
	/** Of jobs that have left the list. */
	readJob: ReadJob;
	/** Something has ended: if the list does not show what, all jobs are read. */
	isCertain: boolean;
}

interface Watch {
	item: OpenItem;
	acceptedAt: number;
	/** How many lists there were before; only later ones say something of the job. */
	listsBefore: number;
	/** When its job was last read. */
	readAt: number;
	settle: () => void;
}

function isUnlisted({ job, jobid }: OpenItem, running: RunningJobs | undefined): boolean {
	return !job || !running?.jobids.has(jobid);
}

/** Notices for all items of a run when their jobs have ended, or when their time is over. */
export class JobPoller {
	/** How many items were ever waited for. */
	watched = 0;
	private readonly watches = new Map<OpenItem, Watch>();
	private readonly pace: PollPace;
	private readonly nextLook: Alarm;
	private readonly deadlines: Deadlines<OpenItem>;
	private looking: Promise<void> | undefined;
	/** The last look that has shown all jobs, unless another one is under way. */
	private shown: { watched: number; lists: number; at: number } | undefined;
	private isLooking = false;

	constructor(
		private readonly context: RunContext,
		private readonly runningJobs: RunningJobsReader,
		private readonly isSlotAwaited: () => boolean,
	) {
		const { clock, signal } = context;
		this.pace = new PollPace(clock.now(), clock.random());
		this.nextLook = new Alarm(clock, signal);
		this.deadlines = new Deadlines(
			clock,
			signal,
			this.watches,
			(items) => void this.timeOut(items),
		);
	}

	/** How many items are waited for. */
	get size(): number {
		return this.watches.size;
	}

	/** When the last item is out of time, in milliseconds since 1970. */
	get lastDeadline(): number {
		let last = 0;
		for (const { deadline = 0 } of this.watches.keys()) last = Math.max(last, deadline);
		return last;
	}

	/** Whether all jobs that are waited for were seen to run a moment ago. */
	get areSeenToRun(): boolean {
		if (this.shown?.watched !== this.watched) return false;
		if (this.shown.lists !== this.runningJobs.lists) return false;
		return this.context.clock.now() - this.shown.at < KNOWN_FOR_MILLISECONDS;
	}

	/** Whether the time of an item is over, and its job is being read for the last time. */
	get isGivingUp(): boolean {
		const now = this.context.clock.now();
		return [...this.watches.keys()].some(({ deadline = Infinity }) => deadline <= now);
	}

	/** Waits until the job of an item has ended, cannot be read or has run out of time: the last two are its result. */
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
			if (!item.job) void this.readPatiently([item]);
			void this.keepLooking();
			this.deadlines.added(item);
		});
	}

	/** Plans the next look anew, because an item has begun to wait for a slot. */
	replan(): void {
		this.nextLook.ring();
	}

	/**
	 * Reads the jobs that have left the list of running ones, or all of them one by one if there is no such list. After a
	 * callback, `isCertain`, something has ended: if the list does not show what, all are read too.
	 */
	async lookAfresh(isCertain = false): Promise<void> {
		await this.looking;
		const list = async () => await this.runningJobs.read(true);
		await (this.looking = this.look({ list, readJob: this.patiently, isCertain }));
	}

	/**
	 * Reads the jobs of these items again, each once, and again if the API cannot answer. One that the API refuses to show
	 * fails its item.
	 */
	async readPatiently(items: OpenItem[]): Promise<boolean> {
		return await this.read(items, this.patiently);
	}

	private readonly patiently: ReadJob = async (jobid) =>
		await this.context.reads.jobPatiently(jobid);

	/** Gives whether the API has answered for all of them. */
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

	/** Gives what the API answered, which the items have then. */
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

	private async look({ list, readJob, isCertain }: Look): Promise<void> {
		const { watched } = this;
		const watches = [...this.watches.values()];
		this.shown = undefined;
		const begunAt = this.context.clock.now();
		const running = await list();
		const { lists, readAt, tries } = this.runningJobs;
		this.pace.looked(readAt);
		const older = watches.filter(({ listsBefore }) => listsBefore < tries);
		const all = watches.map(({ item }) => item);
		const gone = older.map(({ item }) => item).filter((item) => isUnlisted(item, running));
		const isListed = running && (gone.length > 0 || !isCertain);
		const isShown = await (isListed ? this.read(gone, readJob) : this.readOneByOne(all, readJob));
		const at = Math.min(begunAt, readAt);
		if (isShown && older.length === watches.length) this.shown = { watched, lists, at };
	}

	private async readOneByOne(open: OpenItem[], readJob: ReadJob): Promise<boolean> {
		const [first] = open;
		// An API that does not answer for one job is not asked for the others.
		if (!first || (await this.readJob(first.jobid, [first], readJob)) === 'unreachable')
			return false;
		const areAnswered = await this.read(
			open.filter((item) => item !== first),
			readJob,
		);
		this.pace.looked(this.context.clock.now());
		return areAnswered;
	}

	private async keepLooking(): Promise<void> {
		if (this.isLooking) return;
		this.isLooking = true;
		while (this.size > 0 && (await this.nextLook.until(this.nextLookAt()))) {
			if (this.context.clock.now() < this.nextLookAt()) continue;
			// While submissions are looked for, that asks for lists as well.
			const list = async () => await this.runningJobs.readOrRecent();
			// What cannot be read now is read at the next look.
			const readJob: ReadJob = async (jobid) => await this.context.reads.job(jobid);
			await (this.looking = this.look({ list, readJob, isCertain: false }));
		}
		this.isLooking = false;
	}

	private nextLookAt(): number {
		const accepted = Array.from(this.watches.values(), ({ acceptedAt }) => acceptedAt);
		return this.pace.nextLookAt(this.isSlotAwaited(), accepted);
	}

	/** Reads jobs whose time is over once more, unless they just were, and gives up on those that still have not ended. */
	private async timeOut(items: OpenItem[]): Promise<void> {
		const { clock, signal } = this.context;
		const soonest = clock.now() - KNOWN_FOR_MILLISECONDS;
		const due = items.filter((item) => (this.watches.get(item)?.readAt ?? 0) <= soonest);
		await Promise.race([this.readPatiently(due), clock.pause(LAST_READ_MILLISECONDS, signal)]);
		if (signal.aborted) return;
		for (const item of items.filter((each) => this.watches.has(each))) {
			const { jobid, waitLimitMilliseconds, job, replyRef } = item;
			const failure = timedOutFailure(jobid, waitLimitMilliseconds, job, replyRef);
			item.result = { kind: 'failure', failure };
			this.settle(item);
		}
	}
}
