import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import {
	pikaWorkflow,
	promptItems,
	resultsOf,
	submissionsOf,
	withBase64,
} from './fixture/pika-workflow.mts';
import { useFreshN8n } from './fixture/fresh-n8n.mts';
import type { RealN8n } from './fixture/real-n8n.mts';
import { runToEnd, start, untilWaiting } from './fixture/runs.mts';
import { embeddedPictureNode } from './fixture/workflows.mts';

const CALLBACK = { completion: 'callback' };

/**
 * n8n's HTTP Request leaves the connection of a downloaded file in its context, and n8n then answers its own Retry with
 * 500 "Converting circular structure to JSON" though the retry has run.
 */
const PICTURES = { pictures: embeddedPictureNode };

describe('retries during and after waiting for callbacks', () => {
	let n8n: RealN8n;

	useFreshN8n({ sandbox: { jobSeconds: 1.5 } }, (started) => {
		n8n = started;
	});

	it('Retry On Fail submits nothing twice if one of three jobs has failed', async () => {
		const items = promptItems(3, ['', '[fail]', '']);
		const node = { retryOnFail: true, maxTries: 3, waitBetweenTries: 100 };
		const workflow = pikaWorkflow(n8n, { items, parameters: CALLBACK, node });
		const { error = '', status } = await runToEnd(n8n, workflow);
		assert.equal(status, 'error');
		assert.match(error, /The Pika job failed/);
		const [first, failed, last] = n8n.sandbox.jobs
			.toSorted((one, other) => (one.prompt ?? '').localeCompare(other.prompt ?? ''))
			.map(({ jobid }) => jobid);
		for (const jobid of [first, failed, last]) assert.ok(error.includes(jobid ?? '?'), error);
		assert.equal(submissionsOf(n8n), 3);
	});

	it('Retry On Fail submits nothing twice if the first output item is an error', async () => {
		const items = promptItems(3, ['[fail]', '', '']);
		const node = {
			retryOnFail: true,
			maxTries: 3,
			waitBetweenTries: 100,
			onError: 'continueRegularOutput',
		};
		const workflow = pikaWorkflow(n8n, { items, parameters: CALLBACK, node });
		const execution = await runToEnd(n8n, workflow);
		assert.equal(execution.error, undefined);
		const ends = resultsOf(execution).map(({ item, status }) => [item, status]);
		assert.deepEqual(ends, [
			[0, 'failed'],
			[1, 'completed'],
			[2, 'completed'],
		]);
		assert.equal(submissionsOf(n8n), 3);
	});

	it('The editor’s Retry of an execution with one failed job recovers all jobs', async () => {
		const items = withBase64(promptItems(3, ['', '[fail]', '']));
		const workflow = pikaWorkflow(n8n, { items, parameters: CALLBACK, ...PICTURES });
		const failed = await runToEnd(n8n, workflow);
		assert.equal(failed.status, 'error');
		const retried = await n8n.rest.retryExecution(failed.id);
		const execution = await n8n.rest.waitForExecution(retried);
		assert.match(execution.error ?? '', /The Pika job failed/);
		assert.equal(submissionsOf(n8n), 3);
	});

	for (const completion of ['poll', 'callback']) {
		it(`The editor’s Retry with a changed On Error outputs the other jobs after one has failed (${completion})`, async () => {
			const items = withBase64(promptItems(3, ['', '[fail]', '']));
			const options = { items, parameters: { completion }, ...PICTURES };
			const original = pikaWorkflow(n8n, options);
			const failed = await runToEnd(n8n, original);
			assert.equal(failed.status, 'error');
			const changed = pikaWorkflow(n8n, { ...options, node: { onError: 'continueErrorOutput' } });
			await n8n.rest.saveWorkflow({ ...changed, name: original.name });
			const retry = await n8n.rest.retryExecution(failed.id, { loadWorkflow: true });
			const execution = await n8n.rest.waitForExecution(retry);
			assert.equal(execution.error, undefined);
			const videos = resultsOf(execution).map(({ item, status }) => [item, status]);
			assert.deepEqual(videos, [
				[0, 'completed'],
				[2, 'completed'],
			]);
			assert.equal(submissionsOf(n8n), 3);
		});
	}

	it('The editor’s Retry after a polling limit recovers jobs that have ended in the meantime', async () => {
		const { sandbox, rest } = n8n;
		sandbox.changeSettings({ jobSeconds: Infinity });
		const items = withBase64(promptItems(3));
		const parameters = { completion: 'poll', waitLimit: 0.03 };
		const failed = await runToEnd(n8n, pikaWorkflow(n8n, { items, parameters, ...PICTURES }));
		assert.match(failed.error ?? '', /ended after 0\.03 minutes/);
		for (const { jobid } of [...sandbox.jobs]) sandbox.finishJob(jobid);
		const retried = await rest.waitForExecution(await rest.retryExecution(failed.id));
		assert.equal(retried.error, undefined);
		const ends = resultsOf(retried).map(({ item, prompt, status }) => [item, prompt, status]);
		assert.deepEqual(
			ends,
			items.map(({ prompt }, item) => [item, prompt, 'completed']),
		);
		assert.equal(submissionsOf(n8n), 3);
	});

	// reported: Retry treats the wait as expired without calling the node (docs/n8n-internals.md, "Retry keeps the wait"). So
	// the jobs are not recovered, and the message names a limit that was not reached.
	it('The editor’s Retry of an execution that was stopped while waiting submits nothing', async () => {
		const { sandbox, rest } = n8n;
		sandbox.changeSettings({ jobSeconds: Infinity });
		const items = withBase64(promptItems(3));
		const workflow = pikaWorkflow(n8n, { items, parameters: CALLBACK, ...PICTURES });
		const execution = await start(n8n, workflow);
		await untilWaiting(n8n, execution);
		await rest.stopExecution(execution);
		await rest.waitForExecution(execution);
		const retried = await rest.waitForExecution(await rest.retryExecution(execution));
		assert.equal(retried.status, 'error');
		for (const { jobid } of sandbox.jobs) assert.ok(retried.error?.includes(jobid), retried.error);
		assert.equal(submissionsOf(n8n), 3);
	});
});
