import type { IDataObject } from 'n8n-workflow';

import { PikaTrigger } from '../../nodes/Pika/PikaTrigger.node';
import { type Sandbox, type SandboxJob, startSandbox } from '../../sandbox/sandbox.cts';
import { Collect } from './harness/collect.cts';
import type { TriggerAnswer, TriggerWorkflow } from './harness/trigger-webhook.cts';
import { type PikaTriggerWorkflow, TRIGGER_TYPE, pikaTrigger } from './pikaTrigger.cts';

let sandbox: Sandbox;

beforeAll(async () => {
	sandbox = await startSandbox({ jobSeconds: Infinity });
});
afterAll(async () => await sandbox.stop());
beforeEach(() => sandbox.reset());

function trigger(options: Omit<PikaTriggerWorkflow, 'sandbox'> = {}): TriggerWorkflow {
	return pikaTrigger({ ...options, sandbox });
}

/** A job that was started elsewhere and has ended, or still runs. */
async function job(
	status?: 'completed' | 'failed' | 'moderated' | 'cancelled',
	endpoint = 'create',
): Promise<SandboxJob> {
	const body = new FormData();
	body.append('prompt', `prompt ${sandbox.jobs.length}`);
	if (endpoint === 'encrypt_text') body.append('message', 'hidden');
	const headers = { authorization: `Bearer ${sandbox.apiToken}` };
	await fetch(`${sandbox.baseUrl}/v1/pika/${endpoint}`, { method: 'POST', headers, body });
	const made = sandbox.jobs.at(-1)!;
	if (status) sandbox.finishJob(made.jobid, status);
	return sandbox.jobs.at(-1)!;
}

/** The requests beyond those that made the jobs. */
function reads(): string[] {
	return sandbox.requests
		.filter(({ method, path }) => method !== 'POST' || path === '/v2/account')
		.map(({ method, path, query }) => `${method} ${path} ${query.jobid ?? ''}`.trim());
}

function readOf({ jobid }: { jobid: string }): string {
	return `GET /v1/pika/jobs/ ${jobid}`;
}

function emitted(answers: TriggerAnswer[]): unknown[] {
	return answers.flatMap(({ items }) => items.map(({ json }) => json.jobid));
}

