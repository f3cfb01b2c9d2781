import type {
	Client,
	JobOutcome,
	RunningOutcome,
	Submission,
} from '../../../nodes/Pika/api/client';
import type { JobWithId } from '../../../nodes/Pika/api/job';
import type { SubmitOutcome } from '../../../nodes/Pika/api/outcomes';
import type { ApiError } from '../../../nodes/Pika/api/apiError';
import { Claims } from '../../../nodes/Pika/jobs/claims';
import { createItemStates, type ItemState } from '../../../nodes/Pika/jobs/itemState';
import type { RunContext, PendingSubmission } from '../../../nodes/Pika/jobs/submit';
import { ControlledClock } from './controlledClock';

export const refusal = (httpStatus: number, text: string): ApiError => ({
	httpStatus,
	text,
	isDocumentedShape: true,
	job: {},
	request: 'submission',
});

export const accepted = (jobid: string, job: Partial<JobWithId> = {}): SubmitOutcome => ({
	kind: 'accepted',
	job: { status: 'started', ...job, jobid },
});

export const busy = (retryAfterSeconds?: number): SubmitOutcome => ({
	kind: 'busy',
	refusal: refusal(429, 'Maximum of 10 jobs executing in parallel supported'),
	isChannelFull: retryAfterSeconds === undefined,
	retryAfterSeconds,
});

export const refused: SubmitOutcome = {
	kind: 'refused',
	refusal: refusal(400, 'message is missing'),
};
export const notSent: SubmitOutcome = { kind: 'notSent', reason: 'ECONNREFUSED' };
export const unknown: SubmitOutcome = { kind: 'unknown', reason: 'ECONNRESET' };
export const cutOff: SubmitOutcome = { kind: 'cutOff', reason: 'EPIPE' };

/** An item with the shape that the operations give it. */
export function wanted(item: number, changes: Partial<PendingSubmission> = {}): PendingSubmission {
	const replyRef = changes.replyRef ?? `ref-${item}`;
	return {
		item,
		submission: {
			endpoint: 'encrypt_image',
			fields: { prompt: 'waves', replyRef },
			files: {},
			withDiscordToken: false,
		},
		replyRef,
		isUniqueReplyRef: true,
		channel: '',
		maxJobs: 10,
		retryForMilliseconds: 15 * 60_000,
		...changes,
	};
}

export interface FakeRun {
	tools: RunContext;
	clock: ControlledClock;
	/** The reply references that were submitted, and what was read: in the order of the requests. */
	requests: string[];
	saved: (item: number) => ItemState | undefined;
}

interface Answers {
	submit?: (
		submission: Submission,
		clock: ControlledClock,
	) => SubmitOutcome | Promise<SubmitOutcome>;
	getJob?: (jobid: string, clock: ControlledClock) => JobOutcome | Promise<JobOutcome>;
	getRunning?: (clock: ControlledClock) => RunningOutcome | Promise<RunningOutcome>;
	signal?: AbortSignal;
}

/** The parts of a run around a client that answers what the test says. */
export function fakeRun(answers: Answers = {}): FakeRun {
	const clock = new ControlledClock();
	const requests: string[] = [];
	const states = createItemStates({}, 0);
	const client: Client = {
		async submit(submission) {
			requests.push(`submit ${submission.fields.replyRef ?? ''}`);
			return (await answers.submit?.(submission, clock)) ?? refused;
		},
		async getJob(jobid) {
			requests.push(`get ${jobid}`);
			const missing: JobOutcome = {
				kind: 'refused',
				refusal: refusal(404, 'Unable to locate job'),
			};
			return (await answers.getJob?.(jobid, clock)) ?? missing;
		},
		async getRunning() {
			requests.push('list');
			return (await answers.getRunning?.(clock)) ?? { kind: 'found', jobids: [] };
		},
		async cancel(jobid) {
			requests.push(`cancel ${jobid}`);
			return { kind: 'found', body: { jobid, status: 'cancelled', code: 200 } };
		},
	};
	const tools: RunContext = { client, states, claims: new Claims(), clock, signal: answers.signal };
	return { tools, clock, requests, saved: (item) => states.get(item) };
}

/** Answers that come one after the other; the last one stays. */
export function inTurn<Answer>(...answers: [Answer, ...Answer[]]): () => Answer {
	let next = 0;
	return () => answers[Math.min(next++, answers.length - 1)] ?? answers[0];
}
