import type { ICredentialDataDecryptedObject, IDataObject } from 'n8n-workflow';

import {
	type Sandbox,
	SANDBOX_ACCOUNT,
	type SandboxJob,
	type TerminalStatus,
} from '../../sandbox/sandbox.cts';
import { useFreshSandbox } from './freshSandbox.cts';
import type { TriggerAnswer, TriggerWorkflow } from './harness/trigger-webhook.cts';
import { shortenRequestTimeouts } from './requestTimeouts.cts';
import {
	emitted,
	foreignJob,
	newProcess,
	pikaTrigger,
	type PikaTriggerWorkflow,
} from './pikaTrigger.cts';

let sandbox: Sandbox;

useFreshSandbox(
	{ jobSeconds: Infinity, accounts: [{ ...SANDBOX_ACCOUNT, maxJobs: 50 }] },
	(started) => {
		sandbox = started;
	},
);

function trigger(options: Omit<PikaTriggerWorkflow, 'sandbox'> = {}): TriggerWorkflow {
	return pikaTrigger({ ...options, sandbox });
}

async function job(status?: TerminalStatus, endpoint?: string): Promise<SandboxJob> {
	return await foreignJob(sandbox, status, endpoint);
}

/** The reads of jobs. */
function reads(): string[] {
	return sandbox.requests
		.filter(({ method }) => method === 'GET')
		.map(({ path, query }) => `GET ${path} ${query.jobid ?? ''}`);
}

function readOf({ jobid }: { jobid: string }): string {
	return `GET /v1/pika/jobs/ ${jobid}`;
}

describe('callbacks', () => {
	it('A callback of each terminal status starts the workflow with the record of the API', async () => {
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
	])('A callback is accepted %s', async (_what, requestOf) => {
		const { jobid, status } = await job('completed');
		const answer = await trigger().call(requestOf({ jobid, status }));
		expect([answer.status, emitted([answer])]).toEqual([200, [jobid]]);
	});

	it.each<[string, IDataObject, object, number]>([
		['a status that is not chosen', { statuses: ['failed'] }, {}, 0],
		['a status of a running job', {}, { status: 'progress' }, 0],
		['a verb that is not chosen', { verbs: ['pika-animate'] }, {}, 0],
		['a chosen status in place of the true one', { statuses: ['failed'] }, { status: 'failed' }, 1],
		[
			'a chosen verb in place of the true one',
			{ verbs: ['pika-animate'] },
			{ verb: 'pika-animate' },
			1,
		],
	])(
		'A callback that says %s is answered with 200 and emits nothing',
		async (_what, parameters, said, count) => {
			const { jobid, status, verb } = await job('completed');
			const answer = await trigger({ parameters }).call({ body: { jobid, status, verb, ...said } });
			expect([answer.status, answer.items, answer.run]).toEqual([200, [], undefined]);
			expect(reads()).toHaveLength(count);
		},
	);

	it('A callback with a chosen status and verb starts the workflow', async () => {
		const parameters = { statuses: ['failed', 'progress'], verbs: ['pika-encrypt_text'] };
		const { jobid, status, verb } = await job('failed', 'encrypt_text');
		const answer = await trigger({ parameters }).call({ body: { jobid, status, verb } });
		expect(emitted([answer])).toEqual([jobid]);
	});

	it('A callback that comes too early emits nothing, and the real one later does', async () => {
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
	])(
		'A callback whose confirming read gets %s is answered with %i',
		async (_what, status, answer, later) => {
			const node = trigger();
			const { jobid } = await job('completed');
			sandbox.addFault({ on: { endpoint: 'jobs/' }, do: { answer: answer as { status: number } } });
			const first = await node.call({ body: { jobid, status: 'completed' } });
			expect([first.status, first.items]).toEqual([status, []]);
			expect(reads()).toEqual([readOf({ jobid })]);
			if (later) expect(emitted([await node.call({ body: { jobid } })])).toEqual([jobid]);
		},
	);

	it('A callback is deferred if the connection breaks', async () => {
		const { jobid } = await job('completed');
		sandbox.addFault({ on: { endpoint: 'jobs/' }, do: { resetAfterAccepting: true } });
		expect((await trigger().call({ body: { jobid } })).status).toBe(503);
	});

	it('A callback is deferred after 15 seconds without a response', async () => {
		const { jobid } = await job('completed');
		sandbox.addFault({ on: { endpoint: 'jobs/' }, do: { delay: 30_000 } });
		const limits = shortenRequestTimeouts(100);
		expect((await trigger().call({ body: { jobid } })).status).toBe(503);
		expect(limits).toEqual([15_000]);
	});

	it('A callback is deferred without an exception if the credential was deleted', async () => {
		const { jobid } = await job('completed');
		const answer = await trigger().in({ credentials: {} }).call({ body: { jobid } });
		expect([answer.status, answer.items]).toEqual([503, []]);
	});

	it('A callback with an unwanted status is ignored without reading the credential', async () => {
		const node = trigger({ parameters: { statuses: ['completed'] } }).in({ credentials: {} });
		const answer = await node.call({ body: { jobid: '1', status: 'failed' } });
		expect([answer.status, answer.body, answer.items]).toEqual([200, { message: 'Ignored' }, []]);
	});

	it('The callback token is hidden in an unconfirmed callback that echoes it', async () => {
		const callbackToken = 'secret & more';
		const replyUrl = `https://n8n.example.com/?token=${encodeURIComponent(callbackToken)}`;
		const node = trigger({ credential: { callbackToken }, parameters: { confirm: false } });
		const answer = await node.call({ body: { jobid: 'a-job', status: 'completed', replyUrl } });
		expect(answer.items[0]?.json).toMatchObject({
			confirmed: false,
			replyUrl: 'https://n8n.example.com/?[hidden]',
		});
	});

	it('The callback token is hidden in a job that echoes it', async () => {
		const callbackToken = 'secret & more';
		const { jobid } = await job();
		const replyUrl = `https://n8n.example.com/?token=${encodeURIComponent(callbackToken)}`;
		sandbox.finishJob(jobid, 'completed', { replyUrl });
		const answer = await trigger({ credential: { callbackToken } }).call({ body: { jobid } });
		expect(answer.items[0]?.json.replyUrl).toBe('https://n8n.example.com/?[hidden]');
	});
});

