import { type JobWithId, parseJob } from './job';
import {
	type ReadOutcome,
	type SubmitOutcome,
	parseReadResult,
	parseSubmitResult,
} from './outcomes';
import type { Send } from './request';
import type { Credentials } from './credentials';
import { type Submission, sentFields, takesDiscordToken } from './submission';

export type JobOutcome =
	| { kind: 'found'; job: JobWithId }
	| Exclude<ReadOutcome, { kind: 'found' }>;
export type RunningOutcome =
	/** `madeAt`: when useapi.net made the list, in milliseconds since 1970 by its own clock, if it says so. */
	| { kind: 'found'; jobids: string[]; madeAt?: number }
	/** An answer that is not a list. */
	| { kind: 'unusable' }
	| Exclude<ReadOutcome, { kind: 'found' }>;

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
			);
		},

		sentFields: (submission) => sentFields(submission, credentials),

		// The slash before the query is documented, and without it this is another endpoint (pika-v1 section 4.1).
		async getJob(jobid) {
			const outcome = parseReadResult(
				await send({ method: 'GET', path: '/v1/pika/jobs/', query: { jobid } }),
			);
			if (outcome.kind !== 'found') return outcome;
			const job = parseJob(outcome.body);
			const isAsked = job.status !== undefined && (job.jobid ?? jobid) === jobid;
			return isAsked
				? { kind: 'found', job: { ...job, jobid } }
				: { kind: 'unreachable', reason: 'the answer is not about this job' };
		},

		async getRunning() {
			const outcome = parseReadResult(await send({ method: 'GET', path: '/v1/pika/jobs' }));
			if (outcome.kind !== 'found') return outcome;
			return Array.isArray(outcome.body)
				? {
						kind: 'found',
						jobids: outcome.body.filter((id): id is string => typeof id === 'string'),
					}
				: { kind: 'unusable' };
		},

		// It changes state although it is a GET (pika-v1 section 4.3), so nothing here may repeat it.
		async cancel(jobid) {
			return parseReadResult(
				await send({ method: 'GET', path: '/v1/pika/jobs/cancel/', query: { jobid } }),
			);
		},
	};
}
