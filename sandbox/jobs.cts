import { randomBytes } from 'node:crypto';
import { clearTimeout, setTimeout } from 'node:timers';
import type { Attachment } from './attachments.cts';
import type { Changes } from './changes.cts';
import { TERMINAL_STATUSES, type JobStatus, type TerminalStatus } from './contract.cts';
import type { CallbackPlan } from './faults.cts';
import { endingFor, type Ending, type SubmissionError } from './magic-words.cts';
import type { Stamp } from './stamp.cts';
import type { Production, Video } from './video/studio.cts';

export interface FileInfo {
	size: number;
	type: string;
}

/** A job as the API returns it (docs/api-contract.md, "Job record"). */
export interface JobRecord {
	jobid: string;
	verb: string;
	status: JobStatus;
	created: string;
	updated: string;
	message?: FileInfo | string;
	prompt?: string;
	font?: string;
	image?: FileInfo;
	parentJobId?: string;
	button?: string;
	/** Masked. */
	discord: string;
	channel: string;
	maxJobs: number;
	replyUrl?: string;
	replyRef?: string;
	messageId?: string;
	content?: string;
	timestamp?: string;
	attachments?: Attachment[];
	buttons?: string[];
	error?: string;
	errorDetails?: string;
	code: number;
}

/** A job with data that the API does not return. */
export interface SandboxJob extends JobRecord {
	/** All statuses so far, in order. */
	readonly statuses: JobStatus[];
}

export type JobInput = Omit<
	JobRecord,
	'jobid' | 'status' | 'created' | 'updated' | 'messageId' | 'content' | 'timestamp' | 'code'
>;

export interface JobPlan {
	/** From submission to end. */
	seconds: number;
	ending: Ending;
	/** The origin at which the client reached the sandbox, for the video links. */
	origin: string;
	/** What the video is made from. */
	stamp: Stamp;
	callbacks?: CallbackPlan;
	/** Absent if the job gets the canned clip. */
	production?: Production;
}

// The limit of Node's timers. A longer job gets no timers and ends only on request.
const MAX_TIMER_MS = 2 ** 31 - 1;
const BOT_USER = '<@1000000000000000001>';

/** Stores the jobs and moves them from created through started and progress to a terminal status. */
export class Jobs {
	readonly all: SandboxJob[] = [];
	private readonly byId = new Map<string, SandboxJob>();
	/** The jobs that have not ended, in the order of their submission. */
	private readonly open = new Set<SandboxJob>();
	private readonly plans = new Map<string, JobPlan>();
	private readonly timers = new Map<string, NodeJS.Timeout[]>();
	private count = 0;

	constructor(
		private readonly changes: Changes,
		private readonly attach: (plan: JobPlan, video?: Video) => Attachment[],
		private readonly onStatus: (job: SandboxJob, plan: CallbackPlan | undefined) => void,
	) {}

	accept(input: JobInput, plan: JobPlan): SandboxJob {
		const job = this.create(input);
		this.open.add(job);
		this.plans.set(job.jobid, plan);
		this.move(job, 'started');
		const milliseconds = plan.seconds * 1000;
		if (milliseconds <= MAX_TIMER_MS) {
			this.timers.set(job.jobid, [
				setTimeout(() => {
					this.move(job, 'progress');
				}, milliseconds / 2),
				setTimeout(() => {
					this.finish(job.jobid);
				}, milliseconds),
			]);
		}
		void plan.production?.settled.then((outcome) => {
			// Guess: a file that is not a picture makes the job fail.
			if ('problem' in outcome) this.finish(job.jobid, 'failed', { errorDetails: outcome.problem });
		});
		return job;
	}

	/** Stores a submission that was rejected with 422. It has a job ID and the status moderated. */
	reject(input: JobInput, error: SubmissionError): SandboxJob {
		const job = this.create(input);
		delete job.content;
		Object.assign(job, error);
		job.status = 'moderated';
		job.statuses.push('moderated');
		this.changes.announce();
		return job;
	}

	/**
	 * Ends a running job: with the given status, or as planned. Returns false if the job is unknown or has ended.
	 * A job that is to complete waits for its video.
	 */
	finish(jobid: string, status?: TerminalStatus, extra?: Partial<JobRecord>): boolean {
		const job = this.find(jobid);
		const plan = this.plans.get(jobid);
		if (!job || !plan || !isRunning(job)) return false;
		for (const timer of this.timers.get(jobid) ?? []) clearTimeout(timer);
		const { status: ending, ...errorTexts } = status ? endingFor(status) : plan.ending;
		if (ending === 'completed') {
			const { production } = plan;
			if (production && !production.outcome) {
				void production.settled.then(() => this.finish(jobid, status, extra));
				return true;
			}
			const outcome = production?.outcome;
			if (outcome && 'problem' in outcome) return false;
			job.attachments = this.attach(plan, outcome?.video);
			job.buttons = ['retry'];
		}
		Object.assign(job, errorTexts, extra);
		this.move(job, ending);
		return true;
	}

	/** The rendering of the job's video, unless it has the canned clip. */
	productionOf(jobid: string): Production | undefined {
		return this.plans.get(jobid)?.production;
	}

	find(jobid: string): SandboxJob | undefined {
		return this.byId.get(jobid);
	}

	running(channel?: string): string[] {
		return [...this.open]
			.filter((job) => isRunning(job) && (channel === undefined || job.channel === channel))
			.map((job) => job.jobid);
	}

	/** Deletes all jobs and their timers. */
	clear(): void {
		for (const timer of [...this.timers.values()].flat()) clearTimeout(timer);
		this.timers.clear();
		this.plans.clear();
		this.all.length = 0;
		this.byId.clear();
		this.open.clear();
	}

	private create(input: JobInput): SandboxJob {
		this.count += 1;
		const created = new Date().toISOString();
		// Guess: the format of a jobid. Only its hyphens are documented.
		const jobid = `${created.replace(/\D/g, '')}-user1000-pika${this.count}-${randomBytes(3).toString('hex')}`;
		const job: SandboxJob = {
			jobid,
			...input,
			status: 'created',
			created,
			updated: created,
			messageId: String(1100000000000000000n + BigInt(this.count)),
			content: contentOf(input),
			timestamp: created.replace('Z', '000+00:00'),
			code: 200,
			statuses: ['created'],
		};
		this.all.push(job);
		this.byId.set(jobid, job);
		return job;
	}

	private move(job: SandboxJob, status: JobStatus): void {
		job.status = status;
		job.updated = new Date().toISOString();
		job.statuses.push(status);
		if (isTerminal(status)) this.open.delete(job);
		this.onStatus(job, this.plans.get(job.jobid)?.callbacks);
		this.changes.announce();
	}
}

export function isTerminal(status: JobStatus): boolean {
	return TERMINAL_STATUSES.some((terminal) => terminal === status);
}

/** A copy of the job as the API returns it. */
export function recordOf(job: SandboxJob): JobRecord {
	const { statuses, ...record } = job;
	void statuses;
	return structuredClone(record);
}

function isRunning(job: SandboxJob): boolean {
	return !isTerminal(job.status);
}

/** The bot's message, in the words of the documented example. */
function contentOf({ prompt, message, image }: JobInput): string {
	const parts = [
		...(prompt === undefined ? [] : [`Prompt: ${prompt}`]),
		...(message === undefined ? [] : ['Message: 1 Attachment']),
		...(image === undefined ? [] : ['Image: 1 Attachment']),
		`Author: ${BOT_USER}`,
	];
	return `${BOT_USER}  Creation job queued. (${parts.join('  ')})`;
}