/** The record has a `code`, which describes the job and not the response. */
const CODES = {
	completed: [200, 201],
	failed: [400, 401, 404, 410, 422, 429, 500, 503, 504],
	moderated: [400, 403, 422, 429],
	cancelled: [402, 408, 410, 499],
} as const;
const STATUSES_AND_CODES = Object.entries(CODES).flatMap(([status, codes]) =>
	codes.map((code) => [status as TerminalStatus, code] as const),
);

describe('job records with a code', () => {
	it.each(STATUSES_AND_CODES)(
		'A %s job whose record has the code %i starts the workflow',
		async (status, code) => {
			const { jobid } = await job();
			sandbox.finishJob(jobid, status, { code, error: 'In words' });
			const node = trigger();
			const answer = await node.call({ body: { jobid, status, code } });
			expect([answer.status, answer.body]).toEqual([200, { message: 'Received' }]);
			const [item] = answer.run?.output('Collect') ?? [];
			expect(item?.json).toMatchObject({ jobid, status, code });
			expect(emitted([await node.call({ body: { jobid, status, code } })])).toEqual([]);
		},
	);

	it.each(STATUSES_AND_CODES)(
		'A %s job whose callback has the code %i starts the workflow without confirmation',
		async (status, code) => {
			const body = { jobid: 'told', status, code, error: 'In words' };
			const answer = await trigger({ parameters: { confirm: false } }).call({ body });
			expect(answer.run?.output('Collect').map(({ json }) => json)).toEqual([
				{ ...body, confirmed: false },
			]);
		},
	);

	it('A running job whose record has a code emits nothing and is not deferred', async () => {
		const { jobid } = await job();
		sandbox.addFault({
			on: { endpoint: 'jobs/' },
			do: { answer: { status: 200, body: { jobid, status: 'progress', code: 429 } } },
		});
		const answer = await trigger().call({ body: { jobid } });
		expect([answer.status, answer.body, answer.items]).toEqual([200, { message: 'Ignored' }, []]);
	});
});

