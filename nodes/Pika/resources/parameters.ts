import type { IExecuteFunctions } from 'n8n-workflow';
import {
	type Credentials,
	HOW_TO_FIND_CHANNEL_ID,
	HOW_TO_WRITE_REPLY_URL,
	isChannelId,
	isReplyUrl,
} from '../api/credentials';
import { MAX_JOBS_OF_CHANNEL, MAX_LENGTH } from '../api/limits';
import type { JobItem } from '../jobs/jobItem';
import { isRecord } from '../api/isRecord';
import { kindOf } from '../api/plainText';
import { isKnownJob } from '../results/isKnownJob';
import {
	type Field,
	assertChoice,
	flagIn,
	idIn,
	isUnset,
	missingError,
	numberIn,
	parameterError,
	shown,
	textIn,
} from './values';

const PROMPT: Field = { name: 'prompt', displayName: 'Prompt' };
const CHANNEL: Field = { name: 'channel', displayName: 'Channel' };
const JOB: Field = { name: 'jobid', displayName: 'Job' };

const DEFAULT_RETRY_MINUTES = 15;
const DEFAULT_WAIT_MINUTES = 30;
const MILLISECONDS_PER_MINUTE = 60_000;
const LONGEST_WAIT_MINUTES = 365 * 24 * 60;

const COMPLETIONS = { submitted: ['off', 'poll', 'callback'], known: ['off', 'poll'] };
const ON_UNSUCCESSFUL = ['error', 'output'];

/** Counts characters, not UTF-16 units. How the API counts is not documented, and no text should be refused that it might accept. */
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

/** Reads a text parameter of item `i`, empty if it is not set. */
export function readText(node: IExecuteFunctions, i: number, field: Field): string {
	return textIn(node, i, field.displayName, node.getNodeParameter(field.name, i, ''));
}

export function readOptionalPrompt(node: IExecuteFunctions, i: number): string {
	const prompt = readText(node, i, PROMPT);
	checkLength(node, i, 'Prompt', prompt, MAX_LENGTH.prompt);
	return prompt.trim() === '' ? '' : prompt;
}

export function readPrompt(node: IExecuteFunctions, i: number): string {
	const prompt = readOptionalPrompt(node, i);
	if (prompt !== '') return prompt;
	throw missingError(node, i, PROMPT, 'Enter what the video should show.');
}

/** Reads a text of at most `longest` characters that the API requires. */
export function readRequiredText(
	node: IExecuteFunctions,
	i: number,
	field: Field,
	longest: number,
): string {
	const text = readText(node, i, field);
	checkLength(node, i, field.displayName, text, longest);
	if (text.trim() !== '') return text;
	throw missingError(node, i, field, `Enter a text of at most ${longest} characters.`);
}

/** Reads one of a field's options, because an expression can return any value. */
export function readChoice(
	node: IExecuteFunctions,
	i: number,
	field: Field & { options?: Array<object> },
): string {
	const choice = readText(node, i, field);
	const values = (field.options ?? []).flatMap((option) =>
		'value' in option ? [String(option.value)] : [],
	);
	assertChoice(node, i, field.displayName, choice, values);
	return choice;
}

export function readChannel(node: IExecuteFunctions, i: number): string {
	const channel = channelIn(node, i, node.getNodeParameter('channel', i, ''));
	if (channel !== '') return channel;
	throw missingError(node, i, CHANNEL, 'Choose a channel, or enter its ID.');
}

/** Reads what to save for the account of the credential. The API accepts 1 to 10 jobs. */
export function readAccountToSave(
	node: IExecuteFunctions,
	i: number,
	{ channel, discordToken }: Credentials,
): { channel: string; maxJobs: number } {
	if (!channel || !discordToken) {
		const message = 'The credential has no Discord token and channel ID to save';
		throw parameterError(node, i, message, 'Fill in both in the credential.');
	}
	const maxJobs = readMaxJobs(node, i, node.getNodeParameter('maxJobs', i, MAX_JOBS_OF_CHANNEL));
	return { channel, maxJobs: maxJobs ?? MAX_JOBS_OF_CHANNEL };
}

/** Reads the ID of the existing job of item `i`. */
export function readJobid(node: IExecuteFunctions, i: number): string {
	const jobid = idIn(node, i, JOB.displayName, node.getNodeParameter(JOB.name, i, ''));
	if (jobid !== '') return jobid;
	throw missingError(
		node,
		i,
		JOB,
		'Enter the ID of a job: the jobid in the output of a Pika node.',
	);
}

function readMaxJobs(node: IExecuteFunctions, i: number, value: unknown): number | undefined {
	if (isUnset(value)) return undefined;
	const number = numberIn(value);
	if (number !== undefined && number >= 1 && number <= MAX_JOBS_OF_CHANNEL) {
		return Math.floor(number);
	}
	const fault =
		number === undefined ? 'is not a number' : number < 1 ? 'is too low' : 'is too high';
	const message = `Maximum Jobs: ${shown(value)} ${fault}`;
	const description = `Enter a whole number from 1 to ${MAX_JOBS_OF_CHANNEL}, the limit of one channel.`;
	throw parameterError(node, i, message, description);
}

