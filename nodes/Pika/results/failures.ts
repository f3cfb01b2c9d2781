import type { Job, JobWithId } from '../api/job';
import type { SubmitOutcome } from '../api/outcomes';
import { type ApiError, errorText } from '../api/apiError';
import { sanitizeText } from '../api/sanitizeText';

/** Why an item has no result, in plain values: for an error, or for an item that goes on. */
export interface Failure {
	/** What happened, with the API's own words. */
	message: string;
	/** What to do next. */
	description: string;
	httpStatus?: number;
	jobid?: string;
	status?: string;
	replyRef?: string;
	/** True where nobody knows whether there is a job. */
	mayExist?: boolean;
	/** True where the waiting ended before the job did. */
	timedOut?: boolean;
}

const WITHDRAWN =
	'useapi.net has announced that it withdrew its Pika API. Check the base URL in the credential: for trying workflows it is the URL that the sandbox prints.';

const NEXT_STEPS: Record<number, string> = {
	400: 'Correct the field that the answer names, then execute the node again.',
	401: 'Open the credential and paste the whole API token, including "user:".',
	402: 'Renew the subscription of your useapi.net account, then execute the node again.',
	404: 'Check the ID. useapi.net keeps jobs for at least 31 days.',
	422: 'Change the prompt or the image, then execute the node again.',
	429: 'Run fewer jobs at the same time on this channel, or raise "Keep Retrying For".',
};

const NEXT_STEP_AFTER_END = {
	moderated:
		'Change the prompt or the image, then start a new execution. Retrying this execution returns to the same job.',
	cancelled:
		'Start a new execution to make the video. Retrying this execution returns to the same job.',
	failed: 'Start a new execution to try again. Retrying this execution returns to the same job.',
};

function nextStepAfter(end: string): string {
	if (end === 'moderated' || end === 'cancelled') return NEXT_STEP_AFTER_END[end];
	return NEXT_STEP_AFTER_END.failed;
}

function nextStep({ httpStatus, isDocumentedShape }: ApiError): string {
	const step = NEXT_STEPS[httpStatus];
	if (!isDocumentedShape) return step ? `${step} ${WITHDRAWN}` : WITHDRAWN;
	return step ?? 'Look at the words of the answer, and at the status of useapi.net.';
}

function ofJob(job: Job): string {
	return job.jobid ? ` (job ${sanitizeText(job.jobid)})` : '';
}

/** An answer that says no. */
export function refusalFailure(refusal: ApiError, replyRef?: string): Failure {
	const { httpStatus, text, job } = refusal;
	return {
		message: `The Pika API answered ${httpStatus}: ${text}${ofJob(job)}`,
		description: nextStep(refusal),
		httpStatus,
		jobid: job.jobid,
		status: job.status,
		replyRef,
	};
}

/** A job that exists and has no video: it ended failed, moderated or cancelled. */
export function unsuccessfulFailure(job: Job, replyRef?: string): Failure {
	const words = job.error ? `: ${errorText(job)}` : '';
	const end = sanitizeText(job.status ?? 'without a status');
	return {
		message: `The Pika job ended ${end}${words}${ofJob(job)}`,
		description: nextStepAfter(end),
		httpStatus: typeof job.code === 'number' && job.code >= 400 ? job.code : undefined,
		jobid: job.jobid,
		status: job.status,
		replyRef: replyRef ?? job.replyRef,
	};
}

/** A job that the API does not show: it refuses to, or it does not know it any longer. */
export function unreadableFailure(jobid: string, refusal: ApiError, replyRef?: string): Failure {
	return { ...refusalFailure(refusal, replyRef), jobid, message: unreadable(jobid, refusal) };
}

/** A job that could not be asked for, because the API gave no usable answer. */
export function unansweredFailure(jobid: string, replyRef?: string): Failure {
	return {
		message: `The Pika job ${jobid} could not be read: the API gave no usable answer`,
		description: 'The job itself is not touched. Read it later with the operation Job: Get.',
		jobid,
		replyRef,
	};
}

function unreadable(jobid: string, { httpStatus, text }: ApiError): string {
	return `The Pika job ${sanitizeText(jobid)} cannot be read, the API answered ${httpStatus}: ${text}`;
}

/** A job that had not ended when the waiting was over. It goes on at useapi.net. */
export function timedOutFailure(
	jobid: string,
	waitLimitMilliseconds: number,
	job?: Job,
	replyRef?: string,
): Failure {
	const minutes = Number((waitLimitMilliseconds / 60_000).toFixed(2));
	const status = sanitizeText(job?.status ?? 'unknown');
	return {
		message: `The Pika job ${sanitizeText(jobid)} has not ended within ${minutes} minutes, its last status is ${status}`,
		description: `The job goes on at useapi.net. Raise "Wait Limit", or fetch the job later with the operation Job: Get. If useapi.net should have called back: its callbacks must reach this n8n from outside, with the query of the URL kept.`,
		jobid,
		status,
		replyRef,
		timedOut: true,
	};
}

/** An item that got no slot while the node waited for others. */
export function neverSubmittedFailure(replyRef?: string): Failure {
	return {
		message: 'The job was not submitted, because no slot of the channel became free in time',
		description: 'Raise "Wait Limit" or run fewer items at the same time.',
		replyRef,
		timedOut: true,
	};
}

/** A video that could not be fetched; its job is fine. */
export function downloadFailure(job: JobWithId, reason: string, replyRef?: string): Failure {
	return {
		message: `The video of the Pika job ${job.jobid} could not be downloaded: ${reason}`,
		description:
			'Links to videos expire. Download soon after a job has ended; the operation Job: Get with "Download Video" tries once more.',
		jobid: job.jobid,
		status: job.status,
		replyRef,
	};
}

function stepsToReach(reason: string): string {
	return reason.startsWith('SsrfBlocked')
		? "This n8n blocks requests into private networks. If the credential's base URL is right, allow its host in n8n's environment with N8N_SSRF_ALLOWED_HOSTNAMES or N8N_SSRF_ALLOWED_IP_RANGES."
		: 'Check the base URL in the credential, and the network of this n8n.';
}

/** A request that got no usable answer. */
export function unreachableFailure(reason: string): Failure {
	return {
		message: `The Pika API gave no usable answer: ${reason}`,
		description: `${stepsToReach(reason)} It was not asked again.`,
	};
}

/** A submission without a job, for every way in which that can happen. */
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
				description: stepsToReach(outcome.reason),
				replyRef,
			};
		case 'cutOff':
			return {
				message: `The connection broke off before the Pika API had the whole upload: ${outcome.reason}. Nothing was submitted`,
				description:
					'The API closes uploads that it does not take, for example while the channel is full. Run fewer jobs at the same time on this channel, raise "Keep Retrying For", or try a smaller image.',
				replyRef,
			};
		case 'unknown':
			return {
				message: `The job may have been submitted, but no usable answer came: ${outcome.reason}`,
				description: `It was not sent again, so that it is not made twice. Look for the reply reference ${replyRef} among your jobs before you start a new execution.`,
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