/** Counts how often a credential is decrypted, by the node or by n8n itself. */
function countedCredential(data: ICredentialDataDecryptedObject = {}) {
	let decrypted = 0;
	const { apiToken, baseUrl } = sandbox;
	const credentials = Object.defineProperty({}, 'useApiPikaApi', {
		enumerable: true,
		get: () => {
			decrypted += 1;
			return { apiToken, baseUrl, ...data };
		},
	});
	/** n8n decrypts it once for each request that carries the token. */
	const byNode = (): number =>
		decrypted - sandbox.requests.filter(({ endpoint }) => endpoint === 'jobs/').length;
	return { credentials, byNode };
}

describe('access to the credential', () => {
	const token = { authentication: 'token' };
	const query = { token: 's3cret' };

	it.each<[string, IDataObject, object, number]>([
		['is not a job', {}, { body: { status: 'completed' } }, 0],
		['has a status that is not wanted', {}, { body: { status: 'progress' } }, 0],
		['is not to be confirmed', { confirm: false }, {}, 0],
		['has a token and is not to be confirmed', { confirm: false, ...token }, { query }, 1],
		['has a wrong token', token, { query: { token: 'wrong' } }, 1],
		['is to be confirmed', {}, {}, 1],
		['has a token and is to be confirmed', token, { query }, 1],
	])(
		'Pika Trigger decrypts the credential only as often as needed for a callback that %s',
		async (...row) => {
			const [what, parameters, request, times] = row;
			const { jobid } = await job('completed');
			const body = { ...(what !== 'is not a job' && { jobid }), status: 'completed' };
			const { credentials, byNode } = countedCredential({ callbackToken: 's3cret' });
			await trigger({ parameters })
				.in({ credentials })
				.call({ body, ...request });
			expect(byNode()).toBe(times);
		},
	);
});

