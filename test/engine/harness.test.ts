import {
	NodeOperationError,
	type ICredentialType,
	type IExecuteFunctions,
	type INodeExecutionData,
	type INodeTypeDescription,
	type IWebhookFunctions,
} from 'n8n-workflow';

import { binaryModes, binaryOf, useBinaryMode } from './harness/binary-store.cts';
import { Collect } from './harness/collect.cts';
import { startEchoServer, type EchoServer } from './harness/echo-server.cts';
import { Loop } from './harness/loop.cts';
import { nodeType } from './harness/node-type.cts';
import { resumeByWebhook } from './harness/resume-webhook.cts';
import { resumeByTimeout, retryRun } from './harness/resume.cts';
import { runWorkflow, startWorkflow } from './harness/run.cts';
import { Source } from './harness/source.cts';

const picture = Buffer.from(Array.from({ length: 300_000 }, (_, index) => (index * 31) % 256));
const numbered = [{ json: { n: 0 } }, { json: { n: 1 } }, { json: { n: 2 } }];

const start = { name: 'Start', type: 'test.source' };
const toy = { name: 'Toy', type: 'test.toy' };
const end = { name: 'End', type: 'test.collect' };
const line = [
	['Start', 'Toy'],
	['Toy', 'End'],
] as const;

function json(items: INodeExecutionData[]) {
	return items.map((item) => item.json);
}

let server: EchoServer;
beforeAll(async () => {
	server = await startEchoServer();
});
afterAll(async () => {
	await server.close();
});

describe.each(binaryModes)('binary data kept in %s', (mode) => {
	useBinaryMode(mode);

	const copyBinary = nodeType(
		{
			async execute(this: IExecuteFunctions) {
				const field = this.getNodeParameter('field', 0) as string;
				const { fileName, mimeType } = this.helpers.assertBinaryData(0, field);
				const content = await this.helpers.getBinaryDataBuffer(0, field);
				const copy = await this.helpers.prepareBinaryData(content, fileName, mimeType);
				return [[{ json: {}, binary: { copy } }]];
			},
		},
		{ properties: [{ displayName: 'Field', name: 'field', type: 'string', default: 'data' }] },
	);
	const run = async (binaryMode: 'separate' | 'combined', field: string) => {
		const collect = new Collect();
		const file = { content: picture, fileName: 'picture.png' };
		const result = await runWorkflow({
			nodes: [start, { ...toy, parameters: { field } }, end],
			connections: line,
			nodeTypes: {
				'test.source': new Source([{ json: { a: 1 }, binary: { data: file } }]),
				'test.toy': copyBinary,
				'test.collect': collect,
			},
			settings: { binaryMode },
		});
		return { result, received: collect.received };
	};

	it('Binary data passes through a workflow with separate binary mode unchanged', async () => {
		const { result, received } = await run('separate', 'data');
		const item = result.output('Toy')[0] ?? { json: {} };
		expect(result.error).toBeUndefined();
		expect((await result.binary(item, 'copy')).equals(picture)).toBe(true);
		expect(binaryOf(item, 'copy')).toMatchObject({ mimeType: 'image/png', bytes: picture.length });
		expect(received[0]?.items[0]?.binary).toHaveProperty('copy');
	});

	it('A node can stream binary data', async () => {
		const content = [picture.subarray(0, 1000), picture.subarray(1000)];
		const result = await runWorkflow({
			nodes: [start],
			nodeTypes: { 'test.source': new Source([{ binary: { data: { content } } }]) },
		});
		const [item = { json: {} } as INodeExecutionData] = result.output('Start');
		expect((await result.binary(item, 'data')).equals(picture)).toBe(true);
	});

	const inJson = mode !== 'memory';

	it(`Binary data is in ${inJson ? 'the json' : 'the item'} in a workflow with combined binary mode`, async () => {
		const { result, received } = await run('combined', inJson ? '_files.data' : 'data');
		const [item = { json: {} } as INodeExecutionData] = result.output('Start');
		expect((await result.binary(item, 'data')).equals(picture)).toBe(true);
		expect('_files' in item.json).toBe(inJson);
		expect(item.binary === undefined).toBe(inJson);
		expect(result.status).toBe(inJson ? 'success' : 'error');
		if (inJson) expect(received[0]?.inputAll).toEqual(json(result.output('Toy')));
	});
});

