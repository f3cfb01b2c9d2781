import type { Client, JobOutcome, RunningOutcome } from '../../../../nodes/Pika/api/client';
import type { SubmitOutcome } from '../../../../nodes/Pika/api/outcomes';
import { type Submission, sentFields, slotRequestOf } from '../../../../nodes/Pika/api/submission';
import { onAbort } from '../controlledClock';
import { busy, found, refusal, refused } from '../fakeClient';

export const SUBMIT_FAULTS = [
	'none',
	'answer lost',
	'request lost',
	'504 that names the job',
	'not sent',
	'cut off',
	'refused',
	'Discord limits the rate',
	'ended at once',
] as const;
export const READ_FAULTS = ['none', 'unreachable'] as const;

export type SubmitFault = (typeof SUBMIT_FAULTS)[number];
export type ReadFault = (typeof READ_FAULTS)[number];

export interface ModelJob {
	jobid: string;
	/** Undefined for another user's job. */
	fields?: Record<string, string>;
	channel: string;
	status: 'started' | 'completed' | 'moderated' | 'cancelled';
}

interface Rules {
	/** How many jobs a channel can run. */
	limit: number;
	submitFaults: SubmitFault[];
	readFaults: ReadFault[];
	/** Settles when the scheduler lets the named event happen. */
	event: (name: string) => Promise<void>;
	/** A job of ours has ended, and is called back if it asked for that. */
	onEnd: (job: ModelJob) => void;
}

const RATE_LIMIT_SECONDS = 45;

/** A small useapi.net: makes jobs, ends them, refuses more than a channel takes, and loses answers. */
export class ModelApi {
	readonly jobs = new Map<string, ModelJob>();

	/** The jobs that ran when the last list was made, or when they were read after it. */
	seenToRun = new Set<string>();

	submissions = 0;

	private readonly submitFaults: SubmitFault[];

	private readonly readFaults: ReadFault[];

	constructor(private readonly rules: Rules) {
		this.submitFaults = [...rules.submitFaults];
		this.readFaults = [...rules.readFaults];
	}

	get ours(): ModelJob[] {
		return [...this.jobs.values()].filter(({ fields }) => fields !== undefined);
	}

	runningOn(channel: string): ModelJob[] {
		return [...this.jobs.values()].filter(
			(job) => job.channel === channel && job.status === 'started',
		);
	}

	/** A client of this API; with a signal its requests end when that fires. */
	client(signal?: AbortSignal): Client {
		const untilStop = async <Outcome>(answer: Promise<Outcome>) =>
			await Promise.race([answer, cancelled(signal)]);
		return {
			submit: async (submission) => await untilStop(this.submit(submission)),
			sentFields: (submission) => sentFields(submission, {}),
			slotRequestOf: (submission) => slotRequestOf(submission, {}),
			getJob: async (jobid) => await untilStop(this.getJob(jobid)),
			getRunning: async () => await untilStop(this.getRunning()),
			cancel: async (jobid) => {
				await this.rules.event(`cancel ${jobid}`);
				const job = this.jobs.get(jobid);
				if (job?.status !== 'started') return { kind: 'refused', refusal: refusal(404, 'no') };
				job.status = 'cancelled';
				return { kind: 'found', body: {} };
			},
		};
	}

	/** Creates a job that ends at some time. */
	make(channel: string, fields?: Record<string, string>): ModelJob {
		const jobid = `job-${this.jobs.size + 1}`;
		const job: ModelJob = { jobid, fields, channel, status: 'started' };
		this.jobs.set(jobid, job);
		void this.rules.event(`end of ${jobid}`).then(() => {
			if (job.status !== 'started') return;
			job.status = 'completed';
			this.rules.onEnd(job);
		});
		return job;
	}

	private async submit(submission: Submission): Promise<SubmitOutcome> {
		const { event, limit } = this.rules;
		this.submissions++;
		const fields = sentFields(submission, {});
		const { channel = '', replyRef = '' } = fields;
		const fault = this.submitFaults.shift() ?? 'none';
		await event(`${replyRef} arrives, ${fault}`);
		const before = this.faultBefore(fault);
		const outcome = before ?? (this.runningOn(channel).length >= limit ? busy() : undefined);
		if (outcome) {
			await event(`${replyRef} is answered`);
			return outcome;
		}
		const job = this.make(channel, fields);
		if (fault === 'ended at once') job.status = 'moderated';
		const { jobid, status } = job;
		const record = recordOf({ ...job, status });
		await event(`${replyRef} is answered`);
		if (fault === 'answer lost') return { kind: 'unknown', reason: 'ECONNRESET' };
		if (fault === '504 that names the job') return { kind: 'unknown', reason: 'HTTP 504', jobid };
		return { kind: 'accepted', job: record };
	}

	private faultBefore(fault: SubmitFault): SubmitOutcome | undefined {
		switch (fault) {
			case 'request lost':
				return { kind: 'unknown', reason: 'ECONNRESET' };
			case 'not sent':
				return { kind: 'notSent', reason: 'ECONNREFUSED' };
			case 'cut off':
				return { kind: 'uploadAborted', reason: 'EPIPE' };
			case 'refused':
				return refused;
			case 'Discord limits the rate':
				return busy(RATE_LIMIT_SECONDS);
			default:
				return undefined;
		}
	}

	private async getJob(jobid: string): Promise<JobOutcome> {
		const fault = this.readFaults.shift() ?? 'none';
		await this.rules.event(`read of ${jobid}`);
		const job = this.jobs.get(jobid);
		if (fault !== 'none') return { kind: 'unreachable', reason: 'HTTP 503' };
		if (!job) return { kind: 'refused', refusal: refusal(404, 'Unable to locate job') };
		const { status } = job;
		const outcome = found(jobid, status, recordOf(job));
		if (status === 'started') this.seenToRun.add(jobid);
		await this.rules.event(`${jobid} is read as ${status}`);
		return outcome;
	}

	private async getRunning(): Promise<RunningOutcome> {
		const fault = this.readFaults.shift() ?? 'none';
		await this.rules.event('list');
		if (fault === 'unreachable') return { kind: fault, reason: 'HTTP 503' };
		const jobids = [...this.jobs.values()].flatMap(({ jobid, status }) =>
			status === 'started' ? jobid : [],
		);
		this.seenToRun = new Set(jobids);
		await this.rules.event(`list of ${jobids.length}`);
		return { kind: 'found', jobids };
	}
}

function recordOf({ jobid, fields, status, channel }: ModelJob) {
	return { ...fields, jobid, status, channel };
}

async function cancelled(signal?: AbortSignal): Promise<{ kind: 'cancelled' }> {
	await new Promise<void>((fire) => {
		if (signal?.aborted) fire();
		onAbort(signal, fire);
	});
	return { kind: 'cancelled' };
}
