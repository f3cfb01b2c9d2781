import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { setTimeout as wait } from 'node:timers/promises';
import { z } from 'zod';
import { type Execution, outputOf } from '../scripts/execution.mts';
import { useFreshN8n } from './fixture/fresh-n8n.mts';
import { postJson } from './fixture/post-json.mts';
import type { RealN8n } from './fixture/real-n8n.mts';
import { filesWithToken } from './fixture/secrets.mts';
import {
	defaultReplyUrl,
	executionsBy,
	foreignJob,
	publish,
	publishTrigger,
	saveTrigger,
	TRIGGER,
	unpublish,
	untilDefaultReplyUrl,
} from './fixture/triggers.mts';

const VIDEO = join(import.meta.dirname, '..', 'sandbox', 'assets', 'video.mp4');
const CALLBACK_TOKEN = 'Jw5hN2vQ8 & rT6yB3mK9';

const fileSchema = z.object({ id: z.string(), mimeType: z.string() });
const combinedSchema = z.object({ _files: z.record(z.unknown()) });

describe('Pika Trigger', () => {
	let n8n: RealN8n;

	useFreshN8n({ sandbox: { jobSeconds: Infinity } }, (started) => {
		n8n = started;
	});

	function jobidsOf(executions: Execution[]): unknown[] {
		return executions.flatMap((execution) =>
			outputOf(execution, TRIGGER).map(({ json }) => json.jobid),
		);
	}

	async function withCallbackToken() {
		const { rest, sandbox, credential } = n8n;
		const { apiToken, baseUrl } = sandbox;
		const data = { apiToken, baseUrl, callbackToken: CALLBACK_TOKEN };
		const guarded = { name: 'Pika sandbox with a callback token', type: credential.type };
		return { ...guarded, id: await rest.saveCredential({ ...guarded, data }) };
	}

	it('Pika Trigger emits a job once whose callback comes eight times at once and again after a restart', async () => {
		const trigger = await publishTrigger(n8n);
		const { jobid, status } = await foreignJob(n8n, 'completed');
		const answers = await Promise.all(
			Array.from({ length: 8 }, async () => await postJson(trigger.url, { jobid, status })),
		);
		assert.deepEqual(answers, Array(8).fill(200));
		assert.deepEqual(jobidsOf(await executionsBy(n8n, trigger, 1)), [jobid]);

		await n8n.restart();
		await publish(n8n, trigger);
		assert.equal(await postJson(trigger.url, { jobid, status }), 200);
		const executions = await executionsBy(n8n, trigger, 2);
		assert.deepEqual(jobidsOf(executions), [jobid]);
		// webhook() has forgotten the job, and execute() has not: n8n lists an execution that stopped at the trigger.
		assert.equal(executions[1]?.status, 'success');
		assert.deepEqual(Object.keys(executions[1].runs), [TRIGGER]);
		const reads = n8n.sandbox.requests.filter(({ query }) => query.jobid === jobid);
		assert.equal(reads.length, 2);
	});

	it('Pika Trigger remembers fifteen jobs that end at once, also after a restart', async () => {
		const trigger = await publishTrigger(n8n);
		for (let i = 0; i < 15; i++) await foreignJob(n8n, 'completed');
		const jobids = n8n.sandbox.jobs.map(({ jobid }) => jobid);
		const callAll = async () =>
			await Promise.all(jobids.map(async (jobid) => await postJson(trigger.url, { jobid })));
		assert.deepEqual(await callAll(), Array(15).fill(200));
		const first = await executionsBy(n8n, trigger, 15);
		assert.deepEqual(jobidsOf(first).sort(), jobids.toSorted());
		await n8n.restart();
		assert.deepEqual(await callAll(), Array(15).fill(200));
		const all = await executionsBy(n8n, trigger, 30);
		assert.deepEqual(jobidsOf(all).sort(), jobids.toSorted());
		assert.ok(all.every(({ status }) => status === 'success'));
	});

	it('Pika Trigger accepts what the sandbox really sends: every status, three times each', async () => {
		const { sandbox } = n8n;
		const trigger = await publishTrigger(n8n, { parameters: { verbs: ['pika-create'] } });
		sandbox.addFault({ do: { callbacks: { nonTerminal: true, times: 3 }, jobSeconds: 1 } });
		const body = new FormData();
		body.append('prompt', 'waves');
		body.append('replyUrl', trigger.url);
		body.append('replyRef', 'order 7');
		const headers = { authorization: `Bearer ${sandbox.apiToken}` };
		await fetch(`${sandbox.baseUrl}/v1/pika/create`, { method: 'POST', headers, body });
		await sandbox.waitFor(
			() =>
				sandbox.jobs[0]?.status === 'completed' && sandbox.callbacks.every((each) => each.endedAt),
		);
		assert.ok(sandbox.callbacks.length > 3);
		assert.ok(sandbox.callbacks.every((each) => each.status === 200));
		const [execution, ...others] = await executionsBy(n8n, trigger, 2);
		assert.ok(execution && others.length === 0);
		const [item] = outputOf(execution, TRIGGER);
		assert.equal(item?.json.replyRef, 'order 7');
		assert.equal(item.json.status, 'completed');
	});

	for (const binaryMode of ['separate', 'combined']) {
		it(`Pika Trigger downloads the video in the execution, after the response, in ${binaryMode} binary mode`, async () => {
			const { sandbox, rest } = n8n;
			const parameters = { download: true, outputBinaryField: 'film' };
			const trigger = await publishTrigger(n8n, { parameters, settings: { binaryMode } });
			const { jobid } = await foreignJob(n8n, 'completed');
			sandbox.addFault({ on: { endpoint: 'attachments' }, do: { delay: 2000 } });
			const began = Date.now();
			assert.equal(await postJson(trigger.url, { jobid }), 200);
			assert.ok(Date.now() - began < 2000, 'the caller waited for the download');
			const [execution] = await executionsBy(n8n, trigger, 1);
			assert.ok(execution);
			assert.equal(execution.error, undefined);
			const [item] = outputOf(execution, 'Done');
			assert.ok(item);
			const files =
				binaryMode === 'combined' ? combinedSchema.parse(item.json)._files : item.binary;
			const { id, mimeType } = fileSchema.parse(files?.film);
			assert.equal(mimeType, 'video/mp4');
			assert.ok(id.includes(`executions/${execution.id}/`), id);
			const clip = await readFile(VIDEO);
			// After the clip, the sandbox states what the video was made from.
			assert.deepEqual((await rest.readBinary(id)).subarray(0, clip.length), clip);
		});
	}

	it('Pika Trigger emits nothing if the API refuses the token, and logs that without the token', async () => {
		const trigger = await publishTrigger(n8n);
		const { jobid } = await foreignJob(n8n, 'completed');
		const answer = { status: 401, body: { error: 'Unauthorized', code: 401 } };
		n8n.sandbox.addFault({ on: { endpoint: 'jobs/' }, do: { answer } });
		assert.equal(await postJson(trigger.url, { jobid }), 200);
		assert.deepEqual(await n8n.rest.executionsOf(trigger.workflowId), []);
		const log = await n8n.log();
		assert.ok(
			log.includes(`the job ${jobid} could not be read: the API answered 401: Unauthorized`),
		);
		assert.ok(!log.includes(n8n.sandbox.apiToken));
	});

	it('Pika Trigger lets the caller try again if the API cannot respond', async () => {
		const trigger = await publishTrigger(n8n);
		const { jobid } = await foreignJob(n8n, 'completed');
		n8n.sandbox.addFault({ on: { endpoint: 'jobs/' }, do: { answer: { status: 502 } } });
		assert.equal(await postJson(trigger.url, { jobid }), 503);
		assert.equal(await postJson(trigger.url, { jobid }), 200);
		assert.deepEqual(jobidsOf(await executionsBy(n8n, trigger, 1)), [jobid]);
	});

	it('Pika Trigger emits the callback itself, marked, without confirmation', async () => {
		const trigger = await publishTrigger(n8n, { parameters: { confirm: false } });
		const told = { jobid: 'told-1', status: 'failed', error: 'moderated' };
		assert.equal(await postJson(trigger.url, { ...told, evil: 1 }), 200);
		const [execution] = await executionsBy(n8n, trigger, 1);
		assert.ok(execution);
		assert.equal(execution.status, 'success');
		const [item] = outputOf(execution, 'Done');
		assert.deepEqual(item?.json, { ...told, confirmed: false });
		assert.deepEqual(n8n.sandbox.requests, []);
	});

	it('Pika Trigger requires its token, and leaves it in none of n8n’s files', async () => {
		const parameters = { authentication: 'token', registerAsDefault: true };
		const credential = await withCallbackToken();
		const trigger = await publishTrigger(n8n, { parameters, credential });
		const { jobid } = await foreignJob(n8n, 'completed');
		for (const query of ['', '?token=', '?token=guess', '?token[]=x', '?token=a&token=b']) {
			assert.equal(await postJson(trigger.url + query, { jobid }), 401);
		}
		const registered = `${trigger.url}?token=${encodeURIComponent(CALLBACK_TOKEN)}`;
		await untilDefaultReplyUrl(n8n, registered);
		assert.equal(await postJson(registered, { jobid }), 200);
		assert.deepEqual(jobidsOf(await executionsBy(n8n, trigger, 1)), [jobid]);
		await unpublish(n8n, trigger);
		const sandbox = { ...n8n.sandbox, apiToken: CALLBACK_TOKEN };
		assert.deepEqual(await filesWithToken({ ...n8n, sandbox }), []);
	});

	it('A workflow is not published if the credential lacks the token that Pika Trigger requires', async () => {
		const trigger = await saveTrigger(n8n, { parameters: { authentication: 'token' } });
		// n8n responds before it tries.
		await n8n.rest.activate(trigger.workflowId);
		const deadline = Date.now() + 20_000;
		while (!(await n8n.log()).includes('the credential has no callback token')) {
			assert.ok(Date.now() < deadline, 'the log does not say why');
			await wait(200);
		}
		assert.equal(await postJson(trigger.url, { jobid: '1' }), 404);
	});

	it('Publishing sets the default replyUrl, and unpublishing after a restart restores the previous one', async () => {
		const previous = 'https://previous.example/hook?x=1';
		await defaultReplyUrl(n8n, previous);
		const trigger = await publishTrigger(n8n, { parameters: { registerAsDefault: true } });
		await untilDefaultReplyUrl(n8n, trigger.url);
		const { jobid } = await foreignJob(n8n, 'completed');
		assert.equal(n8n.sandbox.jobs.at(-1)?.replyUrl, trigger.url);
		assert.deepEqual(jobidsOf(await executionsBy(n8n, trigger, 1)), [jobid]);
		await n8n.restart();
		assert.equal(await defaultReplyUrl(n8n), trigger.url);
		await n8n.rest.listen(trigger.workflowId, TRIGGER);
		const testUrl = `${n8n.baseUrl}/webhook-test/${trigger.path}`;
		assert.equal(await postJson(testUrl, { jobid }), 200);
		assert.equal(await defaultReplyUrl(n8n), trigger.url);
		await unpublish(n8n, trigger);
		await untilDefaultReplyUrl(n8n, previous);
	});

	it('Unpublishing keeps a default that somebody else has set in the meantime', async () => {
		await defaultReplyUrl(n8n, 'https://previous.example/');
		const trigger = await publishTrigger(n8n, { parameters: { registerAsDefault: true } });
		await untilDefaultReplyUrl(n8n, trigger.url);
		await defaultReplyUrl(n8n, 'https://newer.example/');
		await unpublish(n8n, trigger);
		assert.equal(await defaultReplyUrl(n8n), 'https://newer.example/');
	});

	it('The log says that the default stays if there was none before', async () => {
		const trigger = await publishTrigger(n8n, { parameters: { registerAsDefault: true } });
		await untilDefaultReplyUrl(n8n, trigger.url);
		await unpublish(n8n, trigger);
		assert.equal(await defaultReplyUrl(n8n), trigger.url);
		assert.ok((await n8n.log()).includes('how to clear it is not documented'));
	});

	it('Pika Trigger emits the same job twice while the editor listens, and registers nothing', async () => {
		const trigger = await saveTrigger(n8n, { parameters: { registerAsDefault: true } });
		const testUrl = `${n8n.baseUrl}/webhook-test/${trigger.path}`;
		const { jobid } = await foreignJob(n8n, 'completed');
		for (let times = 0; times < 2; times++) {
			await n8n.rest.listen(trigger.workflowId, TRIGGER);
			assert.equal(await postJson(testUrl, { jobid }), 200);
		}
		assert.deepEqual(jobidsOf(await executionsBy(n8n, trigger, 2)), [jobid, jobid]);
		assert.equal(await defaultReplyUrl(n8n), undefined);
	});

	it('The API token is in none of n8n’s files', async () => {
		assert.deepEqual(await filesWithToken(n8n), []);
	});
});
