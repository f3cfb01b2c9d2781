import type { AccountsOutcome } from '../../../nodes/Pika/api/accounts';
import type { ApiError } from '../../../nodes/Pika/api/apiError';
import type { Client, JobOutcome, RunningOutcome } from '../../../nodes/Pika/api/client';
import type { JobWithId } from '../../../nodes/Pika/api/job';
import type { SubmitOutcome } from '../../../nodes/Pika/api/outcomes';
import { type Submission, sentFields, slotRequestOf } from '../../../nodes/Pika/api/submission';
import { Claims } from '../../../nodes/Pika/jobs/claims';
import { createItemStates, type ItemState } from '../../../nodes/Pika/jobs/itemState';
import type { JobItem, PendingItem, PendingSubmission } from '../../../nodes/Pika/jobs/jobItem';
import type { RunParts, RunPlan } from '../../../nodes/Pika/jobs/runPlan';
import { ChannelLimiter } from '../../../nodes/Pika/jobs/limiter';
import { Reads } from '../../../nodes/Pika/jobs/reads';
import type { RunContext } from '../../../nodes/Pika/jobs/runContext';
import { ControlledClock } from './controlledClock';

export const MINUTE = 60_000;
export const EXECUTION = 'execution-1';

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
export const uploadAborted: SubmitOutcome = { kind: 'uploadAborted', reason: 'EPIPE' };

export const found = (
	jobid: string,
	status = 'started',
	job: Partial<JobWithId> = {},
): JobOutcome => ({
	kind: 'found',
	job: { ...job, jobid, status },
});

export const running = (...jobids: string[]): RunningOutcome => ({ kind: 'found', jobids });

interface PendingChanges extends Partial<PendingSubmission> {
	fields?: Record<string, string>;
	channel?: string;
}

/** A pending item with the shape that the operations give it. */
export function pendingItem(item: number, changes: PendingChanges = {}): PendingItem {
	const { fields, channel = '', ...rest } = changes;
	const replyRef = rest.replyRef ?? `ref-${item}`;
	return {
		item,
		replyRef,
		waitLimitMilliseconds: 30 * MINUTE,
		outputBinaryField: 'video',
		cancelOnStop: false,
		pending: {
			submission: {
				endpoint: 'encrypt_image',
				fields: { prompt: 'waves', maxJobs: '10', replyRef, ...fields },
				files: {},
				channel,
			},
			replyRef,
			isUniqueReplyRef: true,
			fingerprint: `print-${item}`,
			retryForMilliseconds: 15 * MINUTE,
			...rest,
		},
	};
}

export function pendingItems(count: number, changes: PendingChanges = {}): PendingItem[] {
	return Array.from({ length: count }, (_, item) => pendingItem(item, changes));
}

/** An item whose job is known from the start. */
export function knownItem(item: number, jobid: string, changes: Partial<JobItem> = {}): JobItem {
	return { ...pendingItem(item), pending: undefined, jobid, ...changes };
}

export interface FakeRun {
	parts: RunParts;
	plan: RunPlan;
	clock: ControlledClock;
	/** The reply references that were submitted, and what was read: in the order of the requests. */
	requests: string[];
	submissions: () => string[];
	saved: (item: number) => ItemState | undefined;
}

interface Answers {
	submit?: (
		submission: Submission,
		clock: ControlledClock,
	) => SubmitOutcome | Promise<SubmitOutcome>;
	getJob?: (jobid: string, clock: ControlledClock) => JobOutcome | Promise<JobOutcome>;
	getRunning?: (clock: ControlledClock) => RunningOutcome | Promise<RunningOutcome>;
	accounts?: () => AccountsOutcome;
	signal?: AbortSignal;
	completion?: RunPlan['completion'];
	channels?: RunPlan['channels'];
	/** Job IDs that the execution holds already. */
	claims?: string[];
}

/** The parts of a run around a client that responds as the test requires. */
export function fakeRun(answers: Answers = {}): FakeRun {
	const clock = new ControlledClock();
	const requests: string[] = [];
	const states = createItemStates({}, 0);
	const client: Client = {
		async submit(submission) {
			requests.push(`submit ${submission.fields.replyRef ?? ''}`);
			return (await answers.submit?.(submission, clock)) ?? refused;
		},
		sentFields: (submission) => sentFields(submission, {}),
		slotRequestOf: (submission) => slotRequestOf(submission, {}),
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
			return (await answers.getRunning?.(clock)) ?? running();
		},
		async cancel(jobid) {
			requests.push(`cancel ${jobid}`);
			return { kind: 'found', body: { jobid, status: 'cancelled', code: 200 } };
		},
	};
	const accounts = {
		async getMany() {
			requests.push('accounts');
			return answers.accounts?.() ?? { kind: 'found' as const, accounts: [] };
		},
	};
	return {
		parts: {
			client,
			states,
			claims: new Claims(Object.fromEntries((answers.claims ?? []).map((jobid) => [jobid, true]))),
			clock,
			executionId: EXECUTION,
			signal: answers.signal,
		},
		plan: {
			completion: answers.completion ?? 'off',
			finish: async ({ job }) => job && { kind: 'job', job },
			accounts,
			channels: answers.channels,
		},
		clock,
		requests,
		submissions: () => requests.filter((request) => request.startsWith('submit')),
		saved: (item) => states.get(item),
	};
}

/** What the runner passes to the parts of a run. */
export function contextOf({ parts }: FakeRun): RunContext {
	const { signal = new AbortController().signal } = parts;
	const reads = new Reads(parts.client, parts.clock, signal);
	return { ...parts, reads, uploads: new ChannelLimiter(10), signal };
}

/** The pauses of a run without the ends of its wait limits and of Keep Retrying For, which are minutes away. */
export function shortPauses({ clock }: FakeRun): number[] {
	return clock.pauses.filter((milliseconds) => milliseconds < MINUTE);
}

/** Responses in turn; the last one stays. */
export function inTurn<Answer>(...answers: [Answer, ...Answer[]]): () => Answer {
	let next = 0;
	return () => answers[Math.min(next++, answers.length - 1)] ?? answers[0];
}
