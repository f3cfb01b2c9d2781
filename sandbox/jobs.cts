import { randomBytes } from 'node:crypto';
import { clearTimeout, setTimeout } from 'node:timers';
import type { Attachment } from './attachments.cts';
import type { Changes } from './changes.cts';
import { TERMINAL_STATUSES, type JobStatus, type TerminalStatus } from './contract.cts';
import type { CallbackPlan } from './faults.cts';
import { endingFor, type Ending, type Refusal } from './magic-words.cts';
import type { Stamp } from './stamp.cts';
import type { Production, Video } from './video/studio.cts';

export interface FileNote {
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
	message?: FileNote | string;
	prompt?: string;
	font?: string;
	image?: FileNote;
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

/** A job with what only the sandbox knows of it. */
export interface SandboxJob extends JobRecord {
	/** Every status it had, in order. */
	readonly statuses: JobStatus[];
}

export type JobInput = Omit<
	JobRecord,
	'jobid' | 'status' | 'created' | 'updated' | 'messageId' | 'content' | 'timestamp' | 'code'
>;

export interface JobCourse {
	/** From acceptance to the end. */
	seconds: number;
	ending: Ending;
	/** Where the client reached the sandbox, for the links it gets. */
	origin: string;
	/** What its video is made from. */
	stamp: Stamp;
	callbacks?: CallbackPlan;
	/** Absent where the job gets the canned clip. */
	production?: Production;
}

// The limit of Node's timers; a job that is to last longer gets no timer at all.
const MAX_TIMER_MS = 2 ** 31 - 1;
const BOT_USER = '<@1000000000000000001>';

/** Keeps the jobs and moves them created → started → progress → a terminal status. */
export class Jobs {
	readonly all: SandboxJob[] = [];
	private readonly courses = new Map<string, JobCourse>();
	private readonly timers = new Map<string, NodeJS.Timeout[]>();
	private count = 0;

	constructor(
		private readonly changes: Changes,
		private readonly attach: (course: JobCourse, video?: Video) => Attachment[],
		private readonly onStatus: (job: SandboxJob, plan: CallbackPlan | undefined) => void,
	) {}

	accept(input: JobInput, course: JobCourse): SandboxJob {
		const job = this.create(input);
		this.courses.set(job.jobid, course);
		this.move(job, 'started');
		const milliseconds = course.seconds * 1000;
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
		void course.production?.settled.then((outcome) => {
			// Guess: what the service does with a file that is not a picture is not documented.
			if ('problem' in outcome) this.finish(job.jobid, 'failed', { errorDetails: outcome.problem });
		});
		return job;
	}

	/** Keeps a submission refused with 422, which has a job ID and the status moderated. */
	refuse(input: JobInput, refusal: Refusal): SandboxJob {
		const job = this.create(input);
		delete job.content;
		Object.assign(job, refusal);
		job.status = 'moderated';
		job.statuses.push('moderated');
		this.changes.announce();
		return job;
	}

	/**
	 * Ends a running job, without a status as it was going to end; false where it is unknown or over.
	 * At once, but a job is not completed before its video is.
	 */
	finish(jobid: string, status?: TerminalStatus, extra?: Partial<JobRecord>): boolean {
		const job = this.find(jobid);
		const course = this.courses.get(jobid);
		if (!job || !course || !isRunning(job)) return false;
		for (const timer of this.timers.get(jobid) ?? []) clearTimeout(timer);
		const { status: ending, ...said } = status ? endingFor(status) : course.ending;
		if (ending === 'completed') {
			const { production } = course;
			if (production && !production.outcome) {
				void production.settled.then(() => this.finish(jobid, status, extra));
				return true;
			}
			const outcome = production?.outcome;
			if (outcome && 'problem' in outcome) return false;
			job.attachments = this.attach(course, outcome?.video);
			job.buttons = ['retry'];
		}
		Object.assign(job, said, extra);
		this.move(job, ending);
		return true;
	}

	/** What makes the job's video, where it gets one of its own. */
	productionOf(jobid: string): Production | undefined {
		return this.courses.get(jobid)?.production;
	}

	find(jobid: string): SandboxJob | undefined {
		return this.all.find((job) => job.jobid === jobid);
	}

	running(channel?: string): string[] {
		return this.all
			.filter((job) => isRunning(job) && (channel === undefined || job.channel === channel))
			.map((job) => job.jobid);
	}

	/** Forgets every job and stops their clocks. */
	clear(): void {
		for (const timer of [...this.timers.values()].flat()) clearTimeout(timer);
		this.timers.clear();
		this.courses.clear();
		this.all.length = 0;
	}

	private create(input: JobInput): SandboxJob {
		this.count += 1;
		const created = new Date().toISOString();
		// Guess: the form of a jobid, of which only the hyphens are known.
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
		return job;
	}

	private move(job: SandboxJob, status: JobStatus): void {
		job.status = status;
		job.updated = new Date().toISOString();
		job.statuses.push(status);
		this.onStatus(job, this.courses.get(job.jobid)?.callbacks);
		this.changes.announce();
	}
}

export function isTerminal(status: JobStatus): boolean {
	return TERMINAL_STATUSES.some((terminal) => terminal === status);
}

/** The job as the API returns it: without what only the sandbox knows, and unaffected by later changes. */
export function recordOf(job: SandboxJob): JobRecord {
	const { statuses, ...record } = job;
	void statuses;
	return structuredClone(record);
}

function isRunning(job: SandboxJob): boolean {
	return !isTerminal(job.status);
}

/** The bot's message, worded as in the sample of the documentation. */
function contentOf({ prompt, message, image }: JobInput): string {
	const parts = [
		...(prompt === undefined ? [] : [`Prompt: ${prompt}`]),
		...(message === undefined ? [] : ['Message: 1 Attachment']),
		...(image === undefined ? [] : ['Image: 1 Attachment']),
		`Author: ${BOT_USER}`,
	];
	return `${BOT_USER}  Creation job queued. (${parts.join('  ')})`;
}