describe('requests of the harness', () => {
	const credential: ICredentialType = {
		name: 'toyApi',
		displayName: 'Toy API',
		properties: [
			{ displayName: 'Token', name: 'token', type: 'string', default: '' },
			{ displayName: 'Base URL', name: 'baseUrl', type: 'string', default: 'http://unset' },
		],
		authenticate: {
			type: 'generic',
			properties: { headers: { Authorization: '=Bearer {{$credentials.token}}' } },
		},
	};
	const post = nodeType(
		{
			async execute(this: IExecuteFunctions) {
				const { baseUrl } = await this.getCredentials<{ baseUrl: string }>('toyApi');
				const path = this.getNodeParameter('path', 0) as string;
				const body: unknown = await this.helpers.httpRequestWithAuthentication.call(
					this,
					'toyApi',
					{
						method: 'POST',
						url: `${baseUrl}${path}`,
						body: { n: this.getInputData()[0]?.json.n },
						json: true,
					},
				);
				return [[{ json: { body: JSON.stringify(body) } }]];
			},
		},
		{
			credentials: [{ name: 'toyApi', required: true }],
			properties: [{ displayName: 'Path', name: 'path', type: 'string', default: '/' }],
		},
	);
	const options = (path: string) => ({
		nodes: [start, { ...toy, parameters: { path } }, end],
		connections: line,
		nodeTypes: {
			'test.source': new Source(numbered),
			'test.toy': post,
			'test.collect': new Collect(),
		},
		credentials: { toyApi: { token: '={{ "to" + "ken" }}', baseUrl: server.url } },
		credentialTypes: [credential],
	});

	beforeEach(() => {
		server.requests.length = 0;
	});

	it('Requests use real HTTP and are authenticated with the credential, with expressions in both', async () => {
		const result = await runWorkflow(options('=/{{ $json.n + 7 }}'));
		expect(json(result.output('Toy'))).toEqual([{ body: '{"n":0}' }]);
		expect(server.requests).toHaveLength(1);
		expect(server.requests[0]).toMatchObject({
			path: '/7',
			headers: { authorization: 'Bearer token' },
		});
	});

	it('A request fails with the error that n8n creates from the response', async () => {
		const result = await runWorkflow(options('/status/412'));
		expect(result.status).toBe('error');
		expect(result.error).toMatchObject({ name: 'NodeApiError', httpCode: '412' });
	});

	it('Cancelling the execution aborts its requests', async () => {
		const running = await startWorkflow(options('/hang'));
		await server.nextRequest();
		running.cancel();
		expect((await running.result).status).toBe('canceled');
	});
});

describe('errors of a node in the harness', () => {
	const failing = nodeType({
		async execute(this: IExecuteFunctions) {
			const items = this.getInputData().map((item, index): INodeExecutionData => {
				if (item.json.n !== 1) return { json: item.json, pairedItem: { item: index } };
				const error = new NodeOperationError(this.getNode(), 'No ones', { itemIndex: index });
				if (!this.continueOnFail()) throw error;
				return { json: {}, error, pairedItem: { item: index } };
			});
			return [items];
		},
	});
	const run = async (onError: 'stopWorkflow' | 'continueRegularOutput' | 'continueErrorOutput') =>
		await runWorkflow({
			nodes: [start, { ...toy, onError }, end, { name: 'Failed', type: 'test.collect' }],
			connections: [...line, ['Toy', 'Failed', 1]],
			nodeTypes: {
				'test.source': new Source(numbered),
				'test.toy': failing,
				'test.collect': new Collect(),
			},
		});

	it('An error stops the workflow under stopWorkflow', async () => {
		const result = await run('stopWorkflow');
		expect([result.status, result.error?.message]).toEqual(['error', 'No ones']);
		expect(result.runsOf('End')).toEqual([]);
	});

	it('An error continues as an item of the regular output under continueRegularOutput', async () => {
		const result = await run('continueRegularOutput');
		expect(json(result.output('End'))).toEqual([{ n: 0 }, { error: 'No ones' }, { n: 2 }]);
	});

	it('An error goes to the error output under continueErrorOutput', async () => {
		const result = await run('continueErrorOutput');
		expect(json(result.output('End'))).toEqual([{ n: 0 }, { n: 2 }]);
		expect(json(result.output('Failed'))).toEqual([{ error: 'No ones' }]);
	});
});

describe('the engine in the harness', () => {
	const counting = nodeType({
		async execute(this: IExecuteFunctions) {
			const context = this.getContext('node');
			const tries = Number(context.tries ?? 0) + 1;
			context.tries = tries;
			if (tries < 3) throw new NodeOperationError(this.getNode(), `Try ${tries}`);
			return [[{ json: { tries } }]];
		},
	});
	const options = {
		nodes: [start, toy],
		connections: [['Start', 'Toy']] as const,
		nodeTypes: { 'test.source': new Source(numbered), 'test.toy': counting },
	};

	it('The engine retries a node and keeps what the node stored', async () => {
		const retried = { ...toy, retryOnFail: true, maxTries: 3, waitBetweenTries: 1 };
		const result = await runWorkflow({ ...options, nodes: [start, retried] });
		expect(json(result.output('Toy'))).toEqual([{ tries: 3 }]);
		expect(result.contextData).toEqual({ 'node:Toy': { tries: 3 } });
	});

	it('The engine retries a failed execution from the failed node under a new ID', async () => {
		const first = await runWorkflow(options);
		const second = await retryRun(first);
		const third = await retryRun(second);
		expect([first.error?.message, second.error?.message]).toEqual(['Try 1', 'Try 2']);
		expect(json(third.output('Toy'))).toEqual([{ tries: 3 }]);
		expect(third.runsOf('Start')).toHaveLength(1);
		expect(new Set([first, second, third].map(({ execution }) => execution.id)).size).toBe(3);
	});

	it('The engine passes only the first item to a node with executeOnce', async () => {
		const collect = new Collect();
		const result = await runWorkflow({
			nodes: [start, { ...end, executeOnce: true }],
			connections: [['Start', 'End']],
			nodeTypes: { 'test.source': new Source(numbered), 'test.collect': collect },
		});
		expect(json(result.output('End'))).toEqual([{ n: 0 }]);
	});

	it('The engine runs a node once in each round of a loop', async () => {
		const result = await runWorkflow({
			nodes: [
				start,
				{ name: 'Loop', type: 'test.loop' },
				{ name: 'Body', type: 'test.collect' },
				end,
			],
			connections: [
				['Start', 'Loop'],
				['Loop', 'End'],
				['Loop', 'Body', 1],
				['Body', 'Loop'],
			],
			nodeTypes: {
				'test.source': new Source(numbered),
				'test.loop': new Loop(),
				'test.collect': new Collect(),
			},
		});
		expect(result.runsOf('Body')).toHaveLength(3);
		expect(json(result.output('Body', 0, 2))).toEqual([{ n: 2 }]);
		expect(json(result.output('End'))).toEqual([{ n: 0 }, { n: 1 }, { n: 2 }]);
	});
});

