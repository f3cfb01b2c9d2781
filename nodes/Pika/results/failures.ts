import type { NoVideo } from '../api/download';
import type { Job, JobWithId } from '../api/job';
import type { SubmitOutcome, Unfound, Unreachable } from '../api/outcomes';
import type { RequestKind } from '../api/request';
import { type ApiError, errorText } from '../api/apiError';
import { sanitizeText } from '../api/sanitizeText';
import { adviceAfterAnswer, adviceAfterDownload, adviceAfterFailure } from './advice';

/** Why an item has no job to output, as plain data, from which an error or an output item is made. */
export interface Failure {
	/** What happened, including the API's own words. */
	message: string;
	description: string;
	httpStatus?: number;
	jobid?: string;
	status?: string;
	replyRef?: string;
	/** True if it is not known whether there is a job. */
	mayExist?: boolean;
	/** True if the wait limit passed before the job ended. */
	timedOut?: boolean;
}

const NEW_JOB = 'execute the node again with only this item, which submits a new job.';

const SAME_JOB = '"Retry" in the list of executions goes back to the same job.';

const NEXT_STEP_AFTER_END = {
	moderated: `Change the prompt or the image, or whatever else the message names, then ${NEW_JOB}`,
	cancelled: `To make the video, ${NEW_JOB} ${SAME_JOB}`,
	failed: `To try again, ${NEW_JOB} ${SAME_JOB}`,
};

function nextStepAfter(end: string): string {
	if (end === 'moderated' || end === 'cancelled') return NEXT_STEP_AFTER_END[end];
	return NEXT_STEP_AFTER_END.failed;
}

const END_SENTENCE = {
	failed: 'The Pika job failed',
	moderated: 'The Pika job was rejected (moderated)',
	cancelled: 'The Pika job was cancelled',
};

function endSentence(end: string): string {
	if (end === 'failed' || end === 'moderated' || end === 'cancelled') return END_SENTENCE[end];
	return `The Pika job ended with the status "${sanitizeText(end)}"`;
}

function ofJob(job: Job): string {
	return job.jobid ? ` (job ${sanitizeText(job.jobid)})` : '';
}

/** The API refused the request. */
export function refusalFailure(refusal: ApiError, replyRef?: string): Failure {
	const { httpStatus, text, job } = refusal;
	return {
		message: `The Pika API answered ${httpStatus}: ${text}${ofJob(job)}`,
		description: adviceAfterAnswer(refusal),
		httpStatus,
		jobid: job.jobid,
		status: job.status,
		replyRef,
	};
}

/** The error code in the record of a job, which may be a number or text. */
function codeOf({ code }: Job): number | undefined {
	const status = typeof code === 'string' && /^\d{3}$/.test(code) ? Number(code) : code;
	return typeof status === 'number' && status >= 400 ? status : undefined;
}

/** The job ended without a video: failed, moderated or cancelled. */
export function unsuccessfulFailure(job: Job, replyRef?: string): Failure {
	const words = job.error ? `: ${errorText(job)}` : '';
	const end = job.status ?? '';
	return {
		message: `${endSentence(end)}${words}${ofJob(job)}`,
		description: nextStepAfter(end),
		httpStatus: codeOf(job),
		jobid: job.jobid,
		status: job.status,
		replyRef: replyRef ?? job.replyRef,
	};
}

/** The API refuses to return the job, or no longer knows it. */
export function unreadableFailure(jobid: string, refusal: ApiError, replyRef?: string): Failure {
	return { ...refusalFailure(refusal, replyRef), jobid, message: unreadable(jobid, refusal) };
}

/** The job could not be read, because the API gave no usable answer. `outcome` says what came instead, if known. */
export function unansweredFailure(
	jobid: string,
	replyRef?: string,
	outcome?: Unreachable,
): Failure {
	const words = outcome ? `: ${outcome.reason}` : '';
	return {
		message: `The Pika job ${sanitizeText(jobid)} could not be read: the API gave no usable answer${words}`,
		description: 'The job itself is not affected. Get it later with the operation Job: Get.',
		jobid,
		replyRef,
	};
}

function unreadable(jobid: string, { httpStatus, text }: ApiError): string {
	return `The Pika job ${sanitizeText(jobid)} cannot be read, the API answered ${httpStatus}: ${text}`;
}

