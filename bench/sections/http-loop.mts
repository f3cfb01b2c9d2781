import { chain, endNode, type Link, node, type Node } from '../../e2e/fixture/workflows.mts';
import type { CredentialReference } from '../../scripts/workflow-file.mts';

interface HttpOptions {
	sandboxUrl: string;
	bearer: CredentialReference;
	/** Text fields of the submission. */
	fields: Record<string, string>;
}

export interface HttpLoopOptions extends HttpOptions {
	/** The shortest pause that the API documents; any other takes longer. */
	waitSeconds: number;
}

/** The first node of a submission by HTTP Request, the wait, the question whether all have ended, and its two answers. */
export interface HttpLoop {
	submit: Node;
	links: Link[];
	/** Its first output: all have ended. */
	isDone: Node;
}

const OVER = ['completed', 'failed', 'moderated', 'cancelled'];

const AUTHENTICATION = {
	authentication: 'genericCredentialType',
	genericAuthType: 'httpBearerAuth',
	options: {},
};

function credentialsOf({ bearer: { id, name } }: HttpOptions) {
	return { credentials: { httpBearerAuth: { id, name } } };
}

function submitNode(options: HttpOptions): Node {
	const fields = Object.entries(options.fields).map(([name, value]) => ({ name, value }));
	const parameters = {
		...AUTHENTICATION,
		method: 'POST',
		url: `${options.sandboxUrl}/v1/pika/create`,
		sendBody: true,
		contentType: 'multipart-form-data',
		bodyParameters: { parameters: fields },
	};
	return node('Submit', 'n8n-nodes-base.httpRequest', 4.5, parameters, credentialsOf(options));
}

/** Submit with the execution's own URL for the callback, and wait for that: what a user builds from n8n's own nodes to suspend. */
export function httpCallback(options: HttpOptions): { submit: Node; resumed: Node } {
	const fields = { ...options.fields, replyUrl: '={{ $execution.resumeUrl }}' };
	const submit = submitNode({ ...options, fields });
	const parameters = { resume: 'webhook', httpMethod: 'POST', options: {} };
	const id = { webhookId: 'side-by-side-callback' };
	return { submit, resumed: node('Wait', 'n8n-nodes-base.wait', 1.1, parameters, id) };
}

/** Submit, wait, read, and wait again until every job of the batch has ended: what a user builds from n8n's own nodes. */
export function httpLoop({ waitSeconds, ...options }: HttpLoopOptions): HttpLoop {
	const submit = submitNode(options);
	const pause = node(
		'Wait',
		'n8n-nodes-base.wait',
		1.1,
		{ amount: waitSeconds },
		{ webhookId: 'side-by-side-wait' },
	);
	const read = node(
		'Read',
		'n8n-nodes-base.httpRequest',
		4.5,
		{
			...AUTHENTICATION,
			url: `=${options.sandboxUrl}/v1/pika/jobs/?jobid={{ $json.jobid }}`,
		},
		credentialsOf(options),
	);
	const isDone = node('All done?', 'n8n-nodes-base.if', 2.2, {
		conditions: {
			options: { caseSensitive: true, leftValue: '', typeValidation: 'strict', version: 2 },
			conditions: [
				{
					id: 'all-done',
					leftValue: `={{ $input.all().every((item) => ${JSON.stringify(OVER)}.includes(item.json.status)) }}`,
					rightValue: '',
					operator: { type: 'boolean', operation: 'true', singleValue: true },
				},
			],
			combinator: 'and',
		},
		options: {},
	});
	return {
		submit,
		links: [...chain(submit, pause, read, isDone), [isDone, pause, 1]],
		isDone,
	};
}

/** The same, for more items than there are slots: one batch after the other. */
export function batchedHttpLoop(options: HttpLoopOptions, before: Node, slots: number): Link[] {
	const { submit, links, isDone } = httpLoop(options);
	const loop = node('Loop', 'n8n-nodes-base.splitInBatches', 3, { batchSize: slots, options: {} });
	return [
		[before, loop],
		[loop, endNode('Done'), 0],
		[loop, submit, 1],
		...links,
		[isDone, loop, 0],
	];
}
