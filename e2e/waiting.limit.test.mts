import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { setTimeout as wait } from 'node:timers/promises';
import {
	pikaWorkflow,
	promptItems,
	resultsOf,
	submissionsOf,
	withBase64,
} from './fixture/pika-workflow.mts';
import { useFreshN8n } from './fixture/fresh-n8n.mts';
import type { RealN8n } from './fixture/real-n8n.mts';
import { start, untilWaiting } from './fixture/runs.mts';
import { embeddedPictureNode } from './fixture/workflows.mts';

/** In minutes. n8n checks for expired waits once a minute, so each takes up to a minute anyway. */
const AT_ONCE = 0.01;

describe('callbacks that never come', () => {
	let n8n: RealN8n;

	useFreshN8n({ sandbox: { jobSeconds: Infinity } }, (started) => {
		n8n = started;
	});

	async function begin(onError: string, waitLimit = AT_ONCE): Promise<string> {
		const { sandbox } = n8n;
		const jobsBefore = sandbox.jobs.length;
		const parameters = { completion: 'callback', waitLimit };
		const node = { onError };
		const items = withBase64(promptItems(2));
		const pictures = embeddedPictureNode;
		const workflow = pikaWorkflow(n8n, { items, parameters, node, pictures });
		const execution = await start(n8n, workflow);
		await sandbox.waitFor(() => sandbox.jobs.length === jobsBefore + items.length);
		await untilWaiting(n8n, execution);
		return execution;
	}

	it('The wait ends at its limit as each error setting requires, and the editor’s Retry submits nothing', async () => {
		const { rest } = n8n;
		const stopping = await begin('stopWorkflow');
		const regular = await begin('continueRegularOutput');
		const toErrorOutput = await begin('continueErrorOutput');
		// Each execution's jobs in the order of its items, not of their arrival.
		const jobids = [0, 2, 4].flatMap((begin) =>
			n8n.sandbox.jobs
				.slice(begin, begin + 2)
				.toSorted((one, other) => (one.prompt ?? '').localeCompare(other.prompt ?? ''))
				.map(({ jobid }) => jobid),
		);

		const failed = await rest.waitForExecution(stopping);
		assert.equal(failed.status, 'error');
		assert.match(failed.error ?? '', /ended after 0\.01 minutes; its last known status was/);
		const own = jobids.splice(0, 2);
		for (const jobid of own) assert.ok(failed.error?.includes(jobid), failed.error);

		for (const [id, output, nodeName] of [
			[regular, 0, 'Done'],
			[toErrorOutput, 1, 'Failed'],
		] as const) {
			const execution = await rest.waitForExecution(id);
			assert.equal(execution.error, undefined);
			assert.equal(execution.status, 'success');
			const ownJobs = jobids.splice(0, 2);
			const ends = resultsOf(execution, 'Pika', output).map(({ item, jobid, status, timedOut }) => [
				item,
				jobid,
				status,
				timedOut,
			]);
			assert.deepEqual(
				ends,
				ownJobs.map((jobid, item) => [item, jobid, 'started', true]),
			);
			assert.equal(resultsOf(execution, nodeName).length, 2);
			assert.equal(resultsOf(execution, 'Pika', 1 - output).length, 0);
		}

		// reported: n8n shows the error of the wait again without calling the node (docs/n8n-internals.md, "Retry keeps the
		// wait"), so the jobs are not recovered, but none may be submitted again.
		const retried = await rest.waitForExecution(await rest.retryExecution(failed.id));
		assert.equal(retried.error, failed.error);
		assert.equal(submissionsOf(n8n), 6);
	});

	it('Each loop round has its own limit, although n8n has stored the end of the first one', async () => {
		const { sandbox, rest } = n8n;
		const parameters = { completion: 'callback', waitLimit: 1.1, options: { maxJobs: 1 } };
		const items = promptItems(2);
		const execution = await start(n8n, pikaWorkflow(n8n, { items, parameters }));
		const first = await sandbox.waitFor(() => sandbox.jobs[0]);
		await untilWaiting(n8n, execution);
		const timer = `Setting timer for IDs: ${execution}`;
		while (!(await n8n.log()).includes(timer)) await wait(250);
		sandbox.finishJob(first.jobid);
		const second = await sandbox.waitFor(() => sandbox.jobs[1]);
		// There is no event to await: n8n's timer must do nothing.
		await wait(Date.parse(first.created) + 70_000 - Date.now());
		sandbox.finishJob(second.jobid);
		const { error, status } = await rest.waitForExecution(execution);
		assert.deepEqual({ error, status }, { error: undefined, status: 'success' });
		assert.equal(submissionsOf(n8n), 2);
	});
});
