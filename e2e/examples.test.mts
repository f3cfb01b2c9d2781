import assert from 'node:assert/strict';
import { after, before, beforeEach, describe, it } from 'node:test';
import { TERMINAL_STATUSES } from '../sandbox/contract.cts';
import type { SandboxJob } from '../sandbox/sandbox.cts';
import { type Execution, outputOf } from '../scripts/execution.mts';
import type { Workflow } from '../scripts/workflow-file.mts';
import { readExample, runExample, withParameters } from './fixture/examples.mts';
import { startFakeModel } from './fixture/fake-model.mts';
import { submissionsOf } from './fixture/pika-workflow.mts';
import { type RealN8n, startRealN8n } from './fixture/real-n8n.mts';
import { node } from './fixture/workflows.mts';

const NO_CALLBACK = { times: 0 };
/** So long that no callback of another job finds it ended. */
const LONG_SECONDS = 45;
/** In minutes. n8n looks once a minute for waits that are over. */
const AT_ONCE = 0.01;

describe('the examples', () => {
	let n8n: RealN8n;

	before(async () => {
		n8n = await startRealN8n({ sandbox: { jobSeconds: 1 } });
	});
	after(async () => {
		await n8n.stop();
	});
	beforeEach(() => {
		n8n.sandbox.reset();
	});

	function jobWith(replyRef: string): SandboxJob {
		const [job, ...others] = n8n.sandbox.jobs.filter((each) => each.replyRef === replyRef);
		assert.ok(job, `no job has the reply reference ${replyRef}`);
		assert.equal(others.length, 0);
		return job;
	}

	it('encrypt-image.json submits the job with both pictures', async () => {
		const execution = await runExample(n8n, await readExample(n8n, 'encrypt-image.json'));
		const [job, ...others] = n8n.sandbox.jobs;
		assert.deepEqual([execution.error, others.length], [undefined, 0]);
		assert.ok(job?.message && job.image);
		assert.equal(outputOf(execution, 'Encrypt Image')[0]?.json.jobid, job.jobid);
	});

	it('encrypt-and-wait.json sleeps until the callback and gives the video', async () => {
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
		n8n.sandbox.addFault({ on: { endpoint: 'encrypt_image' }, do: { jobEnd: 'moderated' } });
		const execution = await runExample(n8n, await readExample(n8n, 'encrypt-and-wait.json'));
		assert.equal(execution.error, undefined);
		const { jobid, status, reason } = outputOf(execution, 'Explain the Failure')[0]?.json ?? {};
		assert.deepEqual([jobid, status], [n8n.sandbox.jobs[0]?.jobid, 'moderated']);
		assert.match(String(reason), /The Pika job ended moderated/);
		assert.deepEqual(outputOf(execution, 'Video Details'), []);
	});

	it('batch-from-spreadsheet.json writes every row back, two jobs at a time', async () => {
		n8n.sandbox.addFault({
			on: { endpoint: 'encrypt_image', match: { replyRef: 'spring-03' } },
			do: { jobEnd: 'moderated' },
		});
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
				...['spring-01', 'spring-02'].map((id) => finished(jobWith(id))),
				['spring-03', 'moderated', jobWith('spring-03').jobid, ''],
				finished(jobWith('spring-04')),
				['spring-05', 'not submitted', '', ''],
			],
		);
		for (const { id, prompt } of rows.slice(0, 4)) {
			assert.equal(jobWith(String(id)).prompt, prompt);
		}
		assert.match(String(rows[2]?.reason), /The Pika job ended moderated/);
		assert.match(String(rows[4]?.reason), /The image could not be fetched: .*404/);
		assert.ok(rows.every(({ image }) => String(image).startsWith(n8n.sandbox.baseUrl)));

		const videos = outputOf(execution, 'Store Videos').map(({ json, binary }) => [
			json.replyRef,
			binary?.video?.mimeType,
		]);
		assert.deepEqual(
			videos,
			['spring-01', 'spring-02', 'spring-04'].map((id) => [id, 'video/mp4']),
		);
		assert.equal(submissionsOf(n8n), 4);
		assert.equal(watched.most, 2);
	});

	/** The last order's job ends as moderated meanwhile. */
	function loseCallbackOf(replyRef: string, jobSeconds = LONG_SECONDS) {
		const { sandbox } = n8n;
		const on = { endpoint: 'encrypt_image' } as const;
		const lost = { jobSeconds, callbacks: NO_CALLBACK };
		sandbox.addFault({ on: { ...on, match: { replyRef } }, do: lost });
		const moderated = { ...on, match: { replyRef: 'order-1044' } };
		sandbox.addFault({ on: moderated, do: { jobEnd: 'moderated' } });
	}

	const ordersAt = (execution: Execution, name: string, field = 'replyRef') =>
		(execution.runs[name] ?? [])
			.flatMap((run) => run.data?.main[0] ?? [])
			.map(({ json, binary }) => [json[field], binary?.video?.mimeType]);

	it('repair-timed-out.json fetches the video of a job whose callback was lost', async () => {
		loseCallbackOf('order-1043');
		const example = await readExample(n8n, 'repair-timed-out.json');
		const execution = await runExample(
			n8n,
			withParameters(example, 'Encrypt Image', { waitLimit: AT_ONCE }),
		);
		assert.equal(execution.error, undefined);
		const timedOut = outputOf(execution, 'Get Job').map(({ json }) => json.replyRef);
		assert.deepEqual(timedOut, ['order-1043']);
		assert.deepEqual(ordersAt(execution, 'Video Ready'), [
			['order-1042', 'video/mp4'],
			['order-1043', 'video/mp4'],
		]);
		const [{ json } = { json: {} }] = outputOf(execution, 'No Video');
		assert.deepEqual([json.order, json.jobid], ['order-1044', jobWith('order-1044').jobid]);
		assert.match(String(json.reason), /The Pika job ended moderated/);
		assert.equal(submissionsOf(n8n), 3);
	});

	it('repair-on-schedule.json remembers the job, leaves it while it runs, then fetches its video and forgets it', async () => {
		const { sandbox } = n8n;
		loseCallbackOf('order-1042', 99_999);
		loseCallbackOf('order-1043', 99_999);
		const example = withParameters(
			await readExample(n8n, 'repair-on-schedule.json'),
			'Encrypt Image',
			{ waitLimit: AT_ONCE },
		);
		const schedule = async () => {
			const execution = await runExample(n8n, example, 'Every 15 Minutes');
			assert.equal(execution.error, undefined);
			return {
				open: ordersAt(execution, 'Open Jobs').map(([order]) => order),
				ready: ordersAt(execution, 'Video Ready'),
				without: ordersAt(execution, 'Ended Without Video').map(([order]) => order),
			};
		};
		assert.deepEqual(await schedule(), { open: [], ready: [], without: [] });

		const execution = await runExample(n8n, example);
		assert.equal(execution.error, undefined);
		assert.deepEqual(
			ordersAt(execution, 'Remember Job')
				.map(([order]) => order)
				.toSorted(),
			['order-1042', 'order-1043'],
		);
		assert.deepEqual(outputOf(execution, 'No Video')[0]?.json.order, 'order-1044');

		sandbox.finishJob(jobWith('order-1043').jobid);
		assert.deepEqual(await schedule(), {
			open: ['order-1042', 'order-1043'],
			ready: [['order-1043', 'video/mp4']],
			without: [],
		});
		sandbox.finishJob(jobWith('order-1042').jobid, 'failed');
		assert.deepEqual(await schedule(), {
			open: ['order-1042'],
			ready: [],
			without: ['order-1042'],
		});
		assert.deepEqual(await schedule(), { open: [], ready: [], without: [] });
		assert.equal(submissionsOf(n8n), 3);
	});

	it("agent-hide-text.json answers a chat message with the video's link", async () => {
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