describe('a callback', () => {
	it('of each end of a job starts the workflow with the record of the API', async () => {
		const node = trigger();
		for (const status of ['completed', 'failed', 'moderated', 'cancelled'] as const) {
			const { jobid } = await job(status);
			const forged = {
				jobid,
				status,
				prompt: 'forged',
				attachments: [{ url: 'https://evil.example/' }],
			};
			const { run, ...answer } = await node.call({ body: forged });
			expect([answer.status, answer.body]).toEqual([200, { message: 'Received' }]);
			expect(run?.status).toBe('success');
			const [item] = run?.output('Collect') ?? [];
			expect(item?.json).toMatchObject({ jobid, status, prompt: expect.stringMatching(/^prompt/) });
			expect(JSON.stringify(item?.json)).not.toContain('evil');
		}
		expect(reads()).toEqual(sandbox.jobs.map(readOf));
	});

	it.each<[string, (body: IDataObject) => object]>([
		['as text', (body) => ({ body: JSON.stringify(body) })],
		['without a content type', (body) => ({ raw: JSON.stringify(body) })],
		[
			'without a content type, behind a byte order mark',
			(body) => ({ raw: `\uFEFF${JSON.stringify(body)}` }),
		],
		['with the id alone', ({ jobid }) => ({ body: { jobid } })],
		[
			'with wrong types in all other fields',
			({ jobid }) => ({
				body: { jobid, status: 5, verb: [], replyRef: {}, attachments: 'none', code: 'x' },
			}),
		],
	])('is understood %s', async (_what, requestOf) => {
		const { jobid, status } = await job('completed');
		const answer = await trigger().call(requestOf({ jobid, status }));
		expect([answer.status, emitted([answer])]).toEqual([200, [jobid]]);
	});

	it.each<[string, IDataObject, object, number]>([
		['a status that is not chosen', { statuses: ['failed'] }, {}, 0],
		['a status that is no end', {}, { status: 'progress' }, 0],
		['a verb that is not chosen', { verbs: ['pika-animate'] }, {}, 0],
		['a chosen status in place of the true one', { statuses: ['failed'] }, { status: 'failed' }, 1],
		[
			'a chosen verb in place of the true one',
			{ verbs: ['pika-animate'] },
			{ verb: 'pika-animate' },
			1,
		],
	])(
		'that says %s is answered with 200 and emits nothing',
		async (_what, parameters, said, count) => {
			const { jobid, status, verb } = await job('completed');
			const answer = await trigger({ parameters }).call({ body: { jobid, status, verb, ...said } });
			expect([answer.status, answer.items, answer.run]).toEqual([200, [], undefined]);
			expect(reads()).toHaveLength(count);
		},
	);

	it('starts the workflow for chosen statuses and verbs', async () => {
		const parameters = { statuses: ['failed', 'progress'], verbs: ['pika-encrypt_text'] };
		const { jobid, status, verb } = await job('failed', 'encrypt_text');
		const answer = await trigger({ parameters }).call({ body: { jobid, status, verb } });
		expect(emitted([answer])).toEqual([jobid]);
	});

	it('that announces what is not yet true emits nothing, and the true one does later', async () => {
		const node = trigger();
		const { jobid } = await job();
		const early = await node.call({ body: { jobid, status: 'completed' } });
		sandbox.finishJob(jobid);
		const true_ = await node.call({ body: { jobid, status: 'completed' } });
		expect([early.status, emitted([early]), emitted([true_])]).toEqual([200, [], [jobid]]);
	});

	it.each<[string, number, object, number]>([
		['429', 503, { status: 429, body: { error: 'busy', code: 429 } }, 1],
		['500', 503, { status: 500, body: 'broken' }, 1],
		['504', 503, { status: 504 }, 1],
		['200 with a page of HTML', 503, { status: 200, body: '<h1>Gone</h1>' }, 1],
		[
			'200 with another job',
			503,
			{ status: 200, body: { jobid: 'other', status: 'completed' } },
			1,
		],
		['401', 200, { status: 401, body: { error: 'Unauthorized', code: 401 } }, 0],
		['402', 200, { status: 402, body: { error: 'expired', code: 402 } }, 0],
		['404', 200, { status: 404, body: { error: 'Unable to locate job', code: 404 } }, 0],
	])('whose confirming read gets %s is answered with %i', async (_what, status, answer, later) => {
		const node = trigger();
		const { jobid } = await job('completed');
		sandbox.addFault({ on: { endpoint: 'jobs/' }, do: { answer: answer as { status: number } } });
		const first = await node.call({ body: { jobid, status: 'completed' } });
		expect([first.status, first.items]).toEqual([status, []]);
		expect(reads()).toEqual([readOf({ jobid })]);
		if (later) expect(emitted([await node.call({ body: { jobid } })])).toEqual([jobid]);
	});

	it('is put off where the connection breaks', async () => {
		const { jobid } = await job('completed');
		sandbox.addFault({ on: { endpoint: 'jobs/' }, do: { resetAfterAccepting: true } });
		expect((await trigger().call({ body: { jobid } })).status).toBe(503);
	});

	it('is put off after 15 seconds without an answer', async () => {
		const { jobid } = await job('completed');
		sandbox.addFault({ on: { endpoint: 'jobs/' }, do: { delay: 30_000 } });
		const began = Date.now();
		expect((await trigger().call({ body: { jobid } })).status).toBe(503);
		expect(Date.now() - began).toBeLessThan(17_000);
	}, 20_000);

	it('is put off, and nothing thrown, where the credential is gone', async () => {
		const { jobid } = await job('completed');
		const answer = await trigger().in({ credentials: {} }).call({ body: { jobid } });
		expect([answer.status, answer.items]).toEqual([503, []]);
	});

	it('of an unwanted status is ignored without a look at the credential', async () => {
		const node = trigger({ parameters: { statuses: ['completed'] } }).in({ credentials: {} });
		const answer = await node.call({ body: { jobid: '1', status: 'failed' } });
		expect([answer.status, answer.body, answer.items]).toEqual([200, { message: 'Ignored' }, []]);
	});

	it('does not show the callback token that the API echoes', async () => {
		const callbackToken = 'secret & more';
		const { jobid } = await job();
		const replyUrl = `https://n8n.example.com/?token=${encodeURIComponent(callbackToken)}`;
		sandbox.finishJob(jobid, 'completed', { replyUrl });
		const answer = await trigger({ credential: { callbackToken } }).call({ body: { jobid } });
		expect(answer.items[0]?.json.replyUrl).toBe('https://n8n.example.com/?[hidden]');
	});
});

