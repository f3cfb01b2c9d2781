import { type Job, type JobWithId, isTerminal, parseJob } from './job';
import {
	type ReadOutcome,
	type SubmitOutcome,
	type Unfound,
	parseReadResult,
	parseSubmitResult,
} from './outcomes';
import type { Send } from './request';
import type { Credentials } from './credentials';
import { isRecord } from './isRecord';
import { type Submission, sentFields, takesDiscordToken } from './submission';

export type JobOutcome = { kind: 'found'; job: JobWithId } | Unfound;
export type RunningOutcome =
	/** `madeAt`: when useapi.net made the list, in milliseconds since 1970 by its own clock, if it says so. */
	{ kind: 'found'; jobids: string[]; madeAt?: number } | Unfound;

/** useapi.net's Pika endpoints as functions. None of them throws or tries again. */
export interface Client {
	submit: (submission: Submission) => Promise<SubmitOutcome>;
	/** The text fields that `submit` sends, without secrets. */
	sentFields: (submission: Submission) => Record<string, string>;
	getJob: (jobid: string) => Promise<JobOutcome>;
	/** The ids of all jobs that run now, on every channel of the account. */
	getRunning: () => Promise<RunningOutcome>;
	cancel: (jobid: string) => Promise<ReadOutcome>;
}

function isRecordOf({ status, jobid: named }: Job, jobid: string): boolean {
	return status !== undefined && status !== '' && (named ?? jobid) === jobid;
}

/** A list without a single id is not the documented one, unless it is empty. */
function idsIn(body: unknown): string[] | undefined {
	if (!Array.isArray(body)) return undefined;
	const ids = body.filter((id): id is string => typeof id === 'string' && id !== '');
	return ids.length === 0 && body.length > 0 ? undefined : [...new Set(ids)];
}

/** Binds the endpoints to one credential. */
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
				endpoint === 'button' ? 'retry' : 'submission',
			);
		},

		sentFields: (submission) => sentFields(submission, credentials),

		// The slash before the query is documented, and without it this is another endpoint.
		async getJob(jobid) {
			const outcome = parseReadResult(
				await send({ method: 'GET', path: '/v1/pika/jobs/', query: { jobid } }),
				'job',
			);
			if (outcome.kind === 'refused') {
				const { httpStatus, job } = outcome.refusal;
				// The API answers a submission like this if its job has ended at once.
				const isEnded = httpStatus === 422 && job.jobid === jobid && isTerminal(job);
				return isEnded ? { kind: 'found', job: { ...job, jobid } } : outcome;
			}
			if (outcome.kind !== 'found') return outcome;
			const job = parseJob(outcome.body);
			return isRecordOf(job, jobid)
				? { kind: 'found', job: { ...job, jobid } }
				: { kind: 'unreachable', reason: 'the answer is not about this job' };
		},

		async getRunning() {
			const result = await send({ method: 'GET', path: '/v1/pika/jobs' });
			const outcome = parseReadResult(result, 'runningJobs');
			if (outcome.kind !== 'found') return outcome;
			const madeAt = result.kind === 'answer' ? result.answeredAt : undefined;
			const jobids = idsIn(outcome.body);
			return jobids
				? { kind: 'found', jobids, madeAt }
				: { kind: 'unreachable', reason: 'the answer is not a list of job IDs' };
		},

		// It changes state although it is a GET, so nothing here may repeat it.
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
