import { randomUUID } from 'node:crypto';
import { type IExecuteFunctions, NodeOperationError } from 'n8n-workflow';

import type { JobEndpoint } from '../api/client';
import type { FilePart } from '../api/multipart';
import type { Settings } from '../api/settings';
import type { JobItem } from '../run/jobItem';
import type { WantedJob } from '../run/submit';

/** Longest texts that the API takes, in characters (encrypt_image.txt, Request Body). */
const LONGEST = { prompt: 1500, replyUrl: 1024, replyRef: 1024 };

const DEFAULT_MAXIMUM_JOBS = 10;
const DEFAULT_RETRY_MINUTES = 15;
const DEFAULT_WAIT_MINUTES = 30;
const MILLISECONDS_PER_MINUTE = 60_000;

/** What an operation itself knows of its job; everything else comes from the shared options. */
export interface OwnParts {
	endpoint: JobEndpoint;
	fields: Record<string, string>;
	/** Files under the API's names; one that is not given is not sent. */
	files: Record<string, FilePart | undefined>;
}

interface Options {
	channel?: string;
	maxJobs?: number;
	replyRef?: string;
	replyUrl?: string;
	retryFor?: number;
	cancelOnStop?: boolean;
}

/** Where a job is to call when the node waits for its callback. */
export interface CallbackTarget {
	executionId: string;
	resumeUrl?: string;
}

function refuse(node: IExecuteFunctions, i: number, message: string, description: string) {
	return new NodeOperationError(node.getNode(), message, { itemIndex: i, description });
}

/**
 * Refuses a text that the API would refuse. Counts characters, not UTF-16 units: how the API counts is
 * not documented, and this way nothing is refused that it might take.
 */
export function checkLength(
	node: IExecuteFunctions,
	i: number,
	displayName: string,
	text: string,
	longest: number,
): void {
	const length = [...text].length;
	if (length <= longest) return;
	throw refuse(
		node,
		i,
		`${displayName}: ${length} characters are too long, the limit is ${longest}`,
		`Shorten "${displayName}".`,
	);
}

/** Reads the prompt of item `i`; an empty one is refused where the API requires it. */
export function readPrompt(node: IExecuteFunctions, i: number): string {
	const prompt = String(node.getNodeParameter('prompt', i, '') ?? '');
	if (prompt.trim() === '') {
		throw refuse(node, i, 'Prompt: it is empty', 'Say in "Prompt" what the video shows.');
	}
	checkLength(node, i, 'Prompt', prompt, LONGEST.prompt);
	return prompt;
}

function positive(node: IExecuteFunctions, i: number, displayName: string, value: number): number {
	if (Number.isFinite(value) && value >= 1) return Math.floor(value);
	throw refuse(node, i, `${displayName}: ${value} is too low`, 'Give a whole number from 1 up.');
}

/** The credential's Discord token goes with its own channel only (design, section 2). */
function discordFields(channel: string, settings: Settings): Record<string, string> {
	const isOwnChannel = channel === settings.channel;
	return { channel, discord: isOwnChannel ? (settings.discordToken ?? '') : '' };
}

function givenFiles(files: OwnParts['files']): Record<string, FilePart> {
	const given = Object.entries(files).flatMap(([name, file]) =>
		file ? [[name, file] as const] : [],
	);
	return Object.fromEntries(given);
}

function uniqueReplyRef(node: IExecuteFunctions, i: number): string {
	return `n8n-${node.getExecutionId()}-${i}-${randomUUID()}`;
}

/** Reads what item `i` wants to happen with its job once it is there. */
export function readWaiting(
	node: IExecuteFunctions,
	i: number,
): Pick<JobItem, 'waitLimitMilliseconds' | 'outputBinaryField' | 'cancelOnStop'> {
	const minutes = Number(node.getNodeParameter('waitLimit', i, DEFAULT_WAIT_MINUTES));
	if (!(minutes > 0)) {
		throw refuse(node, i, `Wait Limit: ${minutes} is too low`, 'Give a number of minutes above 0.');
	}
	const outputBinaryField = String(node.getNodeParameter('outputBinaryField', i, 'video'));
	if (outputBinaryField === '') {
		throw refuse(node, i, 'Put Output in Field: it is empty', 'Give a name such as "video".');
	}
	const { cancelOnStop = false } = node.getNodeParameter('options', i, {}) as Options;
	return {
		waitLimitMilliseconds: minutes * MILLISECONDS_PER_MINUTE,
		outputBinaryField,
		cancelOnStop,
	};
}

/**
 * Completes what an operation read of item `i` with the shared options and the credential's defaults.
 * `savedReplyRef` is the reference under which an earlier try of this execution submitted the item.
 */
export function wantedJob(
	node: IExecuteFunctions,
	i: number,
	settings: Settings,
	own: OwnParts,
	{ executionId, resumeUrl }: CallbackTarget,
	savedReplyRef?: string,
): WantedJob {
	const options = node.getNodeParameter('options', i, {}) as Options;
	const channel = String(options.channel || (settings.channel ?? '')).trim();
	if (resumeUrl && options.replyUrl) {
		throw refuse(
			node,
			i,
			'Reply URL: it cannot be set while the node waits for the callback itself',
			'Remove "Reply URL" from the options, or set "Wait for Completion" to "By Polling".',
		);
	}
	const replyUrl = resumeUrl ?? (options.replyUrl || (settings.replyUrl ?? ''));
	const ownReplyRef = String(options.replyRef ?? '');
	checkLength(node, i, 'Reply URL', replyUrl, LONGEST.replyUrl);
	checkLength(node, i, 'Reply Reference', ownReplyRef, LONGEST.replyRef);
	const givenMaxJobs = options.maxJobs ?? settings.maxJobs;
	const maxJobs = positive(node, i, 'Maximum Jobs', givenMaxJobs ?? DEFAULT_MAXIMUM_JOBS);
	const replyRef = savedReplyRef ?? (ownReplyRef || uniqueReplyRef(node, i));
	return {
		item: i,
		submission: {
			endpoint: own.endpoint,
			fields: {
				...own.fields,
				...discordFields(channel, settings),
				maxJobs: givenMaxJobs === undefined ? '' : String(maxJobs),
				replyUrl,
				replyRef,
			},
			files: givenFiles(own.files),
		},
		replyRef,
		isUniqueReplyRef: ownReplyRef === '',
		channel,
		maxJobs,
		retryForMilliseconds: (options.retryFor ?? DEFAULT_RETRY_MINUTES) * MILLISECONDS_PER_MINUTE,
		callbackTo: resumeUrl ? executionId : undefined,
	};
}
