import assert from 'node:assert/strict';
import { after, before, beforeEach, describe, it } from 'node:test';
import { outputOf } from '../scripts/execution.mts';
import { type FakeModel, startFakeModel } from './fixture/fake-model.mts';
import { type RealN8n, startRealN8n } from './fixture/real-n8n.mts';
import { runToEnd } from './fixture/runs.mts';
import { chain, endNode, manualTrigger, node, workflow } from './fixture/workflows.mts';

const MODEL = { name: 'Fake model', type: 'openAiApi' };

describe('the Pika node as a tool of an AI agent', () => {
	let n8n: RealN8n;
	let model: FakeModel;
	let modelCredential: { id: string; name: string };

	before(async () => {
		n8n = await startRealN8n({ sandbox: { jobSeconds: 1 } });
		model = await startFakeModel({ prompt: 'waves at dawn' });
		const data = { apiKey: 'made-up', url: model.baseUrl };
		modelCredential = { name: MODEL.name, id: await n8n.rest.saveCredential({ ...MODEL, data }) };
	});
	after(async () => {
		await model.stop();
		await n8n.stop();
	});
	beforeEach(() => {
		n8n.sandbox.reset();
	});

	/** The agent's final answer, which contains the result of the tool. */
	async function answerOf(parameters: object): Promise<string> {
		const agent = node('Agent', '@n8n/n8n-nodes-langchain.agent', 2, {
			promptType: 'define',
			text: 'Make a video of waves',
			options: {},
		});
		const { credential } = n8n;
		const plain = workflow(chain(manualTrigger, agent, endNode('Done')), { credential });
		const chat = node('Model', '@n8n/n8n-nodes-langchain.lmChatOpenAi', 1.2, {
			model: { __rl: true, mode: 'id', value: 'fake' },
			options: {},
		});
		const tool = node('Pika', 'n8n-nodes-useapi-pika.pikaTool', 2, {
			toolDescription: 'Makes a video',
			resource: 'video',
			operation: 'create',
			prompt: "={{ $fromAI('prompt', 'What the video shows', 'string') }}",
			...parameters,
		});
		const to = (type: string) => ({ [type]: [[{ node: 'Agent', type, index: 0 }]] });
		const execution = await runToEnd(n8n, {
			...plain,
			nodes: [
				...plain.nodes,
				{ ...chat, credentials: { openAiApi: modelCredential } },
				{ ...tool, credentials: { useApiPikaApi: { id: credential.id, name: credential.name } } },
			],
			connections: {
				...plain.connections,
				Model: to('ai_languageModel'),
				Pika: to('ai_tool'),
			},
		});
		assert.equal(execution.error, undefined);
		return JSON.stringify(outputOf(execution, 'Agent')[0]?.json);
	}

	it('The node submits what the agent requests and returns the job', async () => {
		const answer = await answerOf({});
		const [job] = n8n.sandbox.jobs;
		assert.equal(job?.prompt, 'waves at dawn');
		assert.equal(n8n.sandbox.jobs.length, 1);
		assert.ok(answer.includes(job.jobid));
	});

	it('The node returns a link to the video to the agent instead of the file', async () => {
		const answer = await answerOf({ completion: 'poll', download: true });
		assert.match(answer, /attachments/);
		assert.ok(!n8n.sandbox.requests.some(({ path }) => path.startsWith('/attachments/')));
	});

	it('The node tells the agent why it cannot wait for a callback, and submits nothing', async () => {
		const answer = await answerOf({ completion: 'callback' });
		assert.match(answer, /An AI agent cannot wait for a callback/);
		assert.equal(n8n.sandbox.requests.length, 0);
	});
});
