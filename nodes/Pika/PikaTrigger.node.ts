import {
	type IDataObject,
	type IExecuteFunctions,
	type INodeExecutionData,
	type INodeType,
	type INodeTypeDescription,
	type IWebhookFunctions,
	type IWebhookResponseData,
	NodeConnectionTypes,
} from 'n8n-workflow';

import { createClient } from './api/client';
import { createSend } from './api/request';
import { type Credentials, parseCallbackToken, parseCredentials } from './api/credentials';
import { lifecycle, getTriggerState } from './trigger/lifecycle';
import { withVideo } from './trigger/video';
import { clock } from './jobs/clock';
import { verifyToken } from './trigger/verifyToken';
import { readCallback } from './trigger/callback';
import { confirm } from './trigger/confirmationQueue';
import { type CallbackResult, decide, defer, acceptUnconfirmed } from './trigger/decision';
import { fields, triggerPanel } from './trigger/fields';
import { serialize, merge } from './trigger/seen';

const CONFIRM_WITHIN_MILLISECONDS = 15_000;

/** n8n parses JSON, text, XML and forms. Any other body, also one without a content type, it leaves unread. */
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

async function receive(node: IWebhookFunctions): Promise<CallbackResult> {
	// n8n decrypts it anew each time, a large part of what a callback costs (bench/): it is read once, and only where needed.
	let read: Promise<Credentials> | undefined;
	const settings = async () =>
		await (read ??= node.getCredentials('useApiPikaApi').then(parseCredentials));

	if (node.getNodeParameter('authentication') !== 'none') {
		const { token } = node.getQueryData() as IDataObject;
		const { callbackToken } = await settings();
		if (!verifyToken(callbackToken, parseCallbackToken(token))) return { kind: 'unauthentic' };
	}
	const callback = readCallback(await bodyOf(node));
	if (!callback) return { kind: 'noJob' };
	const { seen, reads } = getTriggerState(node);
	const isTest = node.getMode() === 'manual';
	if (!isTest) merge(seen, node.getWorkflowStaticData('node').seen);
	const getJob = async (jobid: string) => {
		const connection = await settings();
		const send = createSend(node, connection, CONFIRM_WITHIN_MILLISECONDS);
		return await createClient(send, connection).getJob(jobid);
	};
	const isConfirming = node.getNodeParameter('confirm') !== false;
	return await decide(
		callback,
		{
			statuses: node.getNodeParameter('statuses') as string[],
			verbs: node.getNodeParameter('verbs') as string[],
		},
		isTest ? new Set() : seen,
		isConfirming ? async (job) => await confirm(reads, job, getJob, clock.now) : acceptUnconfirmed,
	);
}

/** n8n saves this only because webhook() answers through the response object itself (measured.md). */
function save(node: IWebhookFunctions): void {
	const { seen, registration } = getTriggerState(node);
	const saved = node.getWorkflowStaticData('node');
	saved.seen = serialize(seen);
	if (registration) saved.registration = { ...registration };
}

export class PikaTrigger implements INodeType {
	description: INodeTypeDescription = {
		displayName: 'Pika Trigger',
		name: 'pikaTrigger',
		icon: { light: 'file:pika.svg', dark: 'file:pika.dark.svg' },
		group: ['trigger'],
		version: 2,
		subtitle: '={{ $parameter["statuses"].join(", ") || "all statuses" }}',
		// The node creator shows this on the one entry that it makes of both nodes.
		description: 'Hide an image in a generated video, or start the workflow when a Pika job ends',
		eventTriggerDescription: 'Waiting for useapi.net to call the Test URL',
		triggerPanel,
		defaults: { name: 'Pika Trigger' },
		inputs: [],
		outputs: [NodeConnectionTypes.Main],
		credentials: [{ name: 'useApiPikaApi', required: true }],
		webhooks: [
			{
				name: 'default',
				httpMethod: 'POST',
				path: 'pika',
				responseMode: 'onReceived',
				responseData: '',
			},
		],
		properties: fields,
	};

	webhookMethods = { default: lifecycle };

	async webhook(this: IWebhookFunctions): Promise<IWebhookResponseData> {
		const answer = (status: number, message: string, workflowData?: INodeExecutionData[][]) => {
			this.getResponseObject().status(status).json({ message });
			return { noWebhookResponse: true, workflowData };
		};
		const reception = await receive(this).catch(defer);
		switch (reception.kind) {
			case 'unauthentic':
				return answer(401, 'The token is missing or wrong');
			case 'noJob':
				return answer(400, 'This is no Pika job');
			case 'later':
				this.logger.warn(`Pika Trigger: a callback was put off: ${reception.reason}`);
				return answer(503, 'The job cannot be confirmed now');
			case 'ignore':
				if (reception.reason) this.logger.error(`Pika Trigger: ${reception.reason}`);
				return answer(200, 'Ignored');
			case 'emit':
				if (this.getMode() !== 'manual') save(this);
				return answer(200, 'Received', [[{ json: reception.job }]]);
		}
	}

	async execute(this: IExecuteFunctions): Promise<INodeExecutionData[][]> {
		const items = this.getInputData();
		if (this.getNodeParameter('download', 0, false) !== true) return [[...items]];
		return [await Promise.all(items.map(async (_item, i) => await withVideo(this, i)))];
	}
}
