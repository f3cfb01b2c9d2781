import {
	type IExecuteFunctions,
	type INodeExecutionData,
	type INodeType,
	type INodeTypeDescription,
	type IWebhookFunctions,
	type IWebhookResponseData,
	NodeConnectionTypes,
} from 'n8n-workflow';

import { clock } from './jobs/clock';
import { withReadRetries } from './jobs/readRetries';
import { emit } from './trigger/emit';
import { fields, triggerPanel } from './trigger/fields';
import { lifecycle } from './trigger/lifecycle';
import { receive } from './trigger/receive';

export class PikaTrigger implements INodeType {
	description: INodeTypeDescription = {
		displayName: 'Pika Trigger',
		name: 'pikaTrigger',
		icon: { light: 'file:pika.svg', dark: 'file:pika.dark.svg' },
		group: ['trigger'],
		version: 2,
		subtitle:
			'={{ ($parameter["statuses"].join(", ") || "all statuses") + ($parameter["verbs"].length ? ": " + $parameter["verbs"].join(", ").replaceAll("pika-", "").replaceAll("_", " ") : "") }}',
		// The node creator shows this on the one entry that it makes of both nodes.
		description:
			'Create videos with Pika, hide images or text in them, or start a workflow when a job ends',
		eventTriggerDescription:
			'Waiting for a job to end. Within two minutes, submit one in another tab, with the Test URL of this node as its Reply URL.',
		activationMessage:
			'From now on, this workflow starts when a Pika job ends whose reply URL is the Production URL. With "Register as Default Reply URL", that is every job without a reply URL of its own.',
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
		return await receive(this, clock.now);
	}

	async execute(this: IExecuteFunctions): Promise<INodeExecutionData[][]> {
		const timing = { clock, signal: this.getExecutionCancelSignal() };
		return await emit(this, clock, async (download) => await withReadRetries(download, timing));
	}
}
