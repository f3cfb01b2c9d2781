// What is announced for n8n 3.0, as far as n8n 2 can be configured to do it.
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { encryptImageFromFiles, itWorks, PICTURES_ENV } from './fixture/layout.mts';
import { type RealN8n, startRealN8n } from './fixture/real-n8n.mts';
import { runToEnd, untilWaiting } from './fixture/runs.mts';
import { manualTrigger } from './fixture/workflows.mts';

const sandbox = { jobSeconds: Infinity };

describe('an n8n that does not allow unverified packages', () => {
	const env: Record<string, string> = {
		...PICTURES_ENV,
		N8N_UNVERIFIED_PACKAGES_ENABLED: 'false',
	};
	let n8n: RealN8n;

	before(async () => {
		n8n = await startRealN8n({ env, sandbox });
	});
	after(async () => {
		await n8n.stop();
	});

	// n8n 2 only refuses to install it and n8n 3 will not load it either, which the last of these tests emulates.
	itWorks(() => n8n);

	it('n8n refuses to install an unverified package', async () => {
		await assert.rejects(
			n8n.rest.installCommunityPackage('n8n-nodes-useapi-pika'),
			/unverified community packages is forbidden/,
		);
	});

	it('n8n keeps workflow and credential while the package is not loaded, and names the missing node type', async () => {
		const workflowId = await n8n.rest.saveWorkflow(encryptImageFromFiles(n8n));
		env.N8N_COMMUNITY_PACKAGES_PREVENT_LOADING = 'true';
		await n8n.restart();
		const missing = await runToItsError(n8n, workflowId);
		assert.match(missing, /Unrecognized node type: n8n-nodes-useapi-pika\.pika/);

		Reflect.deleteProperty(env, 'N8N_COMMUNITY_PACKAGES_PREVENT_LOADING');
		await n8n.restart();
		await untilWaiting(n8n, await n8n.rest.run(workflowId, manualTrigger.name));
	});
});

/** n8n refuses to begin, or it begins and fails: the editor shows either. */
async function runToItsError({ rest }: RealN8n, workflowId: string): Promise<string> {
	try {
		const executionId = await rest.run(workflowId, manualTrigger.name);
		return (await rest.waitForExecution(executionId)).error ?? 'none';
	} catch (error) {
		return String(error);
	}
}

describe('an n8n that blocks requests to private networks', () => {
	const env: Record<string, string> = { ...PICTURES_ENV, N8N_SSRF_PROTECTION_ENABLED: 'true' };
	let n8n: RealN8n;

	before(async () => {
		n8n = await startRealN8n({ env, sandbox });
	});
	after(async () => {
		await n8n.stop();
	});

	it('The node sends nothing to a blocked address, and names the setting of n8n that allows it', async () => {
		const { error = '' } = await runToEnd(n8n, encryptImageFromFiles(n8n));
		assert.match(error, /could not be reached: SsrfBlockedIpError\. Nothing was submitted/);
		assert.match(error, /N8N_SSRF_ALLOWED_IP_RANGES/);
		assert.deepEqual(n8n.sandbox.requests, []);
	});

	describe('with an allowed address range', () => {
		before(async () => {
			env.N8N_SSRF_ALLOWED_IP_RANGES = '127.0.0.0/8';
			await n8n.restart();
		});

		itWorks(() => n8n);
	});
});
