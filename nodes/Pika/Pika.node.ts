import { type INodeType, type INodeTypeDescription, NodeConnectionTypes } from 'n8n-workflow';

import { description, execute } from './resources';
import { listSearch } from './resources/listSearch';
import { resumeWebhooks, webhook } from './waiting/resumeWebhook';

export class Pika implements INodeType {
	description: INodeTypeDescription = {
		displayName: 'Pika',
		name: 'pika',
		icon: { light: 'file:pika.svg', dark: 'file:pika.dark.svg' },
		group: ['transform'],
		version: 2,
		subtitle: '={{ $parameter["operation"] + ": " + $parameter["resource"] }}',
		description: 'Hide a message image in a generated video with the Pika API of useapi.net',
		defaults: { name: 'Pika' },
		usableAsTool: true,
		inputs: [NodeConnectionTypes.Main],
		outputs: [NodeConnectionTypes.Main],
		webhooks: resumeWebhooks,
		waitingNodeTooltip:
			'=Waiting for useapi.net to call back when a job has ended, at most {{ $parameter.waitLimit }} {{ $parameter.waitLimit === 1 ? "minute" : "minutes" }} for each job. Stopping the execution does not end the jobs.',
		credentials: [{ name: 'useApiPikaApi', required: true }],
		properties: [
			{
				displayName: 'Resource',
				name: 'resource',
				type: 'options',
				noDataExpression: true,
				options: [
					{ name: 'Video', value: 'video' },
					{ name: 'Job', value: 'job' },
					{ name: 'Account', value: 'account' },
				],
				default: 'video',
			},
			...description,
		],
	};

	methods = { listSearch };

	execute = execute;

	webhook = webhook;
}
