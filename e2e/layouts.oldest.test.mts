import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { OLDEST_N8N_VERSION } from '../scripts/n8n-install.mts';
import { itWorks, PICTURES_ENV } from './fixture/layout.mts';
import { pikaWorkflow, promptItems } from './fixture/pika-workflow.mts';
import { type RealN8n, startRealN8n } from './fixture/real-n8n.mts';
import { runToEnd } from './fixture/runs.mts';

describe(`the oldest supported n8n, ${OLDEST_N8N_VERSION}`, () => {
	let n8n: RealN8n;

	before(async () => {
		n8n = await startRealN8n({
			installation: { version: OLDEST_N8N_VERSION },
			env: PICTURES_ENV,
			sandbox: { jobSeconds: Infinity },
		});
	});
	after(async () => {
		await n8n.stop();
	});

	itWorks(() => n8n);

	it('An expression that returns no file gets an error that says how to write it', async () => {
		const parameters = { message: '={{ ({}) }}' };
		const workflow = pikaWorkflow(n8n, { items: promptItems(1), parameters });
		const { status, error } = await runToEnd(n8n, workflow);
		assert.equal(status, 'error');
		assert.match(error ?? '', /Message Image: the expression does not return a file/);
	});
});
