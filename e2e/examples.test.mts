import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { TERMINAL_STATUSES } from '../sandbox/contract.cts';
import type { SandboxJob } from '../sandbox/sandbox.cts';
import { type Execution, outputOf } from '../scripts/execution.mts';
import type { Workflow } from '../scripts/workflow-file.mts';
import { addFault, jobsAt, jobWith, readExample, runExample } from './fixture/examples.mts';
import { startFakeModel } from './fixture/fake-model.mts';
import { submissionsOf } from './fixture/pika-workflow.mts';
import { useFreshN8n } from './fixture/fresh-n8n.mts';
import type { RealN8n } from './fixture/real-n8n.mts';
import { node } from './fixture/workflows.mts';

describe('the examples', () => {
	let n8n: RealN8n;

	useFreshN8n({ sandbox: { jobSeconds: 1 } }, (started) => {
		n8n = started;
	});

	it('encrypt-image.json submits the job with both pictures, waits, and returns the video', async () => {
		const execution = await runExample(n8n, await readExample(n8n, 'encrypt-image.json'));
		const [job, ...others] = n8n.sandbox.jobs;
		assert.deepEqual([execution.error, others.length], [undefined, 0]);
		assert.ok(job?.message && job.image);
		const [item] = outputOf(execution, 'Encrypt Image');
		assert.equal(item?.json.jobid, job.jobid);
		assert.equal(item.json.status, 'completed');
		assert.equal(item.binary?.video?.mimeType, 'video/mp4');
	});

	it('encrypt-and-wait.json waits for the callback and returns the video', async () => {
		const execution = await runExample(n8n, await readExample(n8n, 'encrypt-and-wait.json'));
		assert.equal(execution.error, undefined);
		const [job] = n8n.sandbox.jobs;
		assert.ok(job);
		assert.match(job.replyUrl ?? '', /\/webhook-waiting\//);
		const [item, ...others] = outputOf(execution, 'Video Details');
		assert.equal(others.length, 0);
		assert.equal(item?.json.jobid, job.jobid);
		assert.equal(item.json.fileName, job.attachments?.[0]?.filename);
		assert.match(String(item.json.fileSize), /\d+(\.\d+)? kB/);
		assert.equal(item.binary?.video?.mimeType, 'video/mp4');
	});

	it('encrypt-and-wait.json explains a job that ends without a video', async () => {
		addFault(n8n, '', { jobEnd: 'moderated' });
		const execution = await runExample(n8n, await readExample(n8n, 'encrypt-and-wait.json'));
		assert.equal(execution.error, undefined);
		const { jobid, status, reason } = outputOf(execution, 'Explain the Failure')[0]?.json ?? {};
		assert.deepEqual([jobid, status], [n8n.sandbox.jobs[0]?.jobid, 'moderated']);
		assert.match(String(reason), /The Pika job was rejected \(moderated\)/);
		assert.deepEqual(outputOf(execution, 'Video Details'), []);
	});

	it('batch-from-spreadsheet.json writes every row back, two jobs at a time', async () => {
		addFault(n8n, 'spring-03', { jobEnd: 'moderated' });
		const batch = await readExample(n8n, 'batch-from-spreadsheet.json');
		const watched = watchJobs(n8n);
		const execution = await runExample(n8n, withReader(batch, 'Results'));
		assert.equal(execution.error, undefined);
		assert.equal(execution.runs.Results?.length, 1);
		assert.equal(outputOf(execution, 'Results')[0]?.binary?.data?.fileName, 'results.xlsx');

		const rows = outputOf(execution, 'Read Back').map(({ json }) => json);
		assert.deepEqual(
			rows.map(({ id, status, jobid = '', video = '' }) => [id, status, jobid, video]),
			[
				...['spring-01', 'spring-02'].map((id) => finished(jobWith(n8n, id))),
				['spring-03', 'moderated', jobWith(n8n, 'spring-03').jobid, ''],
				finished(jobWith(n8n, 'spring-04')),
				['spring-05', 'not submitted', '', ''],
			],
		);
		for (const { id, prompt } of rows.slice(0, 4)) {
			assert.equal(jobWith(n8n, String(id)).prompt, prompt);
		}
		assert.match(String(rows[2]?.reason), /The Pika job was rejected \(moderated\)/);
		assert.match(String(rows[4]?.reason), /The image could not be fetched: .*404/);
		assert.ok(rows.every(({ image }) => String(image).startsWith(n8n.sandbox.baseUrl)));

		assert.deepEqual(
			jobsAt(execution, 'Store Videos'),
			['spring-01', 'spring-02', 'spring-04'].map((id) => [id, 'video/mp4']),
		);
		assert.equal(submissionsOf(n8n), 4);
		assert.equal(watched.most, 2);
	});

	it('agent-hide-text.json answers a chat message with the link to the video', async () => {
		const wish = { message: 'HELLO', prompt: 'Waves at dawn, seen from above' };
		const model = await startFakeModel(wish);
		try {
			const execution = await runAgent(model.baseUrl);
			assert.equal(execution.error, undefined);
			const [job, ...others] = n8n.sandbox.jobs;
			assert.ok(job);
			assert.equal(others.length, 0);
			assert.deepEqual({ message: job.message, prompt: job.prompt }, wish);
			const answer = String(outputOf(execution, 'AI Agent')[0]?.json.output);
			assert.ok(answer.includes(job.attachments?.[0]?.url ?? '?'), answer);
			assert.ok(JSON.stringify(model.requests[0]).includes('Hide HELLO in waves'));
		} finally {
			await model.stop();
		}
	});

	async function runAgent(modelUrl: string): Promise<Execution> {
		const { rest } = n8n;
		const openAi = { name: 'Fake model', type: 'openAiApi' };
		const data = { apiKey: 'made-up', url: modelUrl };
		const id = await rest.saveCredential({ ...openAi, data });
		const example = await readExample(n8n, 'agent-hide-text.json');
		const nodes = example.nodes.map((each) =>
			each.name === 'OpenAI Chat Model'
				? { ...each, credentials: { openAiApi: { id, name: openAi.name } } }
				: each,
		);
		const workflowId = await rest.saveWorkflow({ ...example, nodes });
		const message = { sessionId: 'a', action: 'sendMessage', chatInput: 'Hide HELLO in waves' };
		const executionId = await rest.run(workflowId, 'When chat message received', message);
		return await rest.waitForExecution(executionId, { withinSeconds: 400 });
	}
});

function finished({ replyRef, jobid, attachments }: SandboxJob) {
	return [replyRef, 'completed', jobid, attachments?.[0]?.url];
}

/** Counts, from now until the sandbox stops, how many jobs run at the same time. */
function watchJobs({ sandbox }: RealN8n): { most: number } {
	const watched = { most: 0 };
	const isOver = ({ status }: SandboxJob) => TERMINAL_STATUSES.some((each) => each === status);
	const look = () => {
		watched.most = Math.max(watched.most, sandbox.jobs.filter((job) => !isOver(job)).length);
		return false;
	};
	sandbox.waitFor(look).catch(() => undefined);
	return watched;
}

/** Lets n8n read the spreadsheet that a node makes. */
function withReader(workflow: Workflow, name: string): Workflow {
	const reader = node('Read Back', 'n8n-nodes-base.extractFromFile', 1, { operation: 'xlsx' });
	const link = { main: [[{ node: reader.name, type: 'main', index: 0 }]] };
	return {
		...workflow,
		nodes: [...workflow.nodes, reader],
		connections: { ...workflow.connections, [name]: link },
	};
}
