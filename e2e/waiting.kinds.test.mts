import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Execution } from '../scripts/execution.mts';
import type { Workflow } from '../scripts/workflow-file.mts';
import {
	pikaWorkflow,
	type PikaWorkflowOptions,
	promptItems,
	resultsOf,
	submissionsOf,
} from './fixture/pika-workflow.mts';
import { useFreshN8n } from './fixture/fresh-n8n.mts';
import type { RealN8n } from './fixture/real-n8n.mts';
import { runToEnd, start, untilWaiting } from './fixture/runs.mts';
import {
	chain,
	endNode,
	itemNodes,
	manualTrigger,
	node,
	ofItem,
	pictureNode,
	pikaNode,
	workflow,
} from './fixture/workflows.mts';

const CALLBACK = { completion: 'callback' };

describe('waiting for callbacks in all kinds of workflows and runs', () => {
	let n8n: RealN8n;

	useFreshN8n({ sandbox: { jobSeconds: 1.5 } }, (started) => {
		n8n = started;
	});

	function waiting(count: number, options: Omit<PikaWorkflowOptions, 'items'> = {}): Workflow {
		const { parameters, ...rest } = options;
		const items = promptItems(count);
		return pikaWorkflow(n8n, { ...rest, items, parameters: { ...CALLBACK, ...parameters } });
	}

	function expectCompleted(execution: Execution, count: number, pika = 'Pika'): void {
		assert.equal(execution.error, undefined);
		assert.equal(execution.status, 'success');
		const ends = resultsOf(execution, pika).map(({ item, prompt, status }) => [
			item,
			prompt,
			status,
		]);
		const expected = promptItems(count).map(({ prompt }, item) => [item, prompt, 'completed']);
		assert.deepEqual(ends, expected);
	}

	it('The node waits in a published workflow that a webhook starts', async () => {
		const webhook = node(
			'Webhook',
			'n8n-nodes-base.webhook',
			2,
			{ httpMethod: 'POST', path: 'waiting-e2e', options: {} },
			{ webhookId: 'waiting-e2e' },
		);
		const { sandbox, rest, credential } = n8n;
		const links = chain(
			webhook,
			...itemNodes(promptItems(3)),
			pictureNode(sandbox.baseUrl),
			pikaNode(CALLBACK),
		);
		const id = await rest.saveWorkflow(workflow(links, { credential }));
		await rest.activate(id);
		const answer = await rest.callWebhook('waiting-e2e', { method: 'POST' });
		assert.equal(answer.status, 200);
		const [execution] = await rest.executionsOf(id);
		assert.ok(execution);
		await untilWaiting(n8n, execution);
		expectCompleted(await rest.waitForExecution(execution), 3);
		assert.equal(submissionsOf(n8n), 3);
	});

	it('The node waits in a sub-workflow, and the caller gets the finished jobs', async () => {
		const { sandbox, rest, credential } = n8n;
		const trigger = node('Called', 'n8n-nodes-base.executeWorkflowTrigger', 1.1, {
			inputSource: 'passthrough',
		});
		const called = workflow(
			chain(
				trigger,
				...itemNodes(promptItems(3)),
				pictureNode(sandbox.baseUrl),
				pikaNode(CALLBACK),
			),
			{ credential },
		);
		const id = await rest.saveWorkflow(called);
		await rest.activate(id);
		const call = node('Call', 'n8n-nodes-base.executeWorkflow', 1.2, {
			workflowId: { __rl: true, mode: 'id', value: id },
			options: {},
		});
		const links = chain(manualTrigger, call, endNode('Done'));
		const execution = await runToEnd(n8n, workflow(links, { credential }));
		assert.equal(execution.error, undefined);
		const ends = resultsOf(execution, 'Call').map(({ prompt, status }) => [prompt, status]);
		const expected = promptItems(3).map(({ prompt }) => [prompt, 'completed']);
		assert.deepEqual(ends, expected);
		assert.equal(submissionsOf(n8n), 3);
	});

	it('The node waits in every round of a loop over batches', async () => {
		const { sandbox, credential } = n8n;
		const [data, split] = itemNodes(promptItems(5));
		const loop = node('Loop', 'n8n-nodes-base.splitInBatches', 3, { batchSize: 2, options: {} });
		const pika = pikaNode(CALLBACK);
		const links = [
			...chain(manualTrigger, data, split, pictureNode(sandbox.baseUrl), loop),
			[loop, endNode('Done')] as const,
			[loop, pika, 1] as const,
			...chain(pika, loop),
		];
		const execution = await runToEnd(n8n, workflow(links, { credential }));
		assert.equal(execution.error, undefined);
		assert.equal(execution.runs.Pika?.length, 3);
		const done = resultsOf(execution, 'Done').map(({ prompt, status }) => [prompt, status]);
		const expected = promptItems(5).map(({ prompt }) => [prompt, 'completed']);
		assert.deepEqual(done, expected);
		assert.equal(submissionsOf(n8n), 5);
	});

	it('Two Pika nodes of one workflow wait one after the other', async () => {
		const { sandbox, credential } = n8n;
		const first = pikaNode(CALLBACK, {}, 'First');
		const message = "={{ $('Pictures').item.binary.data }}";
		const prompt = `={{ ${ofItem('prompt')} }} again`;
		const second = pikaNode({ ...CALLBACK, message, prompt }, {}, 'Second {{ "of" }} two');
		const pictures = pictureNode(sandbox.baseUrl);
		const links = chain(manualTrigger, ...itemNodes(promptItems(3)), pictures, first, second);
		const execution = await runToEnd(n8n, workflow(links, { credential }));
		expectCompleted(execution, 3, first.name);
		const ends = resultsOf(execution, second.name).map(({ item, prompt, status, size }) => [
			item,
			prompt,
			status,
			size,
		]);
		const sizes = [9, 10, 11];
		const expected = sizes.map((size, i) => [i, `item ${i} again`, 'completed', size]);
		assert.deepEqual(ends, expected);
		assert.equal(submissionsOf(n8n), 6);
	});

	it('Two Pika nodes wait in two branches of one workflow', async () => {
		const { sandbox, credential } = n8n;
		const pictures = pictureNode(sandbox.baseUrl);
		const left = pikaNode({ ...CALLBACK, prompt: `={{ ${ofItem('prompt')} }} left` }, {}, 'Left');
		const right = pikaNode(
			{ ...CALLBACK, prompt: `={{ ${ofItem('prompt')} }} right` },
			{},
			'Right',
		);
		const links = [
			...chain(manualTrigger, ...itemNodes(promptItems(2)), pictures, left),
			...chain(pictures, right),
		];
		const execution = await runToEnd(n8n, workflow(links, { credential }));
		assert.equal(execution.error, undefined);
		for (const side of ['Left', 'Right']) {
			const prompts = resultsOf(execution, side).map(({ prompt, status }) => [prompt, status]);
			const word = side.toLowerCase();
			assert.deepEqual(prompts, [
				[`item 0 ${word}`, 'completed'],
				[`item 1 ${word}`, 'completed'],
			]);
		}
		assert.equal(submissionsOf(n8n), 4);
	});

	it('The node submits and waits for the first item only with Execute Once', async () => {
		const workflow = waiting(3, { node: { executeOnce: true } });
		expectCompleted(await runToEnd(n8n, workflow), 1);
		assert.equal(submissionsOf(n8n), 1);
	});

	it('The node waits in combined binary mode with more items than slots', async () => {
		const parameters = { options: { maxJobs: 2 } };
		const settings = { binaryMode: 'combined' };
		expectCompleted(await runToEnd(n8n, waiting(4, { parameters, settings })), 4);
		assert.equal(submissionsOf(n8n), 4);
	});

	it('The node waits in a workflow that saves only failed executions', async () => {
		const settings = {
			saveExecutionProgress: false,
			saveManualExecutions: false,
			saveDataSuccessExecution: 'none',
			saveDataErrorExecution: 'all',
		};
		const { rest } = n8n;
		const execution = await start(n8n, waiting(2, { settings }));
		await untilWaiting(n8n, execution);
		await assert.rejects(rest.waitForExecution(execution), /answer to GET .* is not as in 2.41/);
		assert.equal(submissionsOf(n8n), 2);
	});
});
