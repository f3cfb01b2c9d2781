import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { outputOf } from '../scripts/execution.mts';
import {
	forward,
	type Forwarding,
	makeNamespace,
	type NetworkNamespace,
	whyNoNamespaces,
} from '../scripts/network-namespace.mts';
import type { CredentialReference } from '../scripts/workflow-file.mts';
import {
	installSandbox,
	type PackedSandbox,
	startPackedSandbox,
} from './fixture/packed-sandbox.mts';
import { pikaWorkflow, resultsOf } from './fixture/pika-workflow.mts';
import { type RealN8n, startRealN8n } from './fixture/real-n8n.mts';
import { runToEnd } from './fixture/runs.mts';
import { type TemporaryFolder, temporaryFolder } from './fixture/temporary-folder.mts';
import { node } from './fixture/workflows.mts';

const TYPE = 'useApiPikaApi';
const SWITCH = /turn on "Allow Plain HTTP \(Insecure\)"/;

// As in sandbox/compose.yaml, each service has its own loopback interface.
describe('n8n and a sandbox on different networks', { skip: whyNoNamespaces() ?? false }, () => {
	let folder: TemporaryFolder;
	let network: NetworkNamespace;
	let forwarding: Forwarding;
	let sandbox: PackedSandbox;
	let n8n: RealN8n;
	let allowed: CredentialReference;
	let refused: CredentialReference;

	before(async () => {
		folder = await temporaryFolder('pika-e2e-networks');
		await installSandbox(folder.path);
		network = await makeNamespace();
		const options = ['--host', network.address, '--port', '0', '--job-seconds', '1'];
		sandbox = await startPackedSandbox(folder.path, options, network.prefix);
		forwarding = await forward(network.ourAddress);
		n8n = await startRealN8n({ env: { N8N_WEBHOOK_URL: `${forwarding.url}/` } });
		forwarding.to(Number(new URL(n8n.baseUrl).port));
		allowed = await credential('Allowed', { allowPlainHttp: true });
		refused = await credential('Refused', { allowPlainHttp: false });
	});
	after(async () => {
		await n8n.stop();
		await forwarding.stop();
		await sandbox.stop();
		await network.remove();
		await folder.remove();
	});

	const dataOf = (change: object) => ({
		apiToken: sandbox.apiToken,
		baseUrl: sandbox.baseUrl,
		...change,
	});

	async function credential(name: string, change: object): Promise<CredentialReference> {
		const named = { name, type: TYPE };
		return { ...named, id: await n8n.rest.saveCredential({ ...named, data: dataOf(change) }) };
	}

	/** Encrypts two pictures that n8n fetches from the sandbox. */
	async function run(by: CredentialReference, parameters: object) {
		const beside = { sandbox: { ...n8n.sandbox, baseUrl: sandbox.baseUrl }, credential: by };
		const items = [{ prompt: 'waves' }, { prompt: 'dunes' }];
		const pictures = node('Pictures', 'n8n-nodes-base.httpRequest', 4.2, {
			url: `${sandbox.baseUrl}/sandbox/pictures/message.png`,
			options: { response: { response: { responseFormat: 'file' } } },
		});
		return await runToEnd(n8n, pikaWorkflow(beside, { items, pictures, parameters }));
	}

	it('n8n and the sandbox do not share a loopback interface', async () => {
		const { hostname, port } = new URL(sandbox.baseUrl);
		assert.equal(hostname, network.address);
		await assert.rejects(fetch(`http://127.0.0.1:${port}/`));
		assert.equal((await fetch(`${sandbox.baseUrl}/`)).status, 200);
		assert.equal((await fetch(`${sandbox.baseUrl}/sandbox/state`)).status, 401);
		assert.match(await sandbox.printed(), /WARNING: other machines can connect/);
	});

	it('The credential test passes only if plain HTTP is allowed', async () => {
		const test = async (change: object) =>
			await n8n.rest.testCredential({ name: 'Tested', type: TYPE, data: dataOf(change) });
		const without = await test({});
		assert.equal(without.status, 'Error');
		assert.match(without.message, SWITCH);
		assert.equal((await test({ allowPlainHttp: true })).status, 'OK');
	});

	it('n8n sends nothing to the sandbox unless plain HTTP is allowed', async () => {
		const execution = await run(refused, {});
		assert.match(String(execution.error), SWITCH);
	});

	for (const completion of ['poll', 'callback']) {
		it(`The node waits for jobs with ${completion}, and downloads their videos`, async () => {
			const execution = await run(allowed, { completion, download: true });
			assert.equal(execution.error, undefined);
			const ends = resultsOf(execution).map(({ prompt, status }) => [prompt, status]);
			assert.deepEqual(ends, [
				['waves', 'completed'],
				['dunes', 'completed'],
			]);
			for (const { binary } of outputOf(execution, 'Pika')) {
				assert.equal(binary?.video?.mimeType, 'video/mp4');
			}
		});
	}
});
