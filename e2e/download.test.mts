import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { describe, it } from 'node:test';
import { z } from 'zod';
import { type Item, outputOf } from '../scripts/execution.mts';
import { pikaWorkflow, promptItems, resultsOf } from './fixture/pika-workflow.mts';
import { useFreshN8n } from './fixture/fresh-n8n.mts';
import type { RealN8n } from './fixture/real-n8n.mts';
import { runToEnd } from './fixture/runs.mts';
import { filesWithToken } from './fixture/secrets.mts';

const VIDEO_BYTES = 3_000_001;

const fileSchema = z.object({ id: z.string(), fileName: z.string(), mimeType: z.string() });
const combinedSchema = z.object({ _files: z.record(z.unknown()) });

describe('downloading finished videos', () => {
	let n8n: RealN8n;

	useFreshN8n({ sandbox: { jobSeconds: 0.5, videoBytes: VIDEO_BYTES } }, (started) => {
		n8n = started;
	});

	/** The place of the file in each of n8n's two modes. */
	function fileOf({ json, binary }: Item, binaryMode: string, field: string) {
		const files = binaryMode === 'combined' ? combinedSchema.parse(json)._files : binary;
		return fileSchema.parse(files?.[field]);
	}

	for (const completion of ['callback', 'poll']) {
		for (const binaryMode of ['separate', 'combined']) {
			it(`Downloads store each item’s bytes unchanged (${completion}, ${binaryMode} binary mode)`, async () => {
				const { sandbox, rest } = n8n;
				const items = promptItems(3);
				const parameters = { completion, download: true, outputBinaryField: 'film' };
				const settings = { binaryMode };
				const workflow = pikaWorkflow(n8n, { items, parameters, settings });
				const execution = await runToEnd(n8n, workflow);
				assert.equal(execution.error, undefined);
				assert.deepEqual(
					resultsOf(execution).map(({ item, prompt }) => [item, prompt]),
					items.map(({ prompt }, item) => [item, prompt]),
				);
				for (const item of outputOf(execution, 'Pika')) {
					const job = sandbox.jobs.find(({ jobid }) => jobid === item.json.jobid);
					const [attachment] = job?.attachments ?? [];
					assert.ok(attachment);
					const { id, fileName, mimeType } = fileOf(item, binaryMode, 'film');
					assert.deepEqual([fileName, mimeType], [attachment.filename, 'video/mp4']);
					const video = Buffer.from(await (await fetch(attachment.url)).arrayBuffer());
					assert.equal(video.length, VIDEO_BYTES);
					assert.equal(hashOf(await rest.readBinary(id)), hashOf(video));
				}
				const downloads = sandbox.requests.filter(({ path }) => path.startsWith('/attachments/'));
				assert.ok(downloads.length >= items.length);
				assert.ok(downloads.every(({ authorized }) => !authorized));
			});
		}
	}

	it('An expired link fails its own item only, and the error says what to do', async () => {
		const { sandbox } = n8n;
		sandbox.changeSettings({ linkSeconds: 0 });
		const parameters = { completion: 'callback', download: true };
		const workflow = pikaWorkflow(n8n, { items: promptItems(1), parameters });
		const { status, error = '' } = await runToEnd(n8n, workflow);
		assert.equal(status, 'error');
		assert.match(error, /link has expired/);
		assert.match(error, /Job: Get/);
		assert.ok(error.includes(sandbox.jobs[0]?.jobid ?? '?'));
	});

	it('The API token is in no log, execution or other file of n8n', async () => {
		assert.deepEqual(await filesWithToken(n8n), []);
	});
});

function hashOf(bytes: Buffer): string {
	return createHash('sha256').update(bytes).digest('hex');
}
