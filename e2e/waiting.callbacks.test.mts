import assert from 'node:assert/strict';
import { after, before, beforeEach, describe, it } from 'node:test';
import { SANDBOX_ACCOUNT } from '../sandbox/sandbox.cts';
import { pikaWorkflow, promptItems, resultsOf, submissionsOf } from './fixture/pika-workflow.mts';
import { type RealN8n, startRealN8n } from './fixture/real-n8n.mts';
import { start, untilWaiting } from './fixture/runs.mts';

describe('callbacks to a waiting execution', () => {
	let n8n: RealN8n;

	before(async () => {
		const accounts = [{ ...SANDBOX_ACCOUNT, maxJobs: 50 }];
		n8n = await startRealN8n({ sandbox: { jobSeconds: Infinity, accounts } });
	});
	after(async () => {
		await n8n.stop();
	});
	beforeEach(() => {
		n8n.sandbox.reset();
	});

	async function begin(count: number, options: object = {}): Promise<string> {
		const parameters = { completion: 'callback', options };
		return await start(n8n, pikaWorkflow(n8n, { items: promptItems(count), parameters }));
	}

	async function expectAllCompleted(executionId: string, count: number): Promise<void> {
		const execution = await n8n.rest.waitForExecution(executionId);
		assert.equal(execution.error, undefined);
		const ends = resultsOf(execution).map(({ item, prompt, status }) => [item, prompt, status]);
		const expected = promptItems(count).map(({ prompt }, item) => [item, prompt, 'completed']);
		assert.deepEqual(ends, expected);
		assert.equal(submissionsOf(n8n), count);
	}

	it('A waiting execution submits the next item when a job ends, and waits again without running', async () => {
		const { sandbox } = n8n;
		const execution = await begin(4, { maxJobs: 2 });
		for (const done of [0, 1, 2, 3]) {
			await sandbox.waitFor(() => sandbox.jobs.length === Math.min(done + 2, 4));
			await untilWaiting(n8n, execution);
			const [running] = sandbox.jobs.filter(({ status }) => status === 'started');
			assert.ok(running);
			sandbox.finishJob(running.jobid);
		}
		await expectAllCompleted(execution, 4);
	});

	it('A waiting execution handles five callbacks at once, in reverse order of the items', async () => {
		const { sandbox } = n8n;
		const execution = await begin(5);
		await untilWaiting(n8n, execution);
		for (const { jobid } of [...sandbox.jobs].reverse()) sandbox.finishJob(jobid);
		await expectAllCompleted(execution, 5);
		assert.equal(sandbox.callbacks.length, 5);
	});

	it('A waiting execution handles two callbacks at once while three jobs run, and those later', async () => {
		const { sandbox } = n8n;
		const execution = await begin(5);
		await untilWaiting(n8n, execution);
		const [first, ...others] = [...sandbox.jobs];
		const last = others.pop();
		assert.ok(first && last);
		sandbox.finishJob(last.jobid);
		sandbox.finishJob(first.jobid);
		await sandbox.waitFor(() => sandbox.callbacks.every(({ endedAt }) => endedAt));
		await untilWaiting(n8n, execution);
		for (const { jobid } of others) sandbox.finishJob(jobid);
		await expectAllCompleted(execution, 5);
	});

	it('A callback that is still being read does not set back an execution that others have resumed', async () => {
		const { sandbox } = n8n;
		const execution = await begin(5, { maxJobs: 2 });
		await untilWaiting(n8n, execution);
		const [first, second] = sandbox.jobs;
		assert.ok(first && second);
		sandbox.addFault({
			on: { path: '/v1/pika/jobs/', match: { jobid: second.jobid } },
			do: { delay: 8000 },
		});
		sandbox.finishJob(second.jobid);
		await sandbox.waitFor(() => sandbox.requests.find(({ query }) => query.jobid));
		sandbox.finishJob(first.jobid);
		const third = await sandbox.waitFor(() => sandbox.jobs.length === 4 && sandbox.jobs[2]);
		await untilWaiting(n8n, execution);
		// In the state of the slow callback, this item has no job, and the API no longer lists it.
		sandbox.finishJob(third.jobid);
		await sandbox.waitFor(() => sandbox.jobs.length === 5);
		await untilWaiting(n8n, execution);
		const [slow] = sandbox.callbacks;
		assert.equal(slow?.endedAt, undefined, 'the slow callback is still under way');
		await sandbox.waitFor(() => slow?.endedAt);
		await untilWaiting(n8n, execution);
		assert.equal(submissionsOf(n8n), 5);
		for (const { jobid } of sandbox.jobs.slice(3)) sandbox.finishJob(jobid);
		await expectAllCompleted(execution, 5);
	});

	it('Jobs that end and call before their submission is answered do not disturb the execution', async () => {
		const { sandbox } = n8n;
		sandbox.addFault({ on: { times: 3 }, do: { callbacks: { isEarly: true } } });
		const execution = await begin(3);
		await expectAllCompleted(execution, 3);
		assert.equal(sandbox.callbacks.length, 3);
	});

	it('Jobs that call while n8n saves the wait do not disturb the execution', async () => {
		const prompts = Array.from({ length: 16 }, (_, i) => `[seconds=${0.04 * (i + 1)}]`);
		const executions = await Promise.all(
			prompts.map(async (prompt) => {
				const parameters = { completion: 'callback' };
				return await start(n8n, pikaWorkflow(n8n, { items: [{ prompt }], parameters }));
			}),
		);
		for (const execution of executions) {
			const { error, status } = await n8n.rest.waitForExecution(execution);
			assert.deepEqual({ error, status }, { error: undefined, status: 'success' });
		}
		assert.equal(submissionsOf(n8n), prompts.length);
		const { sandbox } = n8n;
		const answers = sandbox.callbacks.map(({ status }) => status);
		assert.ok(
			answers.some((answer) => answer !== 200),
			'no callback came too early, so this test has shown nothing',
		);
	});

	it('A nonterminal status does not resume the execution, and each terminal one may come three times', async () => {
		const { sandbox } = n8n;
		sandbox.changeSettings({ jobSeconds: 4 });
		sandbox.addFault({ on: { times: 3 }, do: { callbacks: { nonTerminal: true, times: 3 } } });
		const execution = await begin(3);
		await untilWaiting(n8n, execution);
		await expectAllCompleted(execution, 3);
		assert.ok(sandbox.callbacks.some(({ body }) => body.status === 'progress'));
		assert.equal(sandbox.callbacks.filter(({ body }) => body.status === 'completed').length, 9);
	});

	it('The execution keeps waiting after forged callbacks', async () => {
		const { sandbox } = n8n;
		const execution = await begin(2);
		await untilWaiting(n8n, execution);
		const [job] = sandbox.jobs;
		assert.ok(job?.replyUrl);
		const forged: unknown[] = [
			{ ...job, status: 'completed', attachments: [{ url: 'https://example.com/forged.mp4' }] },
			{ jobid: 'never-heard-of', status: 'completed' },
			{ jobid: { $ne: 1 } },
			{},
			[],
			null,
			'completed',
		];
		for (const body of forged) {
			assert.equal(await postTo(job.replyUrl, JSON.stringify(body)), 200);
		}
		assert.equal(await postTo(job.replyUrl, '{"jobid":'), 422);
		const query = new URL(job.replyUrl);
		for (const name of [...query.searchParams.keys()]) query.searchParams.set(name, 'forged');
		assert.equal(await postTo(query.href, '{}'), 401);
		assert.equal(await postTo(query.origin + query.pathname, '{}'), 401);

		assert.equal((await untilWaiting(n8n, execution)).status, 'waiting');
		assert.equal(submissionsOf(n8n), 2);
		for (const { jobid } of [...sandbox.jobs]) sandbox.finishJob(jobid);
		await expectAllCompleted(execution, 2);
	});

	it('The execution resumes after a restart of n8n, even for a job that called while n8n was down', async () => {
		const { sandbox } = n8n;
		const execution = await begin(5, { maxJobs: 3 });
		await untilWaiting(n8n, execution);
		const [lost, first, second] = [...sandbox.jobs];
		assert.ok(lost && first && second);
		await n8n.restart(() => {
			sandbox.finishJob(lost.jobid);
		});
		await untilWaiting(n8n, execution);
		assert.equal(sandbox.callbacks.length, 1);
		assert.ok(sandbox.callbacks[0]?.error);

		sandbox.finishJob(first.jobid);
		await sandbox.waitFor(() => sandbox.jobs.length === 5);
		await untilWaiting(n8n, execution);
		for (const { jobid } of sandbox.jobs.slice(2)) sandbox.finishJob(jobid);
		await expectAllCompleted(execution, 5);
	});
});

async function postTo(url: string, body: string): Promise<number> {
	const headers = { 'content-type': 'application/json' };
	const response = await fetch(url, { method: 'POST', headers, body });
	await response.body?.cancel();
	return response.status;
}