describe('without confirmation', () => {
	const parameters = { confirm: false };

	it('the callback itself is emitted, marked, and cut to the documented fields', async () => {
		const body = JSON.parse(
			'{"jobid":"any-1","status":"completed","replyRef":"r","attachments":[{"url":"u","__proto__":{}}],"confirmed":true,"admin":1,"__proto__":{"polluted":1},"constructor":{"prototype":{}}}',
		) as IDataObject;
		const { items, status } = await trigger({ parameters }).call({ body });
		expect(status).toBe(200);
		expect(JSON.stringify(items)).toBe(
			'[{"json":{"jobid":"any-1","status":"completed","replyRef":"r","attachments":[{"url":"u"}],"confirmed":false}}]',
		);
		expect(reads()).toEqual([]);
	});

	it('and without a token the credential is not looked at', async () => {
		const node = trigger({ parameters }).in({ credentials: {} });
		const answer = await node.call({ body: { jobid: '1', status: 'completed' } });
		expect([answer.status, emitted([answer])]).toEqual([200, ['1']]);
	});

	it('nothing is downloaded, whatever the workflow file says', async () => {
		const url = `${sandbox.baseUrl}/attachments/1/1/video.mp4`;
		const body = { jobid: '1', status: 'completed', attachments: [{ url }] };
		const { run } = await trigger({ parameters: { ...parameters, download: true } }).call({ body });
		expect(run?.status).toBe('success');
		expect(run?.output('Collect')[0]?.binary).toBeUndefined();
		expect(sandbox.requests).toEqual([]);
	});

	it('a callback without a status emits nothing', async () => {
		const answer = await trigger({ parameters: { confirm: false, statuses: [] } }).call({
			body: { jobid: '1' },
		});
		expect([answer.status, answer.items]).toEqual([200, []]);
	});
});

describe('a token', () => {
	const parameters = { authentication: 'token' };
	const credential = { callbackToken: 'geheim+&=1' };

	it.each<[string, object, number]>([
		['the right one', { query: { token: 'geheim+&=1' } }, 200],
		['a wrong one', { query: { token: 'geheim' } }, 401],
		['an empty one', { query: { token: '' } }, 401],
		['none', {}, 401],
		['a list of right ones', { query: { token: ['geheim+&=1'] } }, 401],
		['the right one in a header', { headers: { token: 'geheim+&=1' } }, 401],
	])('that is %s is answered with its status', async (_what, request, status) => {
		const { jobid } = await job('completed');
		const answer = await trigger({ parameters, credential }).call({ body: { jobid }, ...request });
		expect([answer.status, emitted([answer])]).toEqual([status, status === 200 ? [jobid] : []]);
		expect(reads()).toHaveLength(status === 200 ? 1 : 0);
	});

	it('is asked for before anything is said about the body', async () => {
		expect((await trigger({ parameters, credential }).call({ body: [] })).status).toBe(401);
	});

	it.each([undefined, '', '  '])(
		'that is %j in the credential is refused on publishing and lets nobody in',
		async (callbackToken) => {
			const node = trigger({
				parameters,
				credential: callbackToken === undefined ? {} : { callbackToken },
			});
			await expect(node.publish()).rejects.toThrow('the credential has no callback token');
			await expect(node.listen()).rejects.toThrow('the credential has no callback token');
			for (const token of ['', '  ', 'undefined']) {
				expect((await node.call({ body: { jobid: '1' }, query: { token } })).status).toBe(401);
			}
		},
	);
});

