import type { Client, Submission } from '../api/client';
import type { SubmitOutcome } from '../api/outcomes';
import type { Claims } from './claims';
import type { Clock } from './clock';
import { MAXIMUM_CONNECTION_TRIES, reconnectDelay } from './backoff';
import type { ItemState, ItemStates } from './itemState';
import { findSubmittedJob } from './findSubmittedJob';

/** One item that wants a job. */
export interface PendingSubmission {
	item: number;
	submission: Submission;
	replyRef: string;
	isUniqueReplyRef: boolean;
	/** The channel whose slots it takes; empty where useapi.net picks one. */
	channel: string;
	/** How many jobs may run on that channel at the same time. */
	maxJobs: number;
	retryForMilliseconds: number;
	/** The execution whose resume URL is the job's replyUrl. */
	callbackTo?: string;
}

export interface RunContext {
	client: Client;
	states: ItemStates;
	claims: Claims;
	clock: Clock;
	signal?: AbortSignal;
}

function stateAfter(outcome: SubmitOutcome, wanted: PendingSubmission): ItemState {
	const { replyRef, isUniqueReplyRef, callbackTo } = wanted;
	const reference = { replyRef, isUniqueReplyRef };
	switch (outcome.kind) {
		case 'accepted':
			return { outcome: 'accepted', ...reference, jobid: outcome.job.jobid, callbackTo };
		case 'busy':
		case 'refused':
		case 'notSent':
			return { outcome: 'unsent', ...reference };
		case 'cutOff':
		case 'unknown':
		case 'cancelled':
			return { outcome: 'unknown', ...reference };
	}
}

async function send(
	wanted: PendingSubmission,
	{ client, claims, states }: RunContext,
): Promise<SubmitOutcome> {
	// Saved before the request leaves: whoever finds this state knows that a job may exist.
	const { replyRef, isUniqueReplyRef } = wanted;
	states.set(wanted.item, { outcome: 'unknown', replyRef, isUniqueReplyRef });
	const outcome = await claims.during(wanted.submission, client.submit(wanted.submission));
	if (outcome.kind === 'accepted') claims.claim(outcome.job.jobid);
	states.set(wanted.item, stateAfter(outcome, wanted));
	return outcome;
}

async function sendUntilItArrives(
	wanted: PendingSubmission,
	tools: RunContext,
): Promise<SubmitOutcome> {
	const { clock, signal } = tools;
	for (let tries = 1; ; tries++) {
		const outcome = await send(wanted, tools);
		if (outcome.kind !== 'notSent' || tries === MAXIMUM_CONNECTION_TRIES) return outcome;
		await clock.pause(reconnectDelay(clock.random(), tries), signal);
		if (signal?.aborted) return outcome;
	}
}

type Accepted = Extract<SubmitOutcome, { kind: 'accepted' }>;

export type Deferred = Extract<SubmitOutcome, { kind: 'busy' | 'cutOff' }>;

/** Whether the same submission may be tried again later, because it made no job. */
export function isDeferred(outcome: SubmitOutcome): outcome is Deferred {
	return outcome.kind === 'busy' || outcome.kind === 'cutOff';
}

/** Adopts the job of a submission whose outcome is unknown; undefined where none is found. */
export async function recoverJob(
	wanted: PendingSubmission,
	tools: RunContext,
	jobid?: string,
): Promise<Accepted | undefined> {
	const { client, claims, clock, signal, states } = tools;
	const named = jobid && !claims.has(jobid) ? await client.getJob(jobid) : undefined;
	const job =
		named?.kind === 'found' && claims.claim(named.job.jobid)
			? named.job
			: await findSubmittedJob(wanted, client, claims, clock, signal);
	if (!job) return undefined;
	const outcome = { kind: 'accepted', job } as const;
	states.set(wanted.item, stateAfter(outcome, wanted));
	return outcome;
}

/**
 * Submits one item at most once. A connection that never got through is tried again; an unknown outcome is
 * looked up and never sent again. What is put off (`busy`, or `cutOff` where no job was found) is the caller's affair.
 */
export async function submit(wanted: PendingSubmission, tools: RunContext): Promise<SubmitOutcome> {
	const outcome = await sendUntilItArrives(wanted, tools);
	if (outcome.kind !== 'unknown' && outcome.kind !== 'cutOff') return outcome;
	const adopted = await recoverJob(wanted, tools, 'jobid' in outcome ? outcome.jobid : undefined);
	if (adopted || outcome.kind === 'unknown' || tools.signal?.aborted) return adopted ?? outcome;
	const { replyRef, isUniqueReplyRef } = wanted;
	tools.states.set(wanted.item, { outcome: 'unsent', replyRef, isUniqueReplyRef });
	return outcome;
}
