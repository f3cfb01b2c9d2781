import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { pikaWorkflow, promptItems } from './fixture/pika-workflow.mts';
import { useFreshN8n } from './fixture/fresh-n8n.mts';
import type { RealN8n } from './fixture/real-n8n.mts';
import { start, untilWaiting } from './fixture/runs.mts';

const CANCEL = '/v1/pika/jobs/cancel';

describe('stopped executions', () => {
	let n8n: RealN8n;

	useFreshN8n({ sandbox: { jobSeconds: Infinity } }, (started) => {
		n8n = started;
	});

	async function begin(completion: string, options: object): Promise<string> {
		const { sandbox } = n8n;
		const parameters = { completion, options };
		const items = promptItems(3);
		const execution = await start(n8n, pikaWorkflow(n8n, { items, parameters }));
		await sandbox.waitFor(() => sandbox.jobs.length === items.length);
		return execution;
	}

	it('Stop ends polling at once and does not cancel the jobs, and the execution and n8n’s log name them', async () => {
		const { sandbox, rest } = n8n;
		const execution = await begin('poll', {});
		await rest.stopExecution(execution);
		// Less than the ten seconds between two polls.
		const { status } = await rest.waitForExecution(execution, { withinSeconds: 8 });
		assert.equal(status, 'canceled');
		assert.deepEqual(
			sandbox.requests.filter(({ path }) => path.startsWith(CANCEL)),
			[],
		);
		assert.ok(sandbox.jobs.every((job) => job.status === 'started'));
		const [line = ''] =
			/execution \d+ was stopped\. Jobs that continue at useapi\.net: .*/.exec(await n8n.log()) ??
			[];
		assert.ok(
			sandbox.jobs.every(({ jobid }) => line.includes(jobid)),
			line,
		);
		// n8n stores no output of a stopped node, but its custom data.
		const { customData } = await rest.waitForExecution(execution);
		const kept = Object.values(customData).join(', ').split(', ');
		assert.deepEqual(kept.sort(), sandbox.jobs.map(({ jobid }) => jobid).sort());
	});

	it('Stop cancels the jobs that have not ended, with Cancel on Stop', async () => {
		const { sandbox, rest } = n8n;
		const execution = await begin('poll', { cancelOnStop: true });
		const [ended, ...open] = [...sandbox.jobs];
		assert.ok(ended);
		sandbox.finishJob(ended.jobid);
		await rest.stopExecution(execution);
		await sandbox.waitFor(() => open.every((job) => job.status === 'cancelled'));
		const { status } = await rest.waitForExecution(execution, { withinSeconds: 8 });
		assert.equal(status, 'canceled');
		assert.equal(ended.status, 'completed');
	});

	it('Stop ends an execution that waits for callbacks, and later callbacks are harmless', async () => {
		const { sandbox, rest } = n8n;
		const execution = await begin('callback', { cancelOnStop: true });
		await untilWaiting(n8n, execution);
		await rest.stopExecution(execution);
		const { status } = await rest.waitForExecution(execution, { withinSeconds: 8 });
		assert.equal(status, 'canceled');
		const { customData } = await rest.waitForExecution(execution);
		const kept = Object.values(customData).join(', ').split(', ').sort();
		const jobs = sandbox.jobs.map(({ jobid, prompt }) => `${prompt}: ${jobid} (started)`);
		assert.deepEqual(kept, jobs.sort());
		for (const { jobid } of [...sandbox.jobs]) sandbox.finishJob(jobid);
		await sandbox.waitFor(() => sandbox.callbacks.every(({ endedAt }) => endedAt));
		assert.ok(sandbox.callbacks.every(({ status: answer }) => answer !== 200));
		const after = await rest.waitForExecution(execution);
		assert.equal(after.status, 'canceled');
	});
});