function readMinutes(
	node: IExecuteFunctions,
	i: number,
	displayName: string,
	value: unknown,
	{ least, unset }: { least: number; unset: number },
): number {
	const minutes = isUnset(value) ? unset : (numberIn(value) ?? NaN);
	if (minutes >= least && minutes <= LONGEST_WAIT_MINUTES) return minutes * MILLISECONDS_PER_MINUTE;
	const message = `${displayName}: ${shown(value)} is not a valid number of minutes`;
	throw parameterError(
		node,
		i,
		message,
		'Enter a number of minutes, at most a year. Fractions are allowed.',
	);
}

/** The options of item `i`, checked. Options that are not set are empty or undefined. */
export interface SubmissionOptions {
	channel: string;
	maxJobs?: number;
	replyUrl: string;
	replyRef: string;
	retryForMilliseconds: number;
}

function channelIn(node: IExecuteFunctions, i: number, value: unknown): string {
	const channel = idIn(node, i, CHANNEL.displayName, value);
	if (channel === '' || isChannelId(channel)) return channel;
	const message = `${CHANNEL.displayName}: ${shown(channel)} is not the ID of a Discord channel`;
	throw parameterError(node, i, message, HOW_TO_FIND_CHANNEL_ID);
}

function replyUrlIn(node: IExecuteFunctions, i: number, value: unknown): string {
	const replyUrl = textIn(node, i, 'Reply URL', value).trim();
	if (replyUrl === '' || isReplyUrl(replyUrl)) return replyUrl;
	const message = `Reply URL: ${shown(replyUrl)} is not a web address`;
	throw parameterError(node, i, message, HOW_TO_WRITE_REPLY_URL);
}

function optionsOf(node: IExecuteFunctions, i: number): Record<string, unknown> {
	const options: unknown = node.getNodeParameter('options', i, {});
	if (isUnset(options)) return {};
	if (isRecord(options)) return options;
	const message = `Options: the value is ${kindOf(options)}, not a collection of options`;
	throw parameterError(node, i, message, 'Set the options one by one in the node.');
}

/** Reads and checks the options that all submissions share. */
export function readOptions(node: IExecuteFunctions, i: number): SubmissionOptions {
	const options = optionsOf(node, i);
	return {
		channel: channelIn(node, i, options.channel),
		maxJobs: readMaxJobs(node, i, options.maxJobs),
		replyUrl: replyUrlIn(node, i, options.replyUrl),
		replyRef: textIn(node, i, 'Reply Reference', options.replyRef),
		retryForMilliseconds: readMinutes(node, i, 'Keep Retrying For', options.retryFor, {
			least: 0,
			unset: DEFAULT_RETRY_MINUTES,
		}),
	};
}

/**
 * Checks the fields that are the same for all items. The editor offers only valid values, but a workflow that was written
 * by hand or by a program can contain any.
 */
function assertMenus(node: IExecuteFunctions, i: number): void {
	const completions = isKnownJob(node) ? COMPLETIONS.known : COMPLETIONS.submitted;
	const value = (name: string, unset: unknown): unknown => node.getNodeParameter(name, i, unset);
	assertChoice(node, i, 'Wait for Completion', value('completion', 'poll'), completions);
	assertChoice(node, i, 'On Unsuccessful Job', value('onUnsuccessful', 'error'), ON_UNSUCCESSFUL);
	assertChoice(node, i, 'Download Video', value('download', true), [true, false]);
}

/** Reads how item `i` waits for its job, and what to do with it afterwards. */
export function readWaiting(
	node: IExecuteFunctions,
	i: number,
): Pick<JobItem, 'waitLimitMilliseconds' | 'outputBinaryField' | 'cancelOnStop'> {
	assertMenus(node, i);
	const waitLimit = node.getNodeParameter('waitLimit', i, DEFAULT_WAIT_MINUTES);
	const given: unknown = node.getNodeParameter('outputBinaryField', i, 'video');
	const outputBinaryField = textIn(node, i, 'Put Output in Field', given).trim();
	if (outputBinaryField === '') {
		throw parameterError(
			node,
			i,
			'Put Output in Field: it is empty',
			'Enter a name such as "video".',
		);
	}
	return {
		waitLimitMilliseconds: readMinutes(node, i, 'Limit Wait Time', waitLimit, {
			least: Number.MIN_VALUE,
			unset: DEFAULT_WAIT_MINUTES,
		}),
		outputBinaryField,
		cancelOnStop: flagIn(node, i, 'Cancel Jobs on Stop', optionsOf(node, i).cancelOnStop),
	};
}
