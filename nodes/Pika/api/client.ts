import { JOB_ENDPOINTS } from './endpoints';
import { type Job, type JobWithId, isTerminal, parseJob } from './job';
import {
	type ReadOutcome,
	type SubmitOutcome,
	type Unfound,
	parseReadResult,
	parseSubmitResult,
} from './outcomes';
import type { Send, SendResult } from './request';
import type { Credentials } from './credentials';
import { isRecord } from './isRecord';
import {
	type SlotRequest,
	type Submission,
	sentFields,
	slotRequestOf,
	takesDiscordToken,
} from './submission';

interface Found {
	kind: 'found';
	/** When useapi.net answered, if it says so, in milliseconds since 1970 by its own clock. */
	answeredAt?: number;
}

export type JobOutcome = (Found & { job: JobWithId }) | Unfound;
export type RunningOutcome = (Found & { jobids: string[] }) | Unfound;

/** The Pika endpoints of useapi.net. None of these functions throws or retries. */
export interface Client {
	submit: (submission: Submission) => Promise<SubmitOutcome>;
	/** The text fields that `submit` sends, without secrets. */
	sentFields: (submission: Submission) => Record<string, string>;
	slotRequestOf: (submission: Submission) => SlotRequest;
	getJob: (jobid: string) => Promise<JobOutcome>;
	/** The IDs of all running jobs, on all channels of the account. */
	getRunning: () => Promise<RunningOutcome>;
	cancel: (jobid: string) => Promise<ReadOutcome>;
}

function answeredAtOf(result: SendResult): number | undefined {
	return result.kind === 'answer' ? result.answeredAt : undefined;
}

function isRecordOf({ status, jobid: named }: Job, jobid: string): boolean {
	return status !== undefined && status !== '' && (named ?? jobid) === jobid;
}

/** A list that is not empty and contains no ID is not a list of jobs. */
function idsIn(body: unknown): string[] | undefined {
	if (!Array.isArray(body)) return undefined;
	const ids = body.filter((id): id is string => typeof id === 'string' && id !== '');
	return ids.length === 0 && body.length > 0 ? undefined : [...new Set(ids)];
}

/** The endpoints with one credential. */
export function createClient(
	send: Send,
	credentials: Pick<Credentials, 'channel' | 'discordToken' | 'maxJobs' | 'replyUrl'>,
): Client {
	return {
		async submit(submission) {
			const { endpoint, files } = submission;
			const discord = takesDiscordToken(submission, credentials) ? credentials.discordToken : '';
			const fields = { ...sentFields(submission, credentials), ...(discord && { discord }) };
			const multipart = { fields, files };
			return parseSubmitResult(
				await send({ method: 'POST', path: `/v1/pika/${endpoint}`, multipart }),
				JOB_ENDPOINTS[endpoint].request,
			);
		},

		sentFields: (submission) => sentFields(submission, credentials),

		slotRequestOf: (submission) => slotRequestOf(submission, credentials),

		// Without the slash before the query this is another endpoint (docs/api-contract.md, "Reading a job").
		async getJob(jobid) {
			const result = await send({ method: 'GET', path: '/v1/pika/jobs/', query: { jobid } });
			const outcome = parseReadResult(result, 'job');
			const answeredAt = answeredAtOf(result);
			if (outcome.kind === 'refused') {
				const { httpStatus, job } = outcome.refusal;
				// This is how the API answers a submission whose job has ended at once.
				const isEnded = httpStatus === 422 && job.jobid === jobid && isTerminal(job);
				return isEnded ? { kind: 'found', job: { ...job, jobid }, answeredAt } : outcome;
			}
			if (outcome.kind !== 'found') return outcome;
			const job = parseJob(outcome.body);
			return isRecordOf(job, jobid)
				? { kind: 'found', job: { ...job, jobid }, answeredAt }
				: { kind: 'unreachable', reason: 'the answer is not about this job' };
		},

		async getRunning() {
			const result = await send({ method: 'GET', path: '/v1/pika/jobs' });
			const outcome = parseReadResult(result, 'runningJobs');
			if (outcome.kind !== 'found') return outcome;
			const jobids = idsIn(outcome.body);
			return jobids
				? { kind: 'found', jobids, answeredAt: answeredAtOf(result) }
				: { kind: 'unreachable', reason: 'the answer is not a list of job IDs' };
		},

		// A GET that changes state, so it must not be repeated.
		async cancel(jobid) {
			const outcome = parseReadResult(
				await send({ method: 'GET', path: '/v1/pika/jobs/cancel/', query: { jobid } }),
				'cancel',
			);
			if (outcome.kind !== 'found') return outcome;
			const isAsked = isRecord(outcome.body) && (parseJob(outcome.body).jobid ?? jobid) === jobid;
			return isAsked
				? outcome
				: { kind: 'unreachable', reason: 'the answer does not say what became of the job' };
		},
	};
}
