import { type Job, type JobWithId, isTerminal, parseJob } from './job';
import type { FilePart } from './multipart';
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

/** The endpoints below /v1/pika/ that start a job. */
export type JobEndpoint = 'encrypt_image' | 'encrypt_text' | 'create' | 'animate' | 'button';

export interface Submission {
	endpoint: JobEndpoint;
	/** Text fields under the API's names; an empty one is not sent. */
	fields: Record<string, string>;
	files: Record<string, FilePart>;
	/** Whether the credential's Discord token goes with it. The token itself is never part of what is saved. */
	withDiscordToken: boolean;
}

export type JobOutcome = { kind: 'found'; job: JobWithId } | Unfound;
export type RunningOutcome = { kind: 'found'; jobids: string[] } | Unfound;

/** useapi.net's Pika endpoints as functions. None of them throws or tries again. */
export interface Client {
	submit: (submission: Submission) => Promise<SubmitOutcome>;
	getJob: (jobid: string) => Promise<JobOutcome>;
	/** The ids of all jobs that run now, on every channel of the account. */
	getRunning: () => Promise<RunningOutcome>;
	cancel: (jobid: string) => Promise<ReadOutcome>;
}

function withoutEmpty(fields: Record<string, string>): Record<string, string> {
	return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== ''));
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
	{ discordToken = '' }: Pick<Credentials, 'discordToken'>,
): Client {
	return {
		async submit({ endpoint, fields, files, withDiscordToken }) {
			const discord = withDiscordToken ? discordToken : '';
			const multipart = { fields: withoutEmpty({ ...fields, discord }), files };
			return parseSubmitResult(
				await send({ method: 'POST', path: `/v1/pika/${endpoint}`, multipart }),
				endpoint === 'button' ? 'retry' : 'submission',
			);
		},

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
			const outcome = parseReadResult(
				await send({ method: 'GET', path: '/v1/pika/jobs' }),
				'runningJobs',
			);
			if (outcome.kind !== 'found') return outcome;
			const jobids = idsIn(outcome.body);
			return jobids
				? { kind: 'found', jobids }
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
