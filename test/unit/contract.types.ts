/** Read by the type checker alone: every line below an expectation must not compile. */
import type { Client } from '../../nodes/Pika/api/client';
import type { Submission } from '../../nodes/Pika/api/submission';
import type { TerminalStatus } from '../../nodes/Pika/api/job';
import type { ReadOutcome, SubmitOutcome } from '../../nodes/Pika/api/outcomes';
import type { ItemState } from '../../nodes/Pika/jobs/itemState';
import { operations } from '../../nodes/Pika/resources/video';

const plain = { fields: {}, files: {}, channel: '' };

export const knownEndpoint: Submission = { endpoint: 'encrypt_image', ...plain };
// @ts-expect-error: an endpoint that the API does not have
export const unknownEndpoint: Submission = { endpoint: 'encrypt_video', ...plain };

export const known = operations.encryptImage;
// @ts-expect-error: an operation that is not in the table
export const unknownOperation = operations.encryptVideo;

export function everyBranch(outcome: SubmitOutcome): string {
	switch (outcome.kind) {
		case 'accepted':
			return outcome.job.jobid;
		case 'busy':
		case 'refused':
			return outcome.refusal.text;
		case 'notSent':
		case 'uploadAborted':
		case 'unknown':
			return outcome.reason;
		case 'cancelled':
			return '';
	}
}

// @ts-expect-error: the branch for an unknown outcome is missing
export function missingBranch(outcome: SubmitOutcome): string {
	switch (outcome.kind) {
		case 'accepted':
		case 'busy':
		case 'refused':
		case 'notSent':
		case 'uploadAborted':
		case 'cancelled':
			return '';
	}
}

// @ts-expect-error: the branch for an API that cannot be reached is missing
export function missingReadBranch(outcome: ReadOutcome): string {
	switch (outcome.kind) {
		case 'found':
		case 'refused':
		case 'cancelled':
			return '';
	}
}

export function uncheckedJob(outcome: SubmitOutcome): string {
	// @ts-expect-error: only an accepted submission has a job
	return outcome.job.jobid;
}

export async function unreadJob(client: Client): Promise<string> {
	const outcome = await client.getJob('job-1');
	// @ts-expect-error: only a job that was found can be used
	return outcome.job.jobid;
}

export const terminal: TerminalStatus = 'completed';
// @ts-expect-error: this status does not end a job
export const running: TerminalStatus = 'started';
// @ts-expect-error: no such status
export const misspelt: TerminalStatus = 'canceled';

// @ts-expect-error: an item is unsent, unknown or accepted
export const lost: ItemState = { outcome: 'lost', replyRef: 'ref' };

// @ts-expect-error: an accepted job has an id
export const withoutId: SubmitOutcome = { kind: 'accepted', job: { status: 'started' } };
