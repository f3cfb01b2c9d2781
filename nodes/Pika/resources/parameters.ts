import { type IExecuteFunctions, NodeOperationError } from 'n8n-workflow';
import type { Credentials } from '../api/credentials';
import type { JobItem } from '../jobs/jobItem';
import { isRecord } from '../api/isRecord';

/** Longest texts that the API takes, in characters (encrypt_image.txt, Request Body; pika-v1 section 3.2). */
export const MAX_LENGTH = { prompt: 1500, message: 20, replyUrl: 1024, replyRef: 1024 };

const DEFAULT_RETRY_MINUTES = 15;
const DEFAULT_WAIT_MINUTES = 30;
const MILLISECONDS_PER_MINUTE = 60_000;
const LONGEST_WAIT_MINUTES = 365 * 24 * 60;

/** The error of a parameter that the user must correct: what is wrong, and what to do. */
export function parameterError(
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
	throw parameterError(node, i, message, `Shorten "${displayName}".`);
}

/** Reads a text parameter of item `i`, empty where it is not set. */
export function readText(node: IExecuteFunctions, i: number, name: string): string {
	return textOf(node.getNodeParameter(name, i, ''));
}

export function readOptionalPrompt(node: IExecuteFunctions, i: number): string {
	const prompt = readText(node, i, 'prompt');
	checkLength(node, i, 'Prompt', prompt, MAX_LENGTH.prompt);
	return prompt.trim() === '' ? '' : prompt;
}

export function readPrompt(node: IExecuteFunctions, i: number): string {
	const prompt = readOptionalPrompt(node, i);
	if (prompt !== '') return prompt;
	throw parameterError(node, i, 'Prompt: it is empty', 'Say in "Prompt" what the video shows.');
}

/** Reads the text that is to be hidden, which the API limits to 20 characters (pika-v1 section 3.2). */
export function readMessageText(node: IExecuteFunctions, i: number): string {
	const message = readText(node, i, 'message');
	checkLength(node, i, 'Message', message, MAX_LENGTH.message);
	if (message.trim() !== '') return message;
	throw parameterError(node, i, 'Message: it is empty', 'Give the text that is to be hidden.');
}

/** A resource locator gives an object, an expression in its place any text. */
function locatedValue(value: unknown): string {
	return textOf(isRecord(value) ? value.value : value).trim();
}

export function readChannel(node: IExecuteFunctions, i: number): string {
	const channel = locatedValue(node.getNodeParameter('channel', i, ''));
	if (channel !== '') return channel;
	throw parameterError(node, i, 'Channel: it is empty', 'Choose a channel, or give its ID.');
}

/** Reads what to save of the credential's own account; the API takes 1 to 10 jobs (pika-v1 section 5.2). */
export function readAccountToSave(
	node: IExecuteFunctions,
	i: number,
	{ channel, discordToken }: Credentials,
): { channel: string; maxJobs: number } {
	if (!channel || !discordToken) {
		const message = 'The credential has no Discord token and channel ID to save';
		throw parameterError(node, i, message, 'Fill in both in the credential.');
	}
	const maxJobs = readMaxJobs(node, i, node.getNodeParameter('maxJobs', i, 10)) ?? 10;
	if (maxJobs <= 10) return { channel, maxJobs };
	const message = `Maximum Jobs: ${maxJobs} is too high`;
	throw parameterError(node, i, message, 'Give a whole number from 1 to 10.');
}

/** Reads the id of the job that item `i` is about. */
export function readJobid(node: IExecuteFunctions, i: number): string {
	const jobid = locatedValue(node.getNodeParameter('jobid', i, ''));
	if (jobid !== '') return jobid;
	const description = 'Give the jobid of a job, for example {{ $json.jobid }}.';
	throw parameterError(node, i, 'Job: no ID is given', description);
}

function readMaxJobs(node: IExecuteFunctions, i: number, value: unknown): number | undefined {
	if (value === undefined || value === null || value === '') return undefined;
	if (Number(value) >= 1 && Number.isFinite(Number(value))) return Math.floor(Number(value));
	const message = `Maximum Jobs: ${textOf(value)} is too low`;
	throw parameterError(node, i, message, 'Give a whole number from 1 up.');
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
	throw parameterError(
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
		channel: locatedValue(options.channel),
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
		throw parameterError(
			node,
			i,
			'Put Output in Field: it is empty',
			'Give a name such as "video".',
		);
	}
	return {
		waitLimitMilliseconds: readMinutes(node, i, 'Wait Limit', waitLimit, Number.MIN_VALUE),
		outputBinaryField,
		cancelOnStop: optionsOf(node, i).cancelOnStop === true,
	};
}
