import type { Client } from '../api/client';
import type { JobWithId } from '../api/job';
import type { SubmitOutcome } from '../api/outcomes';
import { MAXIMUM_CONNECTION_TRIES, reconnectDelay } from './backoff';
import type { ItemState, PossiblySubmitted } from './itemState';
import type { PendingItem } from './jobItem';
import type { SubmissionQuery } from './jobMatch';
import type { RunContext } from './runContext';
import type { SearchOutcome, SubmittedJobs } from './submittedJobs';

type Accepted = Extract<SubmitOutcome, { kind: 'accepted' }>;

export type Deferred = Extract<SubmitOutcome, { kind: 'busy' | 'uploadAborted' }>;

/** Whether the caller may submit the item again later. */
export function isDeferred(outcome: SubmitOutcome): outcome is Deferred {
	return outcome.kind === 'busy' || outcome.kind === 'uploadAborted';
}

/** Saves the outcome of a submission for later attempts. */
function save({ item, pending }: PendingItem, context: RunContext, outcome: Outcome): void {
	const { replyRef, isUniqueReplyRef, fingerprint } = pending;
	const { executionId, states } = context;
	states.set(item, { replyRef, isUniqueReplyRef, fingerprint, executionId, ...outcome });
}

type Outcome =
	| { outcome: 'unsent' }
	| PossiblySubmitted
	| Pick<Extract<ItemState, { outcome: 'accepted' }>, 'outcome' | 'jobid' | 'callbackTo'>;

/** Records that the item has this job. Its callback is awaited only if its record contains the resume URL of this execution. */
function accept(item: PendingItem, job: JobWithId, context: RunContext): Accepted {
	const { submission, callbackTo } = item.pending;
	if (job.replyUrl === submission.fields.replyUrl) item.callbackTo = callbackTo;
	save(item, context, { outcome: 'accepted', jobid: job.jobid, callbackTo: item.callbackTo });
	return { kind: 'accepted', job };
}

function repeatedReason({ jobid }: JobWithId): string {
	return `the API named the job ${jobid}, which another item has`;
}

async function send(item: PendingItem, context: RunContext): Promise<SubmitOutcome> {
	const { claims, client, clock, signal } = context;
	if (signal.aborted) return { kind: 'cancelled' };
	const { submission, replyRef } = item.pending;
	const { replyUrl } = client.sentFields(submission);
	const unknown = { outcome: 'unknown', sentAt: clock.now(), replyUrl } as const;
	// Saved before the request is sent, so that a later attempt knows that a job may exist.
	save(item, context, unknown);
	const outcome = await claims.during(replyRef, client.submit(submission));
	switch (outcome.kind) {
		case 'accepted':
			if (claims.claim(outcome.job.jobid)) return accept(item, outcome.job, context);
			return { kind: 'unknown', reason: repeatedReason(outcome.job) };
		case 'busy':
		case 'refused':
		case 'notSent':
			save(item, context, { outcome: 'unsent' });
			return outcome;
		case 'unknown':
			save(item, context, { ...unknown, jobid: outcome.jobid });
			return outcome;
		case 'uploadAborted':
		case 'cancelled':
			return outcome;
	}
}

interface Sent {
	outcome: SubmitOutcome;
	/** The number of lists of running jobs read before the request was sent. */
	listsBefore: number;
}

async function sendUntilItArrives(
	item: PendingItem,
	context: RunContext,
	{ runningJobs }: SubmittedJobs,
): Promise<Sent> {
	const { client, clock, signal, uploads } = context;
	const { channel } = client.slotRequestOf(item.pending.submission);
	for (let tries = 1; ; tries++) {
		const sent = await uploads.run(channel, async () => {
			const listsBefore = runningJobs.lists;
			return { listsBefore, outcome: await send(item, context) };
		});
		if (sent.outcome.kind !== 'notSent' || tries === MAXIMUM_CONNECTION_TRIES) return sent;
		await clock.pause(reconnectDelay(clock.random(), tries), signal);
		if (signal.aborted) return sent;
	}
}

/** Describes the job of an item that may have been submitted, with the text fields as `client` sends them. */
export function queryOf(
	{ pending: { submission, isUniqueReplyRef } }: PendingItem,
	{ sentAt, sentUntil, replyUrl = '' }: PossiblySubmitted,
	client: Pick<Client, 'sentFields'>,
): SubmissionQuery {
	const { endpoint, files } = submission;
	const fields = { ...client.sentFields(submission), replyUrl };
	return { endpoint, fields, files, isUniqueReplyRef, sentAt, sentUntil };
}

/** Finds the job of an item that may have been submitted: by the ID that an error named, or among the running jobs. */
export async function recoverJob(
	item: PendingItem,
	sent: PossiblySubmitted,
	context: RunContext,
	submittedJobs: SubmittedJobs,
	listsBefore?: number,
): Promise<Accepted | Exclude<SearchOutcome, { kind: 'found' }>> {
	const { claims, client, reads } = context;
	const { jobid } = sent;
	// A Stop may give the item a job, and end its pending submission, during the next read.
	const query = queryOf(item, sent, client);
	if (jobid && !claims.has(jobid)) {
		const named = await reads.jobWithRetries(jobid);
		if (named.kind === 'found' && claims.claim(jobid)) return accept(item, named.job, context);
	}
	const found = await submittedJobs.find({ ...query, listsBefore });
	return found.kind === 'found' ? accept(item, found.job, context) : found;
}

/**
 * Creates at most one job for an item. Sends again only if nothing was sent. An unknown outcome is looked up and never sent
 * again. Deferred submissions (`busy`, or `uploadAborted` if there is certainly no job) are for the caller to retry.
 */
export async function submit(
	item: PendingItem,
	context: RunContext,
	submittedJobs: SubmittedJobs,
): Promise<SubmitOutcome> {
	const { outcome, listsBefore } = await sendUntilItArrives(item, context, submittedJobs);
	if (outcome.kind !== 'unknown' && outcome.kind !== 'uploadAborted') return outcome;
	const state = context.states.get(item.item);
	if (state?.outcome !== 'unknown') return outcome;
	const recovered = await recoverJob(item, state, context, submittedJobs, listsBefore);
	if (recovered.kind === 'accepted') return recovered;
	if (outcome.kind === 'unknown') return outcome;
	if (recovered.kind === 'unsure') return { kind: 'unknown', reason: outcome.reason };
	save(item, context, { outcome: 'unsent' });
	return outcome;
}
