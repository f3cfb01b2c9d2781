import assert from 'node:assert/strict';
import { after, before, beforeEach, describe, it } from 'node:test';
import { SANDBOX_CHANNEL } from '../sandbox/sandbox.cts';
import { outputOf } from '../scripts/execution.mts';
import { API_TOKEN, type RealN8n, startRealN8n } from './fixture/real-n8n.mts';
import { runToEnd } from './fixture/runs.mts';
import {
	chain,
	embeddedPictureNode,
	endNode,
	itemNodes,
	manualTrigger,
	node,
	workflow,
} from './fixture/workflows.mts';
import { withBase64 } from './fixture/pika-workflow.mts';

const TYPE = 'n8n-nodes-useapi-pika.pika';
const OWN_CHANNEL = '1100000000000000042';
const DISCORD_TOKEN = 'a-discord-token-of-the-test';

describe('every operation in a real n8n', () => {
	let n8n: RealN8n;
	let own: { id: string; name: string; type: string };

	before(async () => {
		n8n = await startRealN8n({ sandbox: { jobSeconds: 60 } });
		const { apiToken, baseUrl } = n8n.sandbox;
		const name = 'With a Discord account';
		const type = 'useApiPikaApi';
		const data = { apiToken, baseUrl, channel: OWN_CHANNEL, discordToken: DISCORD_TOKEN };
		own = { id: await n8n.rest.saveCredential({ name, type, data }), name, type };
	});
	after(async () => {
		await n8n.stop();
	});
	beforeEach(() => {
		n8n.sandbox.reset();
	});

	/** Runs one operation on one item with a picture, and returns its output. */
	async function outputs(
		parameters: object,
		credential = n8n.credential,
	): Promise<Record<string, unknown>[]> {
		const pika = node('Pika', TYPE, 2, { completion: 'off', ...parameters });
		const items = withBase64([{ prompt: 'waves' }]);
		const main = chain(
			manualTrigger,
			...itemNodes(items),
			embeddedPictureNode,
			pika,
			endNode('Done'),
		);
		const execution = await runToEnd(n8n, workflow(main, { credential }));
		assert.equal(execution.error, undefined);
		return outputOf(execution, 'Pika').map(({ json }) => json);
	}

	async function submitted(): Promise<string> {
		await outputs({ resource: 'video', operation: 'create', prompt: 'waves' });
		return n8n.sandbox.jobs.at(-1)?.jobid ?? '';
	}

	const video = { resource: 'video', prompt: 'waves' };
	const submissions: [string, object][] = [
		['encrypt_image', { ...video, operation: 'encryptImage', message: 'data' }],
		['encrypt_text', { ...video, operation: 'encryptText', message: 'HI', font: 'RETRO' }],
		['create', { ...video, operation: 'create', image: 'data' }],
		['animate', { ...video, operation: 'animate', image: 'data' }],
	];
	for (const [endpoint, parameters] of submissions) {
		it(`The node submits to ${endpoint}`, async () => {
			const [job] = await outputs(parameters);
			assert.equal(n8n.sandbox.requests[0]?.path, `/v1/pika/${endpoint}`);
			assert.equal(job?.verb, `pika-${endpoint}`);
			assert.equal(n8n.sandbox.jobs.length, 1);
		});
	}

	it('Video: Retry retries a completed job', async () => {
		const jobid = await submitted();
		n8n.sandbox.finishJob(jobid);
		const [job] = await outputs({
			resource: 'video',
			operation: 'retry',
			jobid: { __rl: true, mode: 'id', value: jobid },
		});
		assert.equal(n8n.sandbox.requests.at(-1)?.fields.button, 'retry');
		assert.ok(job);
	});

	it('Job reads, lists and cancels jobs', async () => {
		const jobid = await submitted();
		const located = { __rl: true, mode: 'list', value: jobid };
		const [job] = await outputs({ resource: 'job', operation: 'get', jobid: located });
		assert.equal(job?.jobid, jobid);
		const getMany = { resource: 'job', operation: 'getMany' };
		const [listed] = await outputs(getMany);
		assert.deepEqual([listed?.jobid, listed?.prompt], [jobid, 'waves']);
		assert.deepEqual(await outputs({ ...getMany, readEach: false }), [{ jobid }]);
		const [cancelled] = await outputs({ resource: 'job', operation: 'cancel', jobid: located });
		assert.deepEqual(cancelled, { jobid, status: 'cancelled', code: 200 });
	});

	it('Account saves, lists and deletes an account, and shows no Discord token', async () => {
		const saved = await outputs({ resource: 'account', operation: 'upsert', maxJobs: 4 }, own);
		assert.deepEqual(saved, [{ channel: OWN_CHANNEL, maxJobs: 4 }]);
		const listed = await outputs({ resource: 'account', operation: 'getMany' });
		assert.deepEqual(listed, [{ channel: SANDBOX_CHANNEL, maxJobs: 10 }, saved[0]]);
		const channel = { __rl: true, mode: 'id', value: OWN_CHANNEL };
		const deleted = await outputs({ resource: 'account', operation: 'delete', channel });
		assert.deepEqual(deleted, [{ deleted: true }]);
		assert.ok(!(await n8n.log()).includes(DISCORD_TOKEN));
	});

	it('The lists in the editor contain the running jobs and the configured channels', async () => {
		const jobid = await submitted();
		const { rest, credential } = n8n;
		assert.deepEqual(await rest.listOf(TYPE, 'searchRunningJobs', credential), [
			{ name: `waves (started): ${jobid}`, value: jobid },
		]);
		const channel = { name: `${SANDBOX_CHANNEL} (up to 10 jobs)`, value: SANDBOX_CHANNEL };
		assert.deepEqual(await rest.listOf(TYPE, 'searchChannels', credential), [channel]);
	});

	it('The credential test passes, or says what is wrong', async () => {
		const { sandbox, rest } = n8n;
		const test = async (data: Record<string, string>) => {
			const given = { apiToken: API_TOKEN, baseUrl: sandbox.baseUrl, ...data };
			return await rest.testCredential({ name: 'Tested', type: 'useApiPikaApi', data: given });
		};
		assert.equal((await test({})).status, 'OK');
		const wrong = await test({ apiToken: 'user:1-wrong-token' });
		assert.equal(wrong.status, 'Error');
		assert.ok(!wrong.message.includes('wrong-token'));
		const unsafe = await test({ baseUrl: 'http://api.useapi.net' });
		assert.equal(unsafe.status, 'Error');
		assert.match(unsafe.message, /does not begin with https/);
	});
});
