import type { IDataObject, IWebhookFunctions, IWebhookResponseData } from 'n8n-workflow';

import { createClient } from '../api/client';
import {
	type Credentials,
	parseCallbackToken,
	parseCredentials,
	secretsOf,
} from '../api/credentials';
import type { JobWithId } from '../api/job';
import { createSend } from '../api/request';
import { redact } from '../api/responseBody';
import { shownJob } from '../api/shownJob';
import { parseCallback } from './callback';
import { confirm } from './confirmationQueue';
import { type CallbackResult, acceptUnconfirmed, decide, defer } from './decision';
import { getTriggerState } from './state';
import { verifyToken } from './verifyToken';

const CONFIRM_WITHIN_MILLISECONDS = 15_000;

type ReadCredentials = () => Promise<Credentials>;

/** Reads the credential once, and only if needed: decrypting it is a large part of the cost of a callback. */
function credentialsOnce(node: IWebhookFunctions): ReadCredentials {
	let read: Promise<Credentials> | undefined;
	return async () => await (read ??= node.getCredentials('useApiPikaApi').then(parseCredentials));
}

async function isAuthorized(node: IWebhookFunctions, read: ReadCredentials): Promise<boolean> {
	if (node.getNodeParameter('authentication') === 'none') return true;
	const { token } = node.getQueryData() as IDataObject;
	const { callbackToken } = await read();
	return verifyToken(callbackToken, parseCallbackToken(token));
}

/** The body, including those that n8n leaves unread (docs/n8n-internals.md, "Bodies of webhooks"). */
async function bodyOf(node: IWebhookFunctions): Promise<unknown> {
	const body: unknown = node.getBodyData();
	if (body !== undefined) return body;
	const request = node.getRequestObject();
	try {
		await request.readRawBody();
		return request.rawBody;
	} catch {
		return undefined;
	}
}

/** Most callbacks do not, and then the credential need not be read. */
function mayHoldToken(job: JobWithId): boolean {
	return JSON.stringify(job).includes('token=');
}

/** A callback repeats its URL, of which the callback token can be a part. */
function withoutSecrets(job: JobWithId, credentials: Credentials): JobWithId {
	return { ...(redact(job, secretsOf(credentials)) as JobWithId), jobid: job.jobid };
}

async function resultOf(node: IWebhookFunctions, now: () => number): Promise<CallbackResult> {
	const read = credentialsOnce(node);
	if (!(await isAuthorized(node, read))) return { kind: 'unauthorized' };
	const callback = parseCallback(await bodyOf(node));
	if (!callback) return { kind: 'notAJob' };
	const { received, confirmations } = getTriggerState(node);
	const getJob = async (jobid: string) => {
		const credentials = await read();
		const send = createSend(node, credentials, CONFIRM_WITHIN_MILLISECONDS);
		return await createClient(send, credentials).getJob(jobid);
	};
	const takeCallback = async (job: JobWithId) =>
		await acceptUnconfirmed(mayHoldToken(job) ? withoutSecrets(job, await read()) : job);
	const isConfirming = node.getNodeParameter('confirm') !== false;
	return await decide(
		callback,
		{
			statuses: node.getNodeParameter('statuses') as string[],
			verbs: node.getNodeParameter('verbs') as string[],
		},
		// Test listening accepts the same job again.
		node.getMode() === 'manual' ? new Set() : received,
		isConfirming ? async (job) => await confirm(confirmations, job, getJob, now) : takeCallback,
	);
}

const ANSWERS: Record<CallbackResult['kind'], { status: number; message: string }> = {
	unauthorized: { status: 401, message: 'The token is missing or wrong' },
	notAJob: { status: 400, message: 'Not a Pika job' },
	defer: { status: 503, message: 'The job cannot be confirmed now' },
	ignore: { status: 200, message: 'Ignored' },
	emit: { status: 200, message: 'Received' },
};

function writeToLog({ logger }: IWebhookFunctions, result: CallbackResult): void {
	if (result.kind === 'defer') {
		logger.warn(`Pika Trigger: a callback was deferred: ${result.reason}`);
	}
	if (result.kind === 'ignore' && result.reason) logger.error(`Pika Trigger: ${result.reason}`);
}

/** Answers a callback, and starts an execution if its job matches the filter, is confirmed, and is new to this process. */
export async function receive(
	node: IWebhookFunctions,
	now: () => number,
): Promise<IWebhookResponseData> {
	const result = await resultOf(node, now).catch(defer);
	writeToLog(node, result);
	const { status, message } = ANSWERS[result.kind];
	node.getResponseObject().status(status).json({ message });
	return {
		noWebhookResponse: true,
		workflowData: result.kind === 'emit' ? [[{ json: shownJob(result.job) }]] : undefined,
	};
}
