import {
	INVALID_PARAMETER,
	MODERATED,
	UNRECOGNIZED_SIZE,
	type TerminalStatus,
} from './contract.cts';

export interface SubmissionError {
	error: string;
	errorDetails?: string;
}

export interface Ending {
	status: TerminalStatus;
	error?: string;
	errorDetails?: string;
}

/** Words in a prompt that only the sandbox understands, as `--help` shows them. */
export const MAGIC_WORDS: readonly (readonly [word: string, meaning: string])[] = [
	['[moderate]', 'the submission is rejected with 422 as moderated'],
	['[invalid]', 'the submission is rejected with 422 "Invalid parameter"'],
	['[fail]', 'the job is accepted and ends as failed'],
	['[moderated]', 'the job is accepted and ends as moderated'],
	['[cancel]', 'the job is accepted and ends as cancelled'],
	['[no-callback]', 'no callback is sent for the job, as if it had been lost'],
	['[seconds=3]', 'the job takes 3 seconds; fractions are allowed'],
];

/** The error if a submission with this prompt is rejected with 422. */
export function submissionErrorOf(prompt: string): SubmissionError | undefined {
	if (prompt.includes('[moderate]')) return { error: MODERATED };
	if (!prompt.includes('[invalid]')) return undefined;
	return { error: INVALID_PARAMETER, errorDetails: UNRECOGNIZED_SIZE };
}

/** How a job with this prompt ends. */
export function endingOf(prompt: string): Ending {
	if (prompt.includes('[fail]')) return endingFor('failed');
	if (prompt.includes('[moderated]')) return endingFor('moderated');
	return { status: prompt.includes('[cancel]') ? 'cancelled' : 'completed' };
}

/** What the record of a job contains after it has ended with this status. Guess: the texts of a failed job. */
export function endingFor(status: TerminalStatus): Ending {
	if (status === 'moderated') return { status, error: MODERATED };
	if (status !== 'failed') return { status };
	return {
		status,
		error: 'Job failed',
		errorDetails: 'The sandbox was asked to let this job fail',
	};
}

/** Whether no callback is sent for a job with this prompt. */
export function dropsCallback(prompt: string): boolean {
	return prompt.includes('[no-callback]');
}

/** How many seconds a job with this prompt takes; undefined if the prompt does not say. */
export function secondsOf(prompt: string): number | undefined {
	const found = /\[seconds=(\d+(?:\.\d+)?)\]/.exec(prompt);
	return found ? Number(found[1]) : undefined;
}
