import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { outputOf } from '../scripts/execution.mts';
import { BUTTON, readExample } from './fixture/examples.mts';
import { useFreshN8n } from './fixture/fresh-n8n.mts';
import type { RealN8n } from './fixture/real-n8n.mts';
import {
	executionsBy,
	type PublishedTrigger,
	publish,
	unpublish,
	untilDefaultReplyUrl,
} from './fixture/triggers.mts';

describe('examples with Pika Trigger', () => {
	let n8n: RealN8n;

	useFreshN8n({ sandbox: { jobSeconds: 1 } }, (started) => {
		n8n = started;
	});

	async function imported(file: string): Promise<PublishedTrigger> {
		const workflow = await readExample(n8n, file);
		const trigger = workflow.nodes.find(({ type }) => type.endsWith('.pikaTrigger'));
		const path = `${String(trigger?.webhookId)}/pika`;
		const workflowId = await n8n.rest.saveWorkflow(workflow);
		return { workflowId, path, url: `${n8n.baseUrl}/webhook/${path}` };
	}

	async function submit({ workflowId }: PublishedTrigger): Promise<string> {
		const execution = await n8n.rest.waitForExecution(await n8n.rest.run(workflowId, BUTTON));
		assert.deepEqual([execution.status, execution.error], ['success', undefined]);
		const [item, ...others] = outputOf(execution, 'Encrypt Image');
		assert.equal(others.length, 0);
		assert.equal(item?.json.replyRef, 'order-1042');
		return String(item.json.jobid);
	}

	async function expectVideo(trigger: PublishedTrigger, jobid: string, count: number) {
		const execution = (await executionsBy(n8n, trigger, count)).at(-1);
		assert.ok(execution);
		assert.equal(execution.error, undefined);
		const [item] = outputOf(execution, 'Video Ready');
		assert.equal(item?.json.jobid, jobid);
		assert.equal(item.json.replyRef, 'order-1042');
		assert.equal(item.binary?.video?.mimeType, 'video/mp4');
	}

	it('The two-workflow example submits in one workflow and continues in the other', async () => {
		const continuing = await imported('trigger-continue.json');
		await publish(n8n, continuing);
		await untilDefaultReplyUrl(n8n, continuing.url);
		const jobid = await submit(await imported('trigger-submit.json'));
		await expectVideo(continuing, jobid, 1);

		n8n.sandbox.addFault({ do: { jobEnd: 'failed' } });
		await submit(await imported('trigger-submit.json'));
		const failed = (await executionsBy(n8n, continuing, 2)).at(-1);
		assert.ok(failed);
		const [item] = outputOf(failed, 'No Video');
		assert.equal(item?.json.status, 'failed');
		await unpublish(n8n, continuing);
	});

	it('The one-workflow example submits and continues in the same workflow', async () => {
		const both = await imported('trigger-both.json');
		await publish(n8n, both);
		await untilDefaultReplyUrl(n8n, both.url);
		const jobid = await submit(both);
		await expectVideo(both, jobid, 2);
		await unpublish(n8n, both);
	});
});