describe('repeats', () => {
	it('are emitted once, one after another and at the same moment', async () => {
		const node = trigger();
		const { jobid, status } = await job('completed');
		const body = { jobid, status };
		const atOnce = await Promise.all(
			Array.from({ length: 8 }, async () => await node.call({ body })),
		);
		const later = [await node.call({ body }), await node.call({ body: { jobid } })];
		expect(emitted([...atOnce, ...later])).toEqual([jobid]);
		expect([...atOnce, ...later].map((answer) => answer.status)).toEqual(Array(10).fill(200));
		expect(reads()).toHaveLength(2);
	});

	it('of twenty jobs at the same moment are all known, also to the next process', async () => {
		const node = trigger();
		const jobs = await Promise.all(Array.from({ length: 20 }, async () => await job()));
		for (const { jobid } of sandbox.jobs) sandbox.finishJob(jobid);
		const call = async (to: TriggerWorkflow) =>
			await Promise.all(sandbox.jobs.map(async ({ jobid }) => await to.call({ body: { jobid } })));
		expect(emitted(await call(node)).sort()).toEqual(sandbox.jobs.map(({ jobid }) => jobid).sort());
		expect(jobs).toHaveLength(20);
		expect(emitted(await call(node))).toEqual([]);
		expect(emitted(await call(afterRestart(node)))).toEqual([]);
	});

	it('are different jobs to different triggers', async () => {
		const { jobid } = await job('completed');
		const both = [
			await trigger().call({ body: { jobid } }),
			await trigger().call({ body: { jobid } }),
		];
		expect(emitted(both)).toEqual([jobid, jobid]);
	});

	it('are not looked for while the editor listens', async () => {
		const node = trigger();
		const { jobid } = await job('completed');
		const tests = [
			await node.callTest({ body: { jobid } }),
			await node.callTest({ body: { jobid } }),
		];
		const live = await node.call({ body: { jobid } });
		const test = await node.callTest({ body: { jobid } });
		expect(emitted([...tests, live, test])).toEqual([jobid, jobid, jobid, jobid]);
	});

	it('are remembered for a thousand jobs', async () => {
		const node = trigger({ parameters: { confirm: false } });
		const call = async (i: number) =>
			await node.call({ body: { jobid: `${i}`, status: 'completed' } });
		for (let i = 0; i < 1001; i++) await call(i);
		expect(emitted([await call(1), await call(1000), await call(0)])).toEqual(['0']);
		expect(JSON.stringify(node.stored.staticData).length).toBeLessThan(40_000);
	}, 60_000);
});

describe('invented ids', () => {
	it.each([
		['at once', true],
		['one after another', false],
	])(
		'of 500 callbacks, %s, make a bounded number of reads',
		async (_how, isAtOnce) => {
			const node = trigger();
			const call = async (i: number) =>
				await node.call({ body: { jobid: `invented-${i}`, status: 'completed' } });
			const all = Array.from({ length: 500 }, (_, i) => i);
			const answers: TriggerAnswer[] = [];
			if (isAtOnce) answers.push(...(await Promise.all(all.map(call))));
			else for (const i of all) answers.push(await call(i));
			expect(emitted(answers)).toEqual([]);
			expect(sandbox.requests.length).toBeLessThan(110);
			expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([200, 503]));
		},
		60_000,
	);

	it('are read once in a minute', async () => {
		const node = trigger();
		for (let i = 0; i < 5; i++) {
			expect((await node.call({ body: { jobid: 'invented' } })).status).toBe(200);
		}
		expect(reads()).toEqual([readOf({ jobid: 'invented' })]);
	});
});

