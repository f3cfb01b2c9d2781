import type {
	IExecuteData,
	INodeExecutionData,
	IWebhookDescription,
	IWebhookFunctions,
	IWebhookResponseData,
} from 'n8n-workflow';

import { type Client, createClient } from '../api/client';
import { parseCredentials } from '../api/credentials';
import { isTerminal } from '../api/job';
import { createSend } from '../api/request';
import { clock } from '../jobs/clock';
import { calledJobidIn, passCalledJobid } from './calledJob';
import { executeDataOf } from './hostSupport';
import { claimResumption, isResumed } from './resumeGuard';
import { SUSPENSION_KEY } from './suspension';

/** Without the empty `responseData`, n8n would answer with a text of its own. */
export const resumeWebhooks: IWebhookDescription[] = [
	{
		name: 'default',
		httpMethod: 'POST',
		path: '',
		restartWebhook: true,
		responseMode: 'onReceived',
		responseData: '',
	},
];

/** Short: `execute()` reads again with a longer timeout, and the state can change while a callback is handled. */
const READ_WITHIN_MILLISECONDS = 30_000;

const STAY_WAITING: IWebhookResponseData = { webhookResponse: 'ok' };

function refuse(node: IWebhookFunctions, status: number, message: string): IWebhookResponseData {
	node.getResponseObject().status(status).json({ message });
	return { noWebhookResponse: true };
}

/** n8n also answers 409 to a callback that comes while the execution runs. */
function refuseOutdated(node: IWebhookFunctions): IWebhookResponseData {
	return refuse(node, 409, 'Another callback has just resumed this execution.');
}

/** Reads a part of the saved suspension. `webhook()` has no `getContext`, but expressions can read the node's context. */
function saved(node: IWebhookFunctions, part: 'id' | 'awaited' | 'input'): unknown {
	const name = JSON.stringify(node.getNode().name).replace(
		/[{}]/g,
		(brace) => `\\u00${brace.charCodeAt(0).toString(16)}`,
	);
	return node.evaluateExpression(`{{ $node[${name}].context["${SUSPENSION_KEY}"]?.${part} }}`);
}

/**
 * Asks the API whether a job that this node waits for has ended. If the API cannot say, the answer is yes, because
 * `execute()` reads again with longer timeouts and retries.
 */
async function hasSomethingEnded(
	client: Client,
	awaited: string[],
	called: string | undefined,
): Promise<boolean> {
	if (called !== undefined && awaited.includes(called)) {
		const read = await client.getJob(called);
		if (read.kind !== 'found' || isTerminal(read.job)) return true;
	}
	const running = await client.getRunning();
	return running.kind !== 'found' || awaited.some((jobid) => !running.jobids.includes(jobid));
}

/** Makes n8n run `execute()` again, with the output of this webhook as the node's input. */
function runAgain(executeData: IExecuteData, called: string | undefined): void {
	executeData.node.disabled = false;
	delete executeData.metadata?.resumeError;
	passCalledJobid(executeData, called);
}

async function answer(node: IWebhookFunctions): Promise<IWebhookResponseData> {
	const begunAt = clock.now();
	const executeData = executeDataOf(node);
	const id = saved(node, 'id');
	if (!executeData || typeof id !== 'string') return STAY_WAITING;
	if (isResumed(id, begunAt)) return refuseOutdated(node);
	const credentials = parseCredentials(await node.getCredentials('useApiPikaApi'));
	const client = createClient(createSend(node, credentials, READ_WITHIN_MILLISECONDS), credentials);
	const awaited = saved(node, 'awaited') as string[];
	const called = calledJobidIn(node.getBodyData());
	if (!(await hasSomethingEnded(client, awaited, called))) return STAY_WAITING;
	const input = saved(node, 'input') as INodeExecutionData[];
	// Nothing is awaited from here to the return, so that only one of several callbacks gets through.
	if (!claimResumption(id, begunAt, clock.now())) return refuseOutdated(node);
	runAgain(executeData, called);
	return { webhookResponse: 'ok', workflowData: [input] };
}

/**
 * Receives the callbacks of a waiting execution, and decides whether to resume it. n8n itself authenticates them by the
 * signature in the resume URL (docs/n8n-internals.md, "The resume URL"). This function never trusts the body, never
 * downloads, and never throws, because n8n would then run the next node with an empty item.
 */
export async function webhook(this: IWebhookFunctions): Promise<IWebhookResponseData> {
	try {
		return await answer(this);
	} catch {
		return refuse(this, 503, 'The callback could not be handled. The execution still waits.');
	}
}
