import type { JobWithId } from '../api/job';
import { askAgainDelay } from './backoff';
import { type SubmissionQuery, isJobOf } from './jobMatch';
import type { RunContext } from './runContext';
import type { RunningJobs, RunningJobsReader } from './runningJobs';

/** How long to search the running jobs for a submission of unknown outcome, because a job can appear late. */
export const SEARCH_MILLISECONDS = 60_000;

/** The time allowed for the last poll, so that an API that hangs does not extend the search further. */
const LAST_LOOK_MILLISECONDS = 30_000;

/** Whether a submission created a job; `unsure` if the API did not return all running jobs. */
export type SearchOutcome =
	| { kind: 'found'; job: JobWithId }
	| { kind: 'absent' }
	| { kind: 'unsure' };

interface Search {
	query: SubmissionQuery;
	endsAt: number;
	settle: (outcome: SearchOutcome) => void;
}

/**
 * Searches the running jobs for submissions of unknown outcome. All searches of a run share one list per poll, and each
 * job is read once. Jobs that have ended meanwhile are not found, because the API lists only running ones.
 */
export class SubmittedJobs {
	private searches: Search[] = [];

	private readonly read = new Map<string, JobWithId>();

	private isPolling = false;

	constructor(
		private readonly context: RunContext,
		readonly runningJobs: RunningJobsReader,
	) {}

	/** Finds the job of a submission and claims it, or gives up after a minute. */
	async find(query: SubmissionQuery): Promise<SearchOutcome> {
		return await new Promise((settle) => {
			const endsAt = this.context.clock.now() + SEARCH_MILLISECONDS;
			this.searches.push({ query, endsAt, settle });
			if (!this.isPolling) void this.poll();
		});
	}

	private async poll(): Promise<void> {
		const { clock, signal } = this.context;
		this.isPolling = true;
		for (let isFirst = true; ; isFirst = false) {
			const longest = this.untilEnd() + LAST_LOOK_MILLISECONDS;
			const tooLong = clock.pause(longest, signal).then(() => false);
			this.giveUpOverdue(await Promise.race([this.lookOnce(isFirst), tooLong]));
			if (this.searches.length === 0) break;
			await clock.pause(Math.min(this.untilEnd(), askAgainDelay(clock.random())), signal);
		}
		this.isPolling = false;
	}

	/** Returns whether the API has returned all running jobs. */
	private async lookOnce(isFirst: boolean): Promise<boolean> {
		const { runningJobs } = this;
		const running = await (isFirst ? runningJobs.read() : runningJobs.readOrRecent());
		if (!running) return false;
		const isComplete = await this.readNew(running);
		this.settleFound(running);
		return isComplete;
	}

	/** The milliseconds until the first search ends. */
	private untilEnd(): number {
		const ends = this.searches.reduce((least, { endsAt }) => Math.min(least, endsAt), Infinity);
		return Math.max(0, ends - this.context.clock.now());
	}

	/** Returns whether the API has answered for all of them. */
	private async readNew({ jobids }: RunningJobs): Promise<boolean> {
		const { claims, reads } = this.context;
		const unread = [...jobids].filter((jobid) => !claims.has(jobid) && !this.read.has(jobid));
		const answered = await Promise.all(
			unread.map(async (jobid) => {
				const outcome = await reads.job(jobid);
				if (outcome.kind === 'found') this.read.set(jobid, outcome.job);
				return outcome.kind === 'found' || outcome.kind === 'refused';
			}),
		);
		return !answered.includes(false);
	}

	private settleFound(running: RunningJobs): void {
		const byReference = new Map<string | undefined, JobWithId[]>();
		for (const jobid of running.jobids) {
			const job = this.read.get(jobid);
			if (job) byReference.set(job.replyRef, [...(byReference.get(job.replyRef) ?? []), job]);
		}
		this.searches = this.searches.filter(({ query, settle }) => {
			const candidates = byReference.get(query.fields.replyRef) ?? [];
			const job = candidates.find((each) => this.isOf(each, query, running));
			if (!job) return true;
			this.context.claims.claim(job.jobid);
			settle({ kind: 'found', job });
			return false;
		});
	}

	/** While another item with the same reference is being submitted, a job with that reference may belong to it. */
	private isOf(job: JobWithId, query: SubmissionQuery, { answeredAt }: RunningJobs): boolean {
		const { claims, clock } = this.context;
		if (claims.has(job.jobid)) return false;
		const { isUniqueReplyRef, fields } = query;
		if (!isUniqueReplyRef && claims.isUnderWay(fields.replyRef ?? '')) return false;
		if (this.runningJobs.wasInFirst(query.listsBefore ?? 0, job.jobid)) return false;
		return isJobOf(job, query, clock.now(), answeredAt);
	}

	private giveUpOverdue(isComplete: boolean): void {
		const { clock, signal } = this.context;
		const now = clock.now();
		this.searches = this.searches.filter(({ endsAt, settle }) => {
			if (endsAt > now && !signal.aborted) return true;
			settle({ kind: isComplete && !signal.aborted ? 'absent' : 'unsure' });
			return false;
		});
	}
}