describe('the video', () => {
	const parameters = { download: true };

	it('of a completed job is downloaded by the execution, into the chosen field', async () => {
		const { jobid } = await job('completed');
		const node = trigger({ parameters: { ...parameters, outputBinaryField: 'film' } });
		const { items, run } = await node.call({ body: { jobid } });
		expect(items[0]?.binary).toBeUndefined();
		const [item] = run?.output('Collect') ?? [];
		expect(item?.json.jobid).toBe(jobid);
		expect((await run?.binary(item!, 'film'))?.length).toBeGreaterThan(1000);
		expect(sandbox.requests.at(-1)?.headers.authorization).toBeUndefined();
	});

	it('is downloaded in combined binary mode too', async () => {
		const { jobid } = await job('completed');
		const node = trigger({ parameters, settings: { binaryMode: 'combined' } });
		const { run } = await node.call({ body: { jobid } });
		expect(run?.status).toBe('success');
		const [item] = run?.output('Collect') ?? [];
		expect((await run?.binary(item!, 'video'))?.length).toBeGreaterThan(1000);
	});

	it('of a job that failed is not looked for', async () => {
		const { jobid } = await job('failed');
		const { run } = await trigger({ parameters }).call({ body: { jobid } });
		expect(run?.output('Collect')[0]?.json).toMatchObject({ jobid, status: 'failed' });
		expect(sandbox.requests.filter(({ endpoint }) => endpoint === 'attachments')).toEqual([]);
	});

	it('that cannot be downloaded fails the execution, with the job and what to do', async () => {
		sandbox.changeSettings({ linkSeconds: -1 });
		const { jobid } = await job('completed');
		const { status, run } = await trigger({ parameters }).call({ body: { jobid } });
		expect([status, run?.status]).toEqual([200, 'error']);
		expect(run?.error?.message).toContain(jobid);
		expect(run?.error?.description).toContain('expire');
	});
});

/** The same workflow in a process that has just begun: nothing is left of what modules remembered. */
function afterRestart(node: TriggerWorkflow): TriggerWorkflow {
	let fresh = PikaTrigger;
	jest.isolateModules(() => {
		const path = '../../nodes/Pika/PikaTrigger.node';
		fresh = jest.requireActual<{ PikaTrigger: typeof PikaTrigger }>(path).PikaTrigger;
	});
	expect(fresh).not.toBe(PikaTrigger);
	return node.in({ nodeTypes: { [TRIGGER_TYPE]: new fresh(), 'test.collect': new Collect() } });
}