/** The job had not been seen to end when the wait limit passed. If its callback was lost, it may have ended. */
export function timedOutFailure(
	jobid: string,
	waitLimitMilliseconds: number,
	job?: Job,
	replyRef?: string,
): Failure {
	const minutes = Number((waitLimitMilliseconds / 60_000).toFixed(2));
	const duration = `${minutes} ${minutes === 1 ? 'minute' : 'minutes'}`;
	const status = sanitizeText(job?.status ?? 'unknown');
	return {
		message: `The Pika job ${sanitizeText(jobid)} had not ended after ${duration}; its last known status was "${status}"`,
		description:
			'The job continues, or has ended meanwhile: fetch it with Job: Get in another workflow. A new execution would submit a new job. If such jobs take longer, raise "Limit Wait Time".',
		jobid,
		status,
		replyRef,
		timedOut: true,
	};
}

/** The item got no slot while the node waited for others. */
export function neverSubmittedFailure(replyRef?: string): Failure {
	return {
		message: 'The job was not submitted, because no slot of the channel became free in time',
		description: 'Raise "Limit Wait Time" or run fewer items at the same time.',
		replyRef,
		timedOut: true,
	};
}

/** The video could not be downloaded, although its job has completed. */
export function downloadFailure(job: JobWithId, outcome: NoVideo, replyRef?: string): Failure {
	return {
		message: `The video of the Pika job ${sanitizeText(job.jobid)} could not be downloaded: ${outcome.reason}`,
		description: adviceAfterDownload(outcome),
		jobid: job.jobid,
		status: job.status,
		replyRef,
	};
}

/** For a change without a usable answer: its state, and the operation that shows it. */
const AFTER_CHANGE = {
	cancel: 'Whether the job was cancelled is not known: Job: Get shows it.',
	account: 'Whether the change was made is not known: Account: Get Many shows it.',
};

function afterNoAnswer(
	{ reason, refusal, isNeverSent }: Unreachable,
	request: RequestKind,
): string {
	const advice = refusal ? adviceAfterAnswer(refusal) : adviceAfterFailure(reason);
	if (request !== 'cancel' && request !== 'account') return advice;
	return `${advice} ${isNeverSent ? 'Nothing was changed.' : AFTER_CHANGE[request]}`;
}

/** A request that does not create a job got no usable answer. */
export function unreachableFailure(outcome: Unreachable, request: RequestKind): Failure {
	return {
		message: `The Pika API gave no usable answer: ${outcome.reason}`,
		description: afterNoAnswer(outcome, request),
		httpStatus: outcome.refusal?.httpStatus,
	};
}

/** Every way in which a request that does not create a job can fail. */
export function unfoundFailure(outcome: Unfound, request: RequestKind): Failure {
	switch (outcome.kind) {
		case 'refused':
			return refusalFailure(outcome.refusal);
		case 'unreachable':
			return unreachableFailure(outcome, request);
		case 'cancelled': {
			const reason = 'the execution was canceled';
			return unreachableFailure({ kind: 'unreachable', reason }, request);
		}
	}
}

/** Every way in which a submission can fail to give a known job. */
export function submissionFailure(
	outcome: Exclude<SubmitOutcome, { kind: 'accepted' }>,
	replyRef: string,
): Failure {
	switch (outcome.kind) {
		case 'refused':
		case 'busy':
			return refusalFailure(outcome.refusal, replyRef);
		case 'notSent':
			return {
				message: `The Pika API could not be reached: ${outcome.reason}. Nothing was submitted`,
				description: adviceAfterFailure(outcome.reason),
				replyRef,
			};
		case 'uploadAborted':
			return {
				message: `The connection broke off before the Pika API had the whole upload: ${outcome.reason}. Nothing was submitted`,
				description:
					'The API closes uploads that it does not accept, for example while the channel is full. Run fewer jobs at the same time on this channel, raise "Keep Retrying For", or try a smaller image.',
				replyRef,
			};
		case 'unknown':
			return {
				message: `The job may have been submitted, but no usable answer came: ${outcome.reason}`,
				description: `It was not sent again, so that the job is not created twice. Look for the reply reference ${replyRef} among your jobs before you start a new execution: Job: Get Many lists the running ones.`,
				httpStatus: outcome.refusal?.httpStatus,
				jobid: outcome.jobid,
				replyRef,
				mayExist: true,
			};
		case 'cancelled':
			return {
				message: 'The execution was stopped before the Pika API answered',
				description: `The job may have been submitted with the reply reference ${replyRef}.`,
				replyRef,
				mayExist: true,
			};
	}
}
