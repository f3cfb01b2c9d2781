import assert from 'node:assert/strict';
import { after, before, beforeEach, describe, it } from 'node:test';
import { SANDBOX_ACCOUNT } from '../../sandbox/sandbox.cts';
import { outputOf } from '../../scripts/execution.mts';
import { postJson } from '../fixture/post-json.mts';
import { pikaWorkflow, promptItems, resultsOf, withBase64 } from '../fixture/pika-workflow.mts';
import { executionsBy, foreignJob, publishTrigger } from '../fixture/triggers.mts';
import { embeddedPictureNode } from '../fixture/workflows.mts';
import { startPublished, webhookStart } from './fixture/published.mts';
import { type QueueN8n, startQueueN8n } from './fixture/queue-n8n.mts';

describe('callbacks that reach several processes of n8n', () => {
	let n8n: QueueN8n;

	before(async () => {
		const accounts = [{ ...SANDBOX_ACCOUNT, maxJobs: 50 }];
		n8n = await startQueueN8n({ jobSeconds: Infinity, accounts }, { webhookProcesses: 2 });
	});
	after(async () => {
		await n8n.stop();
	});
	beforeEach(() => {
		n8n.sandbox.reset();
	});

	it('A callback that is read for so long that another process has gone on makes no second job.', async () => {
		const { sandbox, rest, mainUrl } = n8n;
		const { path, trigger } = webhookStart();
		const items = withBase64(promptItems(5));
		const parameters = { completion: 'callback', options: { maxJobs: 2 } };
		const node = { onError: 'continueErrorOutput' };
		const pictures = embeddedPictureNode;
		const execution = await startPublished(
			n8n,
			pikaWorkflow(n8n, { items, trigger, parameters, node, pictures }),
			path,
		);
		const waits = async () => await rest.waitForExecution(execution, { until: ['waiting'] });
		await sandbox.waitFor(() => sandbox.jobs.length === 2);
		await waits();

		const [first] = sandbox.jobs;
		assert.ok(first?.replyUrl);
		sandbox.addFault({
			on: { path: '/v1/pika/jobs/', match: { jobid: first.jobid } },
			do: { delay: 25_000 },
		});
		const { pathname, search } = new URL(first.replyUrl);
		let isAnswered = false;
		const slow = postJson(mainUrl + pathname + search, { jobid: first.jobid }).finally(() => {
			isAnswered = true;
		});
		await sandbox.waitFor(() => sandbox.requests.some(({ query }) => query.jobid === first.jobid));
		// In the state that the slow callback holds, none of the last three items has a job; the first of them has one that ends.
		for (const i of [0, 1, 2]) {
			const job = await sandbox.waitFor(() => sandbox.jobs[i]);
			await waits();
			sandbox.finishJob(job.jobid);
			await sandbox.waitFor(() => sandbox.jobs.length === Math.min(i + 3, 5));
		}
		await waits();
		assert.equal(isAnswered, false, 'the slow callback was not slow enough to show anything');
		await slow;
		// n8n has set the execution back: what runs is found among the running jobs, what has ended is not.
		const [, , , running] = sandbox.jobs;
		assert.ok(running);
		await sandbox.waitFor(() =>
			sandbox.requests.some(({ query }) => query.jobid === running.jobid),
		);
		await waits();
		for (const { jobid } of sandbox.jobs.slice(3)) sandbox.finishJob(jobid);
		const ended = await rest.waitForExecution(execution);
		assert.equal(ended.error, undefined);
		const prompts = items.map(({ prompt }) => prompt);
		// The first two are submitted at the same time, and may arrive in any order.
		assert.deepEqual(sandbox.jobs.map(({ prompt }) => prompt).toSorted(), prompts);
		const known = resultsOf(ended).map(({ item, prompt }) => [item, prompt]);
		assert.deepEqual(
			known,
			[0, 1, 3, 4].map((item) => [item, prompts[item]]),
		);
		const [lost, ...others] = outputOf(ended, 'Pika', 1);
		assert.equal(others.length, 0);
		assert.match(String(lost?.json.error), /may have been submitted/);
		assert.ok(JSON.stringify(lost?.json.details).includes(sandbox.jobs[2]?.replyRef ?? '?'));
	});

	it('Pika Trigger emits each of 20 jobs once when each calls two webhook processes at the same moment.', async () => {
		const { rest, webhookUrls } = n8n;
		const place = { ...n8n, baseUrl: n8n.mainUrl, packageName: 'n8n-nodes-useapi-pika' };
		const trigger = await publishTrigger(place);
		for (const baseUrl of webhookUrls) {
			await rest.callWebhook(trigger.path, { method: 'POST', body: '[]' }, { baseUrl });
		}
		const jobs = await Promise.all(
			Array.from({ length: 20 }, async () => await foreignJob(n8n, 'completed')),
		);
		const jobids = jobs.map(({ jobid }) => jobid);
		const urls = webhookUrls.map((baseUrl) => `${baseUrl}/webhook/${trigger.path}`);
		const calls = jobids.flatMap((jobid) =>
			urls.map(async (url) => await postJson(url, { jobid, status: 'completed' })),
		);
		assert.deepEqual(await Promise.all(calls), Array(2 * jobids.length).fill(200));
		const executions = await executionsBy(n8n, trigger, calls.length, 120);
		assert.deepEqual(
			executions.map(({ status }) => status),
			calls.map(() => 'success'),
		);
		const emitted = executions.flatMap((execution) => outputOf(execution, 'Done'));
		assert.deepEqual(emitted.map(({ json }) => json.jobid).toSorted(), jobids.toSorted());
	});
});
