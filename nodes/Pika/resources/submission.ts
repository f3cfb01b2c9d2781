import { randomUUID } from 'node:crypto';
import type { IExecuteFunctions } from 'n8n-workflow';

import type { FilePart } from '../api/multipart';
import type { JobEndpoint } from '../api/endpoints';
import type { Credentials } from '../api/credentials';
import type { ItemState } from '../jobs/itemState';
import type { PendingSubmission } from '../jobs/jobItem';
import { fingerprintOf } from './fingerprint';
import { MAX_LENGTH } from '../api/limits';
import { checkLength, readOptions } from './parameters';

/** What is specific to the operation; everything else comes from the shared options. */
export interface OperationRequest {
	endpoint: JobEndpoint;
	fields: Record<string, string>;
	/** Files by the API's field names; an undefined one is not sent. */
	files: Record<string, FilePart | undefined>;
	/** True if the API takes the channel from the parent job, so that none is sent. */
	isOnParentChannel?: boolean;
}

export interface CallbackTarget {
	executionId?: string;
	resumeUrl?: string;
}

function givenFiles(files: OperationRequest['files']): Record<string, FilePart> {
	const given = Object.entries(files).flatMap(([name, file]) =>
		file ? [[name, file] as const] : [],
	);
	return Object.fromEntries(given);
}

/** Names the execution and the item, so that a job can be traced even if everything else is lost. */
function uniqueReplyRef(executionId: string | undefined, i: number): string {
	return ['n8n', executionId, i, randomUUID()].filter((part) => part !== undefined).join('-');
}

/**
 * Completes the request of item `i` with the shared options. The credential's defaults are added when it is sent. Throws
 * an error for anything that the user must correct.
 */
export function buildSubmission(
	node: IExecuteFunctions,
	i: number,
	credentials: Credentials,
	request: OperationRequest,
	{ executionId, resumeUrl }: CallbackTarget,
): PendingSubmission {
	const options = readOptions(node, i);
	const replyUrl = resumeUrl ?? options.replyUrl;
	checkLength(node, i, 'Reply URL', replyUrl || (credentials.replyUrl ?? ''), MAX_LENGTH.replyUrl);
	checkLength(node, i, 'Reply Reference', options.replyRef, MAX_LENGTH.replyRef);
	const { endpoint, fields, files, isOnParentChannel } = request;
	const replyRef = options.replyRef || uniqueReplyRef(executionId, i);
	const maxJobs = options.maxJobs?.toString() ?? '';
	return {
		submission: {
			endpoint,
			fields: { ...fields, maxJobs, replyUrl, replyRef },
			files: givenFiles(files),
			channel: isOnParentChannel ? undefined : options.channel,
		},
		replyRef,
		isUniqueReplyRef: options.replyRef === '',
		fingerprint: fingerprintOf(request),
		retryForMilliseconds: options.retryForMilliseconds,
		callbackTo: resumeUrl ? executionId : undefined,
	};
}

/** The same submission with the reply reference of an earlier attempt. */
export function withReplyRef(
	pending: PendingSubmission,
	{ replyRef, isUniqueReplyRef }: Pick<ItemState, 'replyRef' | 'isUniqueReplyRef'>,
): PendingSubmission {
	const { submission } = pending;
	const fields = { ...submission.fields, replyRef };
	return { ...pending, replyRef, isUniqueReplyRef, submission: { ...submission, fields } };
}
