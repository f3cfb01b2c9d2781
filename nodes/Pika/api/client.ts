import { type JobWithId, parseJob } from './job';
import type { FilePart } from './multipart';
import {
	type ReadOutcome,
	type SubmitOutcome,
	parseReadResult,
	parseSubmitResult,
} from './outcomes';
import type { Send } from './request';
import type { Credentials } from './credentials';

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

export type JobOutcome =
	| { kind: 'found'; job: JobWithId }
	| Exclude<ReadOutcome, { kind: 'found' }>;
export type RunningOutcome =
	| { kind: 'found'; jobids: string[] }
	| Exclude<ReadOutcome, { kind: 'found' }>;

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
			);
		},

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
				: { kind: 'unreachable', reason: 'the answer is no list of jobs' };
		},

		// It changes state although it is a GET (pika-v1 section 4.3), so nothing here may repeat it.
		async cancel(jobid) {
			return parseReadResult(
				await send({ method: 'GET', path: '/v1/pika/jobs/cancel/', query: { jobid } }),
			);
		},
	};
}