describe('the default replyUrl of the account', () => {
	const parameters = { registerAsDefault: true };
	const FORMER = 'https://former.example/hook?x=1';

	async function account(replyUrl?: string): Promise<string | undefined> {
		const response = await fetch(`${sandbox.baseUrl}/v2/account`, {
			headers: { authorization: `Bearer ${sandbox.apiToken}`, 'content-type': 'application/json' },
			...(replyUrl !== undefined && { method: 'POST', body: JSON.stringify({ replyUrl }) }),
		});
		return ((await response.json()) as { replyUrl?: string }).replyUrl;
	}

	function urlOf({ stored }: TriggerWorkflow): string {
		return `http://127.0.0.1:1/webhook/webhook-${stored.id}/pika`;
	}

	it('is set on publishing and put back on unpublishing', async () => {
		await account(FORMER);
		const node = trigger({ parameters });
		await node.publish();
		expect(await account()).toBe(urlOf(node));
		await node.unpublish();
		expect(await account()).toBe(FORMER);
		expect(node.stored.staticData).not.toHaveProperty('node:Pika Trigger.registration');
	});

	it('is put back after a restart of n8n, and after deliveries', async () => {
		await account(FORMER);
		const node = trigger({ parameters });
		await node.publish();
		const { jobid } = await job('completed');
		expect(emitted([await afterRestart(node).call({ body: { jobid } })])).toEqual([jobid]);
		await afterRestart(node).unpublish();
		expect(await account()).toBe(FORMER);
	});

	it('does not hinder unpublishing when the credential is gone', async () => {
		const node = trigger({ parameters });
		await node.publish();
		await node.in({ credentials: {} }).unpublish();
		expect(await account()).toBe(urlOf(node));
	});

	it('carries the token, which is saved nowhere, and the former one gets its token back', async () => {
		const callbackToken = 'geheim & co';
		const credential = { callbackToken };
		const former = `https://former.example/?token=${encodeURIComponent(callbackToken)}`;
		await account(former);
		const node = trigger({ parameters: { ...parameters, authentication: 'token' }, credential });
		await node.publish();
		expect(await account()).toBe(`${urlOf(node)}?token=geheim%20%26%20co`);
		expect(JSON.stringify(node.stored.staticData)).not.toContain('geheim');
		await node.unpublish();
		expect(await account()).toBe(former);
	});

	it('is left alone where somebody else has set another meanwhile', async () => {
		await account(FORMER);
		const node = trigger({ parameters });
		await node.publish();
		await account('https://newer.example/');
		await node.unpublish();
		expect(await account()).toBe('https://newer.example/');
	});

	it('stays ours where there was none before', async () => {
		const node = trigger({ parameters });
		await node.publish();
		await node.unpublish();
		expect(await account()).toBe(urlOf(node));
	});

	it('is not touched by test listening, also while the workflow is published', async () => {
		await account(FORMER);
		const node = trigger({ parameters });
		await node.listen();
		expect(await account()).toBe(FORMER);
		await node.stopListening();
		expect(await account()).toBe(FORMER);
		await node.publish();
		await node.listen();
		expect(await account()).toBe(urlOf(node));
		await node.stopListening();
		expect(await account()).toBe(urlOf(node));
		await node.unpublish();
		expect(await account()).toBe(FORMER);
	});

	it('is not touched where that is not chosen', async () => {
		const node = trigger();
		await node.publish();
		await node.unpublish();
		expect(sandbox.requests).toEqual([]);
	});

	it('is put back also where the switch was turned off in the version that is unpublished', async () => {
		await account(FORMER);
		const node = trigger({ parameters });
		await node.publish();
		node.change({ registerAsDefault: false });
		await node.unpublish();
		expect(await account()).toBe(FORMER);
	});

	it('survives publishing again without unpublishing', async () => {
		await account(FORMER);
		const node = trigger({ parameters });
		await node.publish();
		await afterRestart(node).publish();
		await node.unpublish();
		expect(await account()).toBe(FORMER);
	});

	it.each<[string, 'GET' | 'POST', object]>([
		['cannot be read', 'GET', { status: 401, body: { error: 'Unauthorized', code: 401 } }],
		['cannot be set', 'POST', { status: 400, body: { error: 'replyUrl is too long', code: 400 } }],
		['is gone', 'GET', { status: 410, body: '<h1>Gone</h1>' }],
	])(
		'fails the publication where it %s, in the words of the API',
		async (_what, method, answer) => {
			sandbox.addFault({
				on: { endpoint: 'v2/account', method },
				do: { answer: answer as { status: number } },
			});
			const words = { 401: 'Unauthorized', 400: 'replyUrl is too long', 410: 'Gone' };
			const { status } = answer as { status: keyof typeof words };
			await expect(trigger({ parameters }).publish()).rejects.toThrow(words[status]);
		},
	);

	it('does not keep the workflow from being unpublished, and is put back the next time', async () => {
		await account(FORMER);
		const node = trigger({ parameters });
		await node.publish();
		sandbox.addFault({ on: { endpoint: 'v2/account' }, do: { answer: { status: 503 } } });
		await node.unpublish();
		expect(await account()).toBe(urlOf(node));
		await node.publish();
		await node.unpublish();
		expect(await account()).toBe(FORMER);
	});

	it('is not set to an address on this machine at an API that is elsewhere', async () => {
		const credential = { baseUrl: 'https://api.useapi.net' };
		await expect(trigger({ parameters, credential }).publish()).rejects.toThrow(
			'useapi.net cannot call this n8n at http://127.0.0.1:1',
		);
	});
});
