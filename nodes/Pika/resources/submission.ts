import { randomUUID } from 'node:crypto';
import type { IExecuteFunctions } from 'n8n-workflow';

import type { JobEndpoint } from '../api/client';
import type { FilePart } from '../api/multipart';
import type { Credentials } from '../api/credentials';
import type { ItemState } from '../jobs/itemState';
import type { PendingSubmission } from '../jobs/submit';
import { MAX_LENGTH, checkLength, readOptions, parameterError } from './parameters';

const DEFAULT_MAXIMUM_JOBS = 10;

/** What an operation itself knows of its job; everything else comes from the shared options. */
export interface OperationRequest {
	endpoint: JobEndpoint;
	fields: Record<string, string>;
	/** Files under the API's names; one that is not given is not sent. */
	files: Record<string, FilePart | undefined>;
	/** Where the API takes the channel from another job, none is sent. */
	isOnParentChannel?: boolean;
}

export interface CallbackTarget {
	executionId: string;
	resumeUrl?: string;
}

function givenFiles(files: OperationRequest['files']): Record<string, FilePart> {
	const given = Object.entries(files).flatMap(([name, file]) =>
		file ? [[name, file] as const] : [],
	);
	return Object.fromEntries(given);
}

/** Tells where it comes from, so that a job can be found again when everything else is lost. */
function uniqueReplyRef(executionId: string, i: number): string {
	return `n8n-${executionId}-${i}-${randomUUID()}`;
}

/**
 * Completes what an operation read of item `i` with the shared options and the credential's defaults. `saved` is what
 * an earlier try of this execution left: the item keeps its reply reference.
 */
export function buildSubmission(
	node: IExecuteFunctions,
	i: number,
	settings: Credentials,
	own: OperationRequest,
	{ executionId, resumeUrl }: CallbackTarget,
	saved?: ItemState,
): PendingSubmission {
	const options = readOptions(node, i);
	if (resumeUrl && options.replyUrl !== '') {
		throw parameterError(
			node,
			i,
			'Reply URL: it cannot be set while the node waits for the callback itself',
			'Remove "Reply URL" from the options, or set "Wait for Completion" to "By Polling".',
		);
	}
	const replyUrl = resumeUrl ?? (options.replyUrl || (settings.replyUrl ?? ''));
	checkLength(node, i, 'Reply URL', replyUrl, MAX_LENGTH.replyUrl);
	checkLength(node, i, 'Reply Reference', options.replyRef, MAX_LENGTH.replyRef);
	const channel = own.isOnParentChannel ? '' : options.channel || (settings.channel ?? '');
	const maxJobs = options.maxJobs ?? settings.maxJobs;
	const replyRef = saved?.replyRef ?? (options.replyRef || uniqueReplyRef(executionId, i));
	return {
		item: i,
		submission: {
			endpoint: own.endpoint,
			fields: {
				...own.fields,
				channel,
				maxJobs: maxJobs?.toString() ?? '',
				replyUrl,
				replyRef,
			},
			files: givenFiles(own.files),
			withDiscordToken: channel !== '' && channel === settings.channel,
		},
		replyRef,
		isUniqueReplyRef: saved?.isUniqueReplyRef ?? options.replyRef === '',
		channel,
		maxJobs: maxJobs ?? DEFAULT_MAXIMUM_JOBS,
		retryForMilliseconds: options.retryForMilliseconds,
		callbackTo: resumeUrl ? executionId : undefined,
	};
}
