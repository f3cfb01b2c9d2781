// What useapi.net documents of the Pika v1 API, as data (docs/api-contract.md). In all files of this folder,
// "Guess:" marks what is not documented (docs/api-contract.md, "What the sandbox guesses").

export const ENDPOINTS = [
	'encrypt_image',
	'encrypt_text',
	'create',
	'animate',
	'button',
	'jobs/',
	'jobs',
	'jobs/cancel',
	'account',
	'v2/account',
	'attachments',
	'unknown',
] as const;
export type Endpoint = (typeof ENDPOINTS)[number];

export const JOB_STATUSES = [
	'created',
	'started',
	'moderated',
	'progress',
	'completed',
	'failed',
	'cancelled',
] as const;
export type JobStatus = (typeof JOB_STATUSES)[number];
export const TERMINAL_STATUSES = ['completed', 'failed', 'moderated', 'cancelled'] as const;
export type TerminalStatus = (typeof TERMINAL_STATUSES)[number];

export const DEFAULT_MAX_JOBS = 10;
export const MAX_CONCURRENT_JOBS = 10;
export const MAX_REPLY_LENGTH = 1024;
export const FONTS = ['MODERN', 'COMICS', 'SANS SERIF', 'BAUHAUS', 'RETRO'];

export const UNAUTHORIZED = 'Unauthorized';
export const NO_SUBSCRIPTION = 'Account has no subscription or subscription expired';
export const MODERATED = 'Sorry, your input may be inconsistent with server rules.';
export const INVALID_PARAMETER = 'Invalid parameter';
export const UNRECOGNIZED_SIZE = 'Unrecognized parameter(s): `size`';
export const JOBID_MISSING = 'Query param jobid not provided';
export const CONFIGURATION_NOT_FOUND = 'configuration not found';
export const REPLY_URL_TOO_LONG = 'replyUrl is too long';

/** The error of "Cancelling" in docs/api-contract.md. */
export function unableToLocate(jobid: string): string {
	return `Unable to locate job ${jobid}`;
}

export interface ErrorExtra {
	errorDetails?: string;
	executingJobs?: string[];
	jobid?: string;
	status?: JobStatus;
}

export interface ErrorBody extends ErrorExtra {
	error: string;
	code: number;
}

/** The format of all API errors: a flat object whose `code` equals the HTTP status. */
export function errorBody(code: number, error: string, extra: ErrorExtra = {}): ErrorBody {
	return { error, ...extra, code };
}

/** 429 because the channel is full. */
export function channelFullBody(maxJobs: number, executingJobs: string[]) {
	return errorBody(429, `Maximum of ${maxJobs} jobs executing in parallel supported`, {
		executingJobs,
	});
}

/** 429 because of Discord's own rate limit. `retry_after` is inside a string of JSON. */
export function discordLimitBody(retryAfterSeconds = 10) {
	const details = {
		global: true,
		message: 'You are being rate limited.',
		retry_after: retryAfterSeconds,
	};
	return errorBody(429, 'Discord /interactions failed with HTTP status 429', {
		errorDetails: JSON.stringify(details),
	});
}

export interface SubmissionRule {
	endpoint: Endpoint;
	verb: string;
	/** Required fields. Those that are also in `files` can be sent as a file. */
	required: string[];
	files: string[];
	/** Maximum length of each text, in characters. */
	maxLengths: Record<string, number>;
	missing: string;
	tooLong: string;
}

const replies = { replyUrl: MAX_REPLY_LENGTH, replyRef: MAX_REPLY_LENGTH };

/** The endpoints that create jobs (docs/api-contract.md, "Submissions"). */
export const SUBMISSION_RULES: SubmissionRule[] = [
	{
		endpoint: 'encrypt_image',
		verb: 'pika-encrypt_image',
		required: ['message', 'prompt'],
		files: ['message', 'image'],
		maxLengths: { prompt: 1500, ...replies },
		missing: 'message, prompt, discord or channel value is missing',
		tooLong: 'prompt, replyRef or replyUrl is too long',
	},
	// Guess: the error texts of the four rules below are not documented and follow those of encrypt_image.
	{
		endpoint: 'encrypt_text',
		verb: 'pika-encrypt_text',
		required: ['message', 'prompt'],
		files: ['image'],
		maxLengths: { message: 20, prompt: 1500, ...replies },
		missing: 'message, prompt, discord or channel value is missing',
		tooLong: 'message, prompt, replyRef or replyUrl is too long',
	},
	{
		endpoint: 'create',
		verb: 'pika-create',
		required: ['prompt'],
		files: ['image'],
		maxLengths: { prompt: 1500, ...replies },
		missing: 'prompt, discord or channel value is missing',
		tooLong: 'prompt, replyRef or replyUrl is too long',
	},
	{
		endpoint: 'animate',
		verb: 'pika-animate',
		required: ['image'],
		files: ['image'],
		maxLengths: { prompt: 1500, ...replies },
		missing: 'image, discord or channel value is missing',
		tooLong: 'prompt, replyRef or replyUrl is too long',
	},
	{
		// Guess: the verb of a job created by a button.
		endpoint: 'button',
		verb: 'pika-button',
		required: ['jobid', 'button'],
		files: [],
		maxLengths: replies,
		missing: 'jobid or button value is missing',
		tooLong: 'replyRef or replyUrl is too long',
	},
];

/** The documented endpoint of a path without its query. `jobs` and `jobs/` are different endpoints. */
export function endpointOf(path: string): Endpoint {
	if (path === '/v2/account') return 'v2/account';
	if (path.startsWith('/attachments/')) return 'attachments';
	if (path.startsWith('/v1/pika/account')) return 'account';
	if (path.startsWith('/v1/pika/jobs/cancel')) return 'jobs/cancel';
	return ENDPOINTS.find((endpoint) => path === `/v1/pika/${endpoint}`) ?? 'unknown';
}
