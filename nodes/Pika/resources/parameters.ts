import { type IExecuteFunctions, NodeOperationError } from 'n8n-workflow';

import type { JobItem } from '../run/jobItem';

/** Longest texts that the API takes, in characters (encrypt_image.txt, Request Body). */
export const LONGEST = { prompt: 1500, replyUrl: 1024, replyRef: 1024 };

const DEFAULT_RETRY_MINUTES = 15;
const DEFAULT_WAIT_MINUTES = 30;
const MILLISECONDS_PER_MINUTE = 60_000;
const LONGEST_WAIT_MINUTES = 365 * 24 * 60;

/** The error of a parameter that the user must correct: what is wrong, and what to do. */
export function refuse(
	node: IExecuteFunctions,
	i: number,
	message: string,
	description: string,
): NodeOperationError {
	return new NodeOperationError(node.getNode(), message, { itemIndex: i, description });
}

/** An expression can give any type, and nothing. */
function textOf(value: unknown): string {
	return value === undefined || value === null ? '' : String(value);
}

/** Counts characters, not UTF-16 units: how the API counts is not documented, and so nothing is refused that it might take. */
export function checkLength(
	node: IExecuteFunctions,
	i: number,
	displayName: string,
	text: string,
	longest: number,
): void {
	const length = [...text].length;
	if (length <= longest) return;
	const message = `${displayName}: ${length} characters are too long, the limit is ${longest}`;
	throw refuse(node, i, message, `Shorten "${displayName}".`);
}

/** Reads the prompt of item `i`; an empty one is refused where the API requires it. */
export function readPrompt(node: IExecuteFunctions, i: number): string {
	const prompt = textOf(node.getNodeParameter('prompt', i, ''));
	if (prompt.trim() === '') {
		throw refuse(node, i, 'Prompt: it is empty', 'Say in "Prompt" what the video shows.');
	}
	checkLength(node, i, 'Prompt', prompt, LONGEST.prompt);
	return prompt;
}

/** Reads the id of the job that item `i` is about. */
export function readJobid(node: IExecuteFunctions, i: number): string {
	const jobid = textOf(node.getNodeParameter('jobid', i, '')).trim();
	if (jobid !== '') return jobid;
	const description = 'Give the jobid of a job, for example {{ $json.jobid }}.';
	throw refuse(node, i, 'Job ID: it is empty', description);
}

function readMaxJobs(node: IExecuteFunctions, i: number, value: unknown): number | undefined {
	if (value === undefined || value === null || value === '') return undefined;
	if (Number(value) >= 1 && Number.isFinite(Number(value))) return Math.floor(Number(value));
	const message = `Maximum Jobs: ${textOf(value)} is too low`;
	throw refuse(node, i, message, 'Give a whole number from 1 up.');
}

function readMinutes(
	node: IExecuteFunctions,
	i: number,
	displayName: string,
	value: unknown,
	least: number,
): number {
	const minutes = Number(value);
	if (minutes >= least && minutes <= LONGEST_WAIT_MINUTES) return minutes * MILLISECONDS_PER_MINUTE;
	const message = `${displayName}: ${textOf(value)} is no time that the node can wait`;
	throw refuse(
		node,
		i,
		message,
		'Give a number of minutes, at most a year; fractions are allowed.',
	);
}

/** The options of item `i` as the API and the run take them; what is not set is empty or undefined. */
export interface SubmissionOptions {
	channel: string;
	maxJobs?: number;
	replyUrl: string;
	replyRef: string;
	retryForMilliseconds: number;
}

function optionsOf(node: IExecuteFunctions, i: number): Record<string, unknown> {
	return node.getNodeParameter('options', i, {}) as Record<string, unknown>;
}

/** Reads and checks the options that all submissions share. */
export function readOptions(node: IExecuteFunctions, i: number): SubmissionOptions {
	const options = optionsOf(node, i);
	const retryFor = options.retryFor ?? DEFAULT_RETRY_MINUTES;
	const replyUrl = textOf(options.replyUrl).trim();
	const replyRef = textOf(options.replyRef);
	return {
		channel: textOf(options.channel).trim(),
		maxJobs: readMaxJobs(node, i, options.maxJobs),
		replyUrl,
		replyRef,
		retryForMilliseconds: readMinutes(node, i, 'Keep Retrying For', retryFor, 0),
	};
}

/** Reads what item `i` wants to happen with its job once it is there. */
export function readWaiting(
	node: IExecuteFunctions,
	i: number,
): Pick<JobItem, 'waitLimitMilliseconds' | 'outputBinaryField' | 'cancelOnStop'> {
	const waitLimit = node.getNodeParameter('waitLimit', i, DEFAULT_WAIT_MINUTES);
	const outputBinaryField = textOf(node.getNodeParameter('outputBinaryField', i, 'video')).trim();
	if (outputBinaryField === '') {
		throw refuse(node, i, 'Put Output in Field: it is empty', 'Give a name such as "video".');
	}
	return {
		waitLimitMilliseconds: readMinutes(node, i, 'Wait Limit', waitLimit, Number.MIN_VALUE),
		outputBinaryField,
		cancelOnStop: optionsOf(node, i).cancelOnStop === true,
	};
}