describe('a waiting execution in the harness', () => {
	const webhooks: INodeTypeDescription['webhooks'] = [
		{
			name: 'default',
			httpMethod: 'POST',
			path: '',
			restartWebhook: true,
			responseMode: 'onReceived',
			responseData: '',
		},
	];
	const waiting = nodeType(
		{
			async execute(this: IExecuteFunctions) {
				const items = this.getInputData();
				const state = this.getContext('node');
				if (state.resumeUrl !== undefined) {
					return [
						items.map(({ json: { n } }, item) => ({ json: { n, again: true }, pairedItem: item })),
					];
				}
				const { $execution } = this.getWorkflowDataProxy(0) as unknown as {
					$execution: { resumeUrl: string };
				};
				state.resumeUrl = $execution.resumeUrl;
				await this.putExecutionToWait(new Date('2999-01-01'));
				return [[...items]];
			},
			async webhook(this: IWebhookFunctions) {
				const { answer } = this.getBodyData();
				if (answer === 'later') return { webhookResponse: { waiting: true } };
				if (answer === 'throw') throw new NodeOperationError(this.getNode(), 'Thrown');
				const { executeData } = this as unknown as {
					executeData: { node: { disabled: boolean }; data: { main: INodeExecutionData[][] } };
				};
				executeData.node.disabled = false;
				return { workflowData: executeData.data.main, webhookResponse: { ok: true } };
			},
		},
		{ webhooks },
	);
	const run = async () =>
		await runWorkflow({
			nodes: [start, toy, end],
			connections: line,
			nodeTypes: {
				'test.source': new Source(numbered),
				'test.toy': waiting,
				'test.collect': new Collect(),
			},
			mode: 'trigger',
		});

	it('A waiting execution runs execute() again if the webhook requests it', async () => {
		const first = await run();
		expect([first.status, first.runsOf('End')]).toEqual(['waiting', []]);
		const url = first.contextData['node:Toy']?.resumeUrl as string;
		const answer = await resumeByWebhook(first, { url });
		expect([answer.status, answer.body, answer.run?.status]).toEqual([
			200,
			{ ok: true },
			'success',
		]);
		expect(json(answer.run?.output('End') ?? [])).toEqual(
			[0, 1, 2].map((n) => ({ n, again: true })),
		);
		expect(answer.run?.execution.id).toBe(first.execution.id);
	});

	it('A waiting execution keeps waiting if the webhook says so, and resumes once', async () => {
		const first = await run();
		const later = await resumeByWebhook(first, { body: { answer: 'later' } });
		expect(later).toEqual({ status: 200, body: { waiting: true } });
		const answers = await Promise.all([
			resumeByWebhook(first, { body: { answer: 1 } }),
			resumeByWebhook(first, { body: { answer: 2 } }),
		]);
		expect(answers.map(({ status }) => status).sort()).toEqual([200, 500]);
		expect(await resumeByWebhook(first, { body: { answer: 3 } })).toMatchObject({ status: 409 });
	});

	it('A waiting execution refuses a wrong signature and another method', async () => {
		const first = await run();
		const { resumeUrl } = first.contextData['node:Toy'] as { resumeUrl: string };
		expect(await resumeByWebhook(first, { url: `${resumeUrl}0` })).toMatchObject({ status: 401 });
		expect(await resumeByWebhook(first, { method: 'GET' })).toMatchObject({ status: 404 });
	});

	it('A waiting execution fails if the webhook throws', async () => {
		const answer = await resumeByWebhook(await run(), { body: { answer: 'throw' } });
		expect(answer.status).toBe(500);
		expect(answer.run?.status).toBe('error');
	});

	it('A waiting execution passes on its items when its time is over', async () => {
		const over = await resumeByTimeout(await run());
		expect([over.status, json(over.output('End'))]).toEqual(['success', json(numbered)]);
	});
});