describe('callbacks without confirmation', () => {
	const parameters = { confirm: false };

	it('Without confirmation, the callback itself is emitted, marked, and limited to the documented fields', async () => {
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

	it('Without confirmation, nothing is downloaded, whatever the workflow file says', async () => {
		const url = `${sandbox.baseUrl}/attachments/1/1/video.mp4`;
		const body = { jobid: '1', status: 'completed', attachments: [{ url }] };
		const { run } = await trigger({ parameters: { ...parameters, download: true } }).call({ body });
		expect(run?.status).toBe('success');
		expect(run?.output('Collect')[0]?.binary).toBeUndefined();
		expect(sandbox.requests).toEqual([]);
	});

	it('Without confirmation, a callback without a status emits nothing', async () => {
		const answer = await trigger({ parameters: { confirm: false, statuses: [] } }).call({
			body: { jobid: '1' },
		});
		expect([answer.status, answer.items]).toEqual([200, []]);
	});
});

describe('authentication', () => {
	const parameters = { authentication: 'token' };
	const credential = { callbackToken: 'geheim+&=1' };

	it.each<[string, object, number]>([
		['the right token', { query: { token: 'geheim+&=1' } }, 200],
		['a wrong token', { query: { token: 'geheim' } }, 401],
		['an empty token', { query: { token: '' } }, 401],
		['no token', {}, 401],
		['a list of right tokens', { query: { token: ['geheim+&=1'] } }, 401],
		['the right token in a header', { headers: { token: 'geheim+&=1' } }, 401],
	])('A request with %s is answered with its status', async (_what, request, status) => {
		const { jobid } = await job('completed');
		const answer = await trigger({ parameters, credential }).call({ body: { jobid }, ...request });
		expect([answer.status, emitted([answer])]).toEqual([status, status === 200 ? [jobid] : []]);
		expect(reads()).toHaveLength(status === 200 ? 1 : 0);
	});

	it('The token is checked before the body is read', async () => {
		expect((await trigger({ parameters, credential }).call({ body: [] })).status).toBe(401);
	});

	it.each([undefined, '', '  '])(
		'The callback token %j in the credential prevents publishing and lets no request in',
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

describe('duplicate callbacks', () => {
	it('A job whose callbacks come at the same time and later is emitted once', async () => {
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

	it('Twenty jobs whose callbacks come at the same time are remembered, even after a restart', async () => {
		const node = trigger();
		for (let i = 0; i < 20; i++) await job();
		const jobids = sandbox.jobs.map(({ jobid }) => jobid);
		for (const jobid of jobids) sandbox.finishJob(jobid);
		const callAll = async (process: TriggerWorkflow) =>
			await Promise.all(jobids.map(async (jobid) => await process.call({ body: { jobid } })));
		expect(emitted(await callAll(node)).sort()).toEqual(jobids.sort());
		expect(emitted(await callAll(node))).toEqual([]);
		const afterRestart = await callAll(node.in({ nodeTypes: newProcess() }));
		expect(emitted(afterRestart)).toEqual([]);
		// webhook() has forgotten the jobs, and execute() finds them in n8n's database.
		expect(afterRestart.map(({ run }) => run?.status)).toEqual(Array(20).fill('success'));
	});

	it('Two triggers each emit the same job', async () => {
		const { jobid } = await job('completed');
		const both = [
			await trigger().call({ body: { jobid } }),
			await trigger().call({ body: { jobid } }),
		];
		expect(emitted(both)).toEqual([jobid, jobid]);
	});

	it('A job is emitted each time while the editor listens, and once afterwards', async () => {
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

	it('A job is remembered longer than the memory of one process', async () => {
		const node = trigger({ parameters: { confirm: false } });
		const call = async (i: number) =>
			await node.call({ body: { jobid: `${i}`, status: 'completed' } });
		for (let i = 0; i < 1001; i++) await call(i);
		expect(emitted([await call(1), await call(1000), await call(0)])).toEqual([]);
	}, 60_000);

	it('A callback does not change the workflow’s static data, which other executions overwrite', async () => {
		const node = trigger();
		const { jobid } = await job('completed');
		expect(emitted([await node.call({ body: { jobid } })])).toEqual([jobid]);
		expect(node.stored.staticData).toEqual({});
	});
});

describe('invented IDs', () => {
	it.each([
		['at once', true],
		['one after another', false],
	])(
		'500 callbacks with invented IDs, %s, make a bounded number of reads',
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

	it('An invented ID is read at most once a minute', async () => {
		const node = trigger();
		for (let i = 0; i < 5; i++) {
			expect((await node.call({ body: { jobid: 'invented' } })).status).toBe(200);
		}
		expect(reads()).toEqual([readOf({ jobid: 'invented' })]);
	});
});

describe('downloads of Pika Trigger', () => {
	const parameters = { download: true };

	it('The execution downloads the video of a completed job into the chosen field', async () => {
		const { jobid } = await job('completed');
		const node = trigger({ parameters: { ...parameters, outputBinaryField: 'film' } });
		const { items, run } = await node.call({ body: { jobid } });
		expect(items[0]?.binary).toBeUndefined();
		const [item] = run?.output('Collect') ?? [];
		expect(item?.json.jobid).toBe(jobid);
		expect((await run?.binary(item!, 'film'))?.length).toBeGreaterThan(1000);
		expect(sandbox.requests.at(-1)?.headers.authorization).toBeUndefined();
	});

	it('The execution downloads the video in combined binary mode too', async () => {
		const { jobid } = await job('completed');
		const node = trigger({ parameters, settings: { binaryMode: 'combined' } });
		const { run } = await node.call({ body: { jobid } });
		expect(run?.status).toBe('success');
		const [item] = run?.output('Collect') ?? [];
		expect((await run?.binary(item!, 'video'))?.length).toBeGreaterThan(1000);
	});

	it('The execution downloads no video of a failed job', async () => {
		const { jobid } = await job('failed');
		const { run } = await trigger({ parameters }).call({ body: { jobid } });
		expect(run?.output('Collect')[0]?.json).toMatchObject({ jobid, status: 'failed' });
		expect(sandbox.requests.filter(({ endpoint }) => endpoint === 'attachments')).toEqual([]);
	});

	it('A video that cannot be downloaded fails the execution, with the job and what to do', async () => {
		sandbox.changeSettings({ linkSeconds: -1 });
		const { jobid } = await job('completed');
		const { status, run } = await trigger({ parameters }).call({ body: { jobid } });
		expect([status, run?.status]).toEqual([200, 'error']);
		expect(run?.error?.message).toContain(jobid);
		expect(run?.error?.description).toContain('Download soon after a job has ended');
	});
});
