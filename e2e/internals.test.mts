import assert from 'node:assert/strict';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { pikaWorkflow, promptItems, resultsOf, submissionsOf } from './fixture/pika-workflow.mts';
import { type RealN8n, startRealN8n } from './fixture/real-n8n.mts';
import { runToEnd, start, untilWaiting } from './fixture/runs.mts';

const LOST =
	'This n8n no longer runs execute() again from webhook(). See ' +
	'nodes/Pika/waiting/hostSupport.ts: until that is repaired the node polls in the place of callbacks.';

describe('n8n’s internals that resuming depends on', () => {
	let n8n: RealN8n;

	before(async () => {
		n8n = await startRealN8n({ sandbox: { jobSeconds: Infinity } });
	});
	after(async () => {
		await n8n.stop();
	});

	it('webhook() can run execute() again', async () => {
		const { sandbox, rest } = n8n;
		const parameters = { completion: 'callback', options: { maxJobs: 1 } };
		const items = promptItems(2);
		const execution = await start(n8n, pikaWorkflow(n8n, { items, parameters }));
		await untilWaiting(n8n, execution);
		const [first] = sandbox.jobs;
		assert.ok(first);
		sandbox.finishJob(first.jobid);
		// Only execute() submits, and only a callback could resume it.
		await Promise.race([
			sandbox.waitFor(() => sandbox.jobs[1]),
			rest.waitForExecution(execution).catch(() => undefined),
		]);
		const second = sandbox.jobs[1];
		assert.ok(second, LOST);
		await untilWaiting(n8n, execution);
		sandbox.finishJob(second.jobid);
		const { status, error } = await rest.waitForExecution(execution);
		assert.deepEqual({ status, error }, { status: 'success', error: undefined });
	});
});

describe('polling instead of callbacks, without n8n’s internals', () => {
	let n8n: RealN8n;

	before(async () => {
		n8n = await startRealN8n({ sandbox: { jobSeconds: 1.5 }, alterPackage: withoutInternals });
	});
	after(async () => {
		await n8n.stop();
	});

	it('Every execution ends with each item’s own job in the right output without n8n’s internals', async () => {
		n8n.sandbox.reset();
		const items = promptItems(4, ['', '[fail]', '[moderated]', '']);
		const parameters = { completion: 'callback' };
		const node = { onError: 'continueErrorOutput' };
		const execution = await runToEnd(n8n, pikaWorkflow(n8n, { items, parameters, node }));
		assert.equal(execution.status, 'success');
		const outputs = [0, 1].map((output) =>
			resultsOf(execution, 'Pika', output).map(({ item, prompt, status }) => [
				item,
				prompt,
				status,
			]),
		);
		assert.deepEqual(outputs, [
			[
				[0, 'item 0', 'completed'],
				[3, 'item 3', 'completed'],
			],
			[
				[1, 'item 1 [fail]', 'failed'],
				[2, 'item 2 [moderated]', 'moderated'],
			],
		]);
		assert.equal(submissionsOf(n8n), 4);
	});

	it('An execution with more items than slots ends with each item’s job without n8n’s internals', async () => {
		n8n.sandbox.reset();
		const parameters = { completion: 'callback', options: { maxJobs: 2 } };
		const execution = await runToEnd(n8n, pikaWorkflow(n8n, { items: promptItems(3), parameters }));
		assert.equal(execution.status, 'success');
		assert.deepEqual(
			resultsOf(execution).map(({ item, status }) => [item, status]),
			[0, 1, 2].map((item) => [item, 'completed']),
		);
		assert.equal(submissionsOf(n8n), 3);
	});
});

/** Hides n8n's internals from the guarded access, as in an n8n that has removed them. */
async function withoutInternals(packageFolder: string): Promise<void> {
	const file = join(packageFolder, 'dist', 'nodes', 'Pika', 'waiting', 'hostSupport.js');
	const code = await readFile(file, 'utf8');
	const guarded = 'const { executeData } = context;';
	assert.equal(code.split(guarded).length, 2, `${guarded} must stand once in ${file}`);
	await writeFile(file, code.replace(guarded, 'const executeData = undefined;'));
}
