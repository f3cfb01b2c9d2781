import type { CredentialReference, Workflow } from '../../scripts/workflow-file.mts';
import {
	chain,
	endNode,
	type Link,
	type Node,
	node,
	ofItem,
	pictureNode,
	pikaNode,
	workflow,
} from '../fixture/workflows.mts';

/** One published workflow: a way of making jobs, waiting for them and failing. */
export interface Kind {
	name: string;
	operation: 'encryptImage' | 'encryptText' | 'create';
	completion: 'off' | 'poll' | 'callback';
	onError: 'stopWorkflow' | 'continueRegularOutput' | 'continueErrorOutput';
	retryOnFail?: true;
	download?: true;
	onUnsuccessful?: 'output';
	/** Job: Get fetches what an item of this output says. */
	getAfter?: 'accepted' | 'failed';
}

export const KINDS: readonly Kind[] = [
	{
		name: 'submit-image',
		operation: 'encryptImage',
		completion: 'off',
		onError: 'continueErrorOutput',
	},
	{
		name: 'submit-image-stop',
		operation: 'encryptImage',
		completion: 'off',
		onError: 'stopWorkflow',
		retryOnFail: true,
	},
	{
		name: 'submit-get',
		operation: 'create',
		completion: 'off',
		onError: 'continueErrorOutput',
		retryOnFail: true,
		getAfter: 'accepted',
	},
	{
		name: 'poll-image',
		operation: 'encryptImage',
		completion: 'poll',
		onError: 'continueRegularOutput',
		download: true,
	},
	{
		name: 'poll-create-stop',
		operation: 'create',
		completion: 'poll',
		onError: 'stopWorkflow',
		retryOnFail: true,
	},
	{
		name: 'poll-text',
		operation: 'encryptText',
		completion: 'poll',
		onError: 'continueErrorOutput',
		retryOnFail: true,
		download: true,
	},
	{
		name: 'callback-image',
		operation: 'encryptImage',
		completion: 'callback',
		onError: 'continueErrorOutput',
		download: true,
	},
	{
		name: 'callback-image-stop',
		operation: 'encryptImage',
		completion: 'callback',
		onError: 'stopWorkflow',
		retryOnFail: true,
	},
	{
		name: 'callback-create',
		operation: 'create',
		completion: 'callback',
		onError: 'continueRegularOutput',
		retryOnFail: true,
		onUnsuccessful: 'output',
	},
	{
		name: 'callback-text-stop',
		operation: 'encryptText',
		completion: 'callback',
		onError: 'stopWorkflow',
		download: true,
	},
	{
		name: 'callback-repair',
		operation: 'encryptImage',
		completion: 'callback',
		onError: 'continueErrorOutput',
		getAfter: 'failed',
	},
];

export const GET = 'Job: Get';

/** Webhook → answer with the execution's id → items → pictures → Pika → Done, and its second output → Failed. */
export function workflowOf(
	kind: Kind,
	sandboxUrl: string,
	credential: CredentialReference,
): Workflow {
	const webhook = node(
		'Webhook',
		'n8n-nodes-base.webhook',
		2,
		{ httpMethod: 'POST', path: pathOf(kind), responseMode: 'responseNode', options: {} },
		{ webhookId: pathOf(kind) },
	);
	const respond = node('Respond', 'n8n-nodes-base.respondToWebhook', 1.1, {
		respondWith: 'json',
		responseBody: '={{ { "executionId": $execution.id } }}',
		options: {},
	});
	const items = node('Items', 'n8n-nodes-base.splitOut', 1, {
		fieldToSplitOut: 'body.items',
		options: {},
	});
	const pictures = kind.operation === 'encryptImage' ? [pictureNode(sandboxUrl)] : [];
	const pika = pikaOf(kind);
	const main = chain(webhook, respond, items, ...pictures, pika);
	const links = [...main, ...linksAfter(pika, kind)];
	return { ...workflow(links, { credential }), name: `Soak ${kind.name}` };
}

export function pathOf({ name }: Kind): string {
	return `soak-${name}`;
}

function pikaOf(kind: Kind): Node {
	const { operation, completion, download, onError, onUnsuccessful, retryOnFail } = kind;
	const fromItem = (field: string) => `={{ ${ofItem(field)} }}`;
	return pikaNode(
		{
			operation,
			completion,
			...(operation === 'encryptImage' ? {} : { message: fromItem('text') }),
			waitLimit: fromItem('waitLimit'),
			...(download && { download }),
			...(onUnsuccessful && { onUnsuccessful }),
			options: {
				channel: fromItem('channel'),
				maxJobs: fromItem('maxJobs'),
				retryFor: fromItem('retryFor'),
				replyRef: fromItem('replyRef'),
				replyUrl: fromItem('replyUrl'),
			},
		},
		{ onError, ...(retryOnFail && { retryOnFail, maxTries: 3, waitBetweenTries: 500 }) },
	);
}

function linksAfter(pika: Node, { getAfter }: Kind): Link[] {
	const done = endNode('Done');
	const failed = endNode('Failed');
	const get = pikaNode(
		{
			resource: 'job',
			operation: 'get',
			jobid: '={{ $json.jobid ?? $json.details.jobid }}',
			completion: 'poll',
			waitLimit: 0.5,
			download: true,
		},
		{ onError: 'continueRegularOutput' },
		GET,
	);
	return [
		[pika, getAfter === 'accepted' ? get : done],
		[pika, getAfter === 'failed' ? get : failed, 1],
	];
}
