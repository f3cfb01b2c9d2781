import type { IDataObject } from 'n8n-workflow';

import {
	SANDBOX_ACCOUNT,
	SANDBOX_API_TOKEN,
	type Fault,
	type Sandbox,
} from '../../sandbox/sandbox.cts';
import { useFreshSandbox } from './freshSandbox.cts';
import { useFastClock } from './fastClock.cts';
import { type WorkflowRun, runWorkflow } from './harness/run.cts';
import { type PikaWorkflow, imageItem, pikaWorkflow } from './pika.cts';

const DISCORD_TOKEN = 'discord-token-of-the-credential';
const CALLBACK_TOKEN = 'callback-token-of-the-credential';
const submission = { method: 'POST', endpoint: 'encrypt_image' } as const;

let sandbox: Sandbox;
const { shortPauses } = useFastClock();

useFreshSandbox({ jobSeconds: 600 }, (started) => {
	sandbox = started;
});

/** Runs the node and checks that the run reveals no secret. */
async function run(options: Omit<PikaWorkflow, 'sandbox'> = {}): Promise<WorkflowRun> {
	const credential = { callbackToken: CALLBACK_TOKEN, ...options.credential };
	const result = await runWorkflow(pikaWorkflow({ ...options, credential, sandbox }));
	const { run: shown, error, contextData } = result;
	const seen = JSON.stringify([shown, error, error?.message, error?.stack, contextData]);
	for (const secret of [SANDBOX_API_TOKEN, DISCORD_TOKEN, CALLBACK_TOKEN]) {
		expect(seen).not.toContain(secret);
	}
	return result;
}

function requests(): Array<[string, string, unknown]> {
	return sandbox.requests.map(({ method, path, status }) => [method, path, status]);
}

function posts() {
	return sandbox.requests.filter(({ method }) => method === 'POST');
}

function answer(status: number, body?: unknown, headers?: Record<string, string>): Fault {
	return { on: submission, do: { answer: { status, body, headers } } };
}

const POST = '/v1/pika/encrypt_image';

describe('requests of Encrypt Image', () => {
	it('Three items submit their own prompts and get three jobs, paired and in order', async () => {
		const items = ['one', 'two', 'three'].map((name) => imageItem({ name }));
		const { output, error } = await run({ items, parameters: { prompt: '={{ $json.name }}' } });
		expect(error).toBeUndefined();
		expect(
			output('Pika').map(({ json, pairedItem }) => [json.prompt, json.status, pairedItem]),
		).toEqual([
			['one', 'started', { item: 0 }],
			['two', 'started', { item: 1 }],
			['three', 'started', { item: 2 }],
		]);
		expect(requests()).toEqual([
			['GET', '/v1/pika/account', 200],
			...Array(3).fill(['POST', POST, 200]),
		]);
	});

	it('Empty optional fields are not sent, and each item gets a unique reply reference', async () => {
		await run({ items: [imageItem(), imageItem()] });
		const [first, second] = posts().map(({ fields }) => fields);
		expect(Object.keys(first ?? {}).sort()).toEqual(['prompt', 'replyRef']);
		expect(first?.replyRef).not.toBe(second?.replyRef);
	});

	it('Every option is sent and overrides the credential', async () => {
		await run({
			credential: { channel: '1', maxJobs: 3, replyUrl: 'https://a.example/1' },
			parameters: {
				options: {
					channel: SANDBOX_ACCOUNT.channel,
					maxJobs: 7,
					replyUrl: 'https://b.example/2',
					replyRef: 'order-1042',
				},
			},
		});
		expect(posts()[0]?.fields).toEqual({
			prompt: 'waves crashing over the sandy beach',
			channel: SANDBOX_ACCOUNT.channel,
			maxJobs: '7',
			replyUrl: 'https://b.example/2',
			replyRef: 'order-1042',
		});
	});

	it.each<[string, IDataObject, string | undefined]>([
		['with the credential’s own channel', {}, DISCORD_TOKEN],
		['with the same channel chosen in the node', { channel: '42' }, DISCORD_TOKEN],
		['not with another channel', { channel: SANDBOX_ACCOUNT.channel }, undefined],
	])(
		'The Discord token is sent only for the credential’s channel: %s',
		async (_when, options, expected) => {
			const credential = { discordToken: DISCORD_TOKEN, channel: '42' };
			await run({ credential, parameters: { options } });
			expect(sandbox.requests[0]?.fields.discord).toBe(expected);
		},
	);

	it('The submissions in flight never exceed Maximum Jobs, and reach it', async () => {
		sandbox.addFault({ on: { ...submission, times: 12 }, do: { delay: 30, jobSeconds: 0 } });
		const { output } = await run({
			items: Array.from({ length: 12 }, () => imageItem()),
			parameters: { options: { maxJobs: 4 } },
		});
		expect(output('Pika')).toHaveLength(12);
		const edges = sandbox.requests.flatMap(({ startedAt, endedAt }) => [
			{ at: startedAt, change: 1 },
			{ at: endedAt ?? 0, change: -1 },
		]);
		edges.sort((one, other) => one.at - other.at || one.change - other.change);
		let underWay = 0;
		expect(Math.max(...edges.map(({ change }) => (underWay += change)))).toBe(4);
	});
});

/** A text of this many characters. */
function replyUrlOf(length: number): string {
	return 'https://a.example/'.padEnd(length, 'u');
}

describe('validation before any request', () => {
	const text = {
		content: Buffer.from('hello, this is text'),
		mimeType: 'text/plain',
		fileName: 'a.txt',
	};
	const nothing = { content: Buffer.alloc(0), mimeType: 'image/png', fileName: 'a.png' };

	it.each<[string, Omit<PikaWorkflow, 'sandbox'>, string]>([
		[
			'an item without a binary',
			{ items: [{}] },
			'Message Image: the item has no binary field "data"',
		],
		[
			'a wrong field',
			{ parameters: { message: 'dat' } },
			'Message Image: the item has no binary field "dat"',
		],
		[
			'an expression that gives no field',
			{ parameters: { message: '={{ $json.missing }}' } },
			'Message Image: the expression returns nothing',
		],
		[
			'an expression that gives no file',
			{ parameters: { message: '={{ ({ a: 1 }) }}' } },
			'Message Image: the expression does not return a file',
		],
		[
			'a wrong reference image',
			{ parameters: { image: 'x' } },
			'Reference Image: the item has no binary field "x"',
		],
		[
			'a text file',
			{ items: [{ binary: { data: text } }] },
			'Message Image: the file "a.txt" (text/plain) is text, not a PNG, JPEG, WebP or GIF image',
		],
		[
			'an empty file',
			{ items: [{ binary: { data: nothing } }] },
			'Message Image: the file "a.png" (image/png) is empty',
		],
		['an empty prompt', { parameters: { prompt: ' ' } }, 'Prompt: it is empty'],
		[
			'a prompt of 1501 characters',
			{ parameters: { prompt: '🌊'.repeat(1501) } },
			'Prompt: 1501 characters are too long, the limit is 1500',
		],
		[
			'a reply URL of 1025 characters',
			{ parameters: { options: { replyUrl: replyUrlOf(1025) } } },
			'Reply URL: 1025 characters are too long, the limit is 1024',
		],
		[
			'a reply URL of 1025 characters in the credential',
			{ credential: { replyUrl: replyUrlOf(1025) } },
			'Reply URL: 1025 characters are too long, the limit is 1024',
		],
		[
			'a reply reference of 1025 characters',
			{ parameters: { options: { replyRef: 'r'.repeat(1025) } } },
			'Reply Reference: 1025 characters are too long, the limit is 1024',
		],
		[
			'a reply URL that is a word',
			{ parameters: { options: { replyUrl: 'hello' } } },
			'Reply URL: "hello" is not a web address',
		],
		[
			'a channel with letters',
			{ parameters: { options: { channel: { mode: 'id', value: 'general', __rl: true } } } },
			'Channel: "general" is not the ID of a Discord channel',
		],
		[
			'more jobs than a channel takes',
			{ parameters: { options: { maxJobs: 100 } } },
			'Maximum Jobs: 100 is too high',
		],
		[
			'a prompt whose expression gives nothing',
			{ parameters: { prompt: '={{ $json.missing }}' } },
			'Prompt: the expression returns nothing',
		],
		[
			'a maximum of 0 jobs',
			{ parameters: { options: { maxJobs: 0 } } },
			'Maximum Jobs: 0 is too low',
		],
		[
			'a base URL without https',
			{ credential: { baseUrl: 'http://api.useapi.net' } },
			'The base URL "http://api.useapi.net" in the credential does not begin with https://, so the API token would travel unprotected. Write https://, or turn on "Allow Plain HTTP (Insecure)" for a sandbox in your own network',
		],
		[
			'a Discord token without channel',
			{ credential: { discordToken: DISCORD_TOKEN } },
			'The credential has a Discord token but no Discord channel ID. Fill in both, or neither',
		],
		[
			'a credential without token',
			{ credential: { apiToken: '' } },
			'The credential has no API token. Paste the complete token, including "user:"',
		],
	])('The node refuses %s before any request', async (_what, options, message) => {
		const { error } = await run(options);
		expect(error?.message).toBe(message);
		expect(error?.description).toEqual(expect.any(String));
		expect(requests()).toEqual([]);
	});

	it('The node accepts texts of the maximum length', async () => {
		const options = { replyUrl: replyUrlOf(1024), replyRef: 'r'.repeat(1024) };
		const { error } = await run({ parameters: { prompt: 'p'.repeat(1500), options } });
		expect(error).toBeUndefined();
	});

	it('Nothing is sent for any item if one is refused and the node stops on errors', async () => {
		const items = [imageItem(), {}, imageItem()];
		const { error } = await run({ items });
		expect(error).toMatchObject({ context: { itemIndex: 1 } });
		expect(requests()).toEqual([]);
	});
});

describe('errors of the API', () => {
	const html =
		'<html><head><style>p{}</style></head><body><h1>410 Gone</h1><p>withdrawn</p></body></html>';

	it.each<[string, Fault | undefined, IDataObject, string, string | null]>([
		[
			'400',
			answer(400, { error: 'message is not File or Blob', code: 400 }),
			{},
			'The Pika API answered 400: message is not File or Blob',
			'400',
		],
		[
			'401',
			answer(401, { error: 'Unauthorized', code: 401 }),
			{},
			'The Pika API answered 401: Unauthorized',
			'401',
		],
		[
			'402',
			answer(402, { error: 'Account has no subscription or subscription expired', code: 402 }),
			{},
			'The Pika API answered 402: Account has no subscription or subscription expired',
			'402',
		],
		[
			'a body without code',
			answer(400, { error: 'prompt is too long' }),
			{},
			'The Pika API answered 400: prompt is too long',
			'400',
		],
		[
			'a code that HTTP does not repeat',
			answer(200, { error: 'Unauthorized', code: 401 }),
			{},
			'The Pika API answered 401: Unauthorized',
			'401',
		],
		[
			'410 with HTML',
			answer(410, html),
			{},
			'The Pika API answered 410: 410 Gone withdrawn',
			'410',
		],
		[
			'404 with an empty body',
			answer(404),
			{},
			'The Pika API answered 404: an empty answer',
			'404',
		],
		[
			'403 with broken JSON',
			answer(403, '{"error": "no'),
			{},
			'The Pika API answered 403: {"error": "no',
			'403',
		],
		[
			'a redirect, which is not followed',
			answer(302, '', { location: 'http://127.0.0.1:9/' }),
			{},
			'The Pika API answered 302: it redirects to http://127.0.0.1:9/',
			'302',
		],
		[
			'a message in which n8n sees an error code',
			answer(400, { error: 'preexisting ECONNRESET', code: 400 }),
			{},
			'The Pika API answered 400: preexisting ECONNRESET',
			'400',
		],
	])(
		'After %s, the error contains the text of the API, and there is no second request',
		async (_what, fault, parameters, message, httpCode) => {
			if (fault) sandbox.addFault(fault);
			const { error } = await run({ parameters });
			expect(error).toMatchObject({
				name: 'NodeApiError',
				message,
				httpCode,
				context: { itemIndex: 0 },
			});
			expect(error?.description).toEqual(expect.any(String));
			expect(requests()).toHaveLength(1);
		},
	);

	it.each([
		['moderated', '[moderate]', 'Sorry, your input may be inconsistent with server rules.'],
		['invalid', '[invalid]', 'Invalid parameter (Unrecognized parameter(s): `size`)'],
	])('The error after a 422 with a %s job contains the job ID', async (_what, prompt, words) => {
		const { error } = await run({ parameters: { prompt } });
		const [job] = sandbox.jobs;
		expect(error?.message).toContain(words);
		expect(error?.message).toContain(`(job ${job?.jobid})`);
		expect(requests()).toEqual([['POST', POST, 422]]);
	});

	it('A token that the API returns is hidden', async () => {
		sandbox.addFault(answer(400, { error: `bad token ${SANDBOX_API_TOKEN}`, code: 400 }));
		const { error } = await run();
		expect(error?.message).toBe('The Pika API answered 400: bad token [hidden]');
	});

	it('Under Continue, the failed item has its details and the others are not affected', async () => {
		const items = [
			imageItem({ prompt: 'one' }),
			imageItem({ prompt: '[moderate]' }),
			imageItem({ prompt: 'three' }),
		];
		const { output } = await run({
			items,
			parameters: { prompt: '={{ $json.prompt }}' },
			node: { onError: 'continueRegularOutput' },
		});
		const [first, second, third] = output('Pika');
		expect([first?.json.prompt, third?.json.prompt]).toEqual(['one', 'three']);
		expect(second).toMatchObject({
			pairedItem: { item: 1 },
			json: {
				error: expect.stringContaining('inconsistent with server rules'),
				details: {
					code: 422,
					status: 'moderated',
					jobid: expect.any(String),
					replyRef: expect.any(String),
				},
			},
		});
	});

	it('The failed item goes to the error output with its details', async () => {
		const items = [imageItem({ prompt: '[moderate]' }), {}, imageItem({ prompt: 'three' })];
		const { output } = await run({
			items,
			parameters: { prompt: '={{ $json.prompt ?? "two" }}' },
			node: { onError: 'continueErrorOutput' },
		});
		expect(output('Pika').map(({ json }) => json.prompt)).toEqual(['three']);
		expect(output('Pika', 1).map(({ json, pairedItem }) => [json.details, pairedItem])).toEqual([
			[expect.objectContaining({ code: 422 }), { item: 0 }],
			[{ description: expect.stringContaining('no binary fields') }, { item: 1 }],
		]);
	});

	it('An error that stops the node names the jobs of the other items', async () => {
		sandbox.addFault({
			on: { ...submission, match: { prompt: 'two' } },
			do: { answer: { status: 402, body: { error: 'no subscription', code: 402 } } },
		});
		const items = ['one', 'two', 'three'].map((name) => imageItem({ name }));
		const { error } = await run({ items, parameters: { prompt: '={{ $json.name }}' } });
		expect(error).toMatchObject({ context: { itemIndex: 1 } });
		expect(sandbox.jobs).toHaveLength(2);
		for (const { jobid, status } of sandbox.jobs) {
			expect(error?.description).toContain(`${jobid} (${status})`);
		}
		expect(error?.description).toContain('choose "Retry with currently saved workflow"');
		expect(error?.description).toContain('A new execution with all items would submit');
	});

	it('An error that stops Job: Get does not warn of submissions', async () => {
		await run({ items: [imageItem(), imageItem()] });
		const [ended, failed] = sandbox.jobs;
		sandbox.finishJob(ended?.jobid ?? '');
		sandbox.finishJob(failed?.jobid ?? '', 'failed');
		const items = [ended, failed].map((job) => ({ json: { jobid: job?.jobid } }));
		const { error } = await run({ items, parameters: { resource: 'job', operation: 'get' } });
		expect(error?.description).toContain(`item 0: ${ended?.jobid} (completed)`);
		expect(error?.description).toContain('choose "Retry with currently saved workflow"');
		expect(error?.description).not.toContain('new execution with all items');
	});
});

describe('a full channel', () => {
	const full = (jobids: string[] = ['a', 'b']) => ({
		status: 429,
		body: {
			error: 'Maximum of 2 jobs executing in parallel supported',
			executingJobs: jobids,
			code: 429,
		},
	});
	const discord = (retryAfter: number) => ({
		status: 429,
		body: {
			error: 'Discord /interactions failed with HTTP status 429',
			errorDetails: JSON.stringify({
				global: true,
				message: 'You are being rate limited.',
				retry_after: retryAfter,
			}),
			code: 429,
		},
	});

	it('The node waits ten seconds and tries again for as long as the channel is full', async () => {
		sandbox.addFault({ on: { ...submission, times: 3 }, do: { answer: full() } });
		const { output } = await run();
		expect(output('Pika')).toHaveLength(1);
		expect(shortPauses()).toEqual([10_000, 10_000, 10_000]);
		expect(requests().map(([, , status]) => status)).toEqual([429, 429, 429, 200]);
	});

	it('The node waits longer if Discord requests it', async () => {
		sandbox.addFault({ on: submission, do: { answer: discord(12.5) } });
		await run();
		expect(shortPauses()).toEqual([12_500]);
	});

	it('The node gives up when Keep Retrying For is over, with the text of the API', async () => {
		sandbox.addFault({ on: { ...submission, times: 99 }, do: { answer: full() } });
		const { error } = await run({ parameters: { options: { retryFor: 0.5 } } });
		expect(error?.message).toBe(
			'The Pika API answered 429: Maximum of 2 jobs executing in parallel supported',
		);
		expect(shortPauses()[0]).toBe(10_000);
		expect(sandbox.jobs).toEqual([]);
	});
});

describe('submissions of unknown outcome', () => {
	it.each<[string, Fault['do']]>([
		['a reset after the job was accepted', { resetAfterAccepting: true }],
		[
			'504 after the job was accepted',
			{ answerAfterAccepting: { status: 504, body: { error: 'timeout', code: 504 } } },
		],
		[
			'502 with HTML after the job was accepted',
			{ answerAfterAccepting: { status: 502, body: '<h1>Bad gateway</h1>' } },
		],
		[
			'broken JSON after the job was accepted',
			{ answerAfterAccepting: { status: 200, body: '{"jobid": "' } },
		],
		[
			'an empty body after the job was accepted',
			{ answerAfterAccepting: { status: 200, body: '' } },
		],
	])(
		'The node finds a job by its reply reference after %s, and never submits again',
		async (_what, action) => {
			sandbox.addFault({ on: submission, do: action });
			const { output, error } = await run();
			expect(error).toBeUndefined();
			expect(output('Pika').map(({ json }) => json.jobid)).toEqual([sandbox.jobs[0]?.jobid]);
			expect(requests().map(([method, path]) => `${method} ${path}`)).toEqual([
				`POST ${POST}`,
				'GET /v1/pika/jobs',
				'GET /v1/pika/jobs/',
			]);
		},
	);

	it('The node searches for about a minute, then says that the job may have been submitted', async () => {
		sandbox.addFault({ on: submission, do: { resetBeforeAccepting: 'midway' } });
		const { error } = await run();
		expect(error?.message).toMatch(/^The job may have been submitted, but no usable answer came: /);
		expect(requests().filter(([method]) => method === 'POST')).toHaveLength(1);
		expect(shortPauses().length).toBeGreaterThanOrEqual(4);
	});

	it('The node tries a failing connection three times, then says that nothing was submitted', async () => {
		const { error } = await run({ credential: { baseUrl: 'http://127.0.0.1:1' } });
		expect(error?.message).toBe(
			'The Pika API could not be reached: ECONNREFUSED. Nothing was submitted',
		);
		expect(shortPauses()).toEqual([2000, 4000]);
	});
});

describe('Retry On Fail', () => {
	it('Retry On Fail recovers existing jobs and submits only what was never submitted', async () => {
		sandbox.addFault({
			on: { ...submission, match: { prompt: 'two' } },
			do: { answer: { status: 402, body: { error: 'no subscription', code: 402 } } },
		});
		const items = ['one', 'two', 'three'].map((name) => imageItem({ name }));
		const { output, error } = await run({
			items,
			parameters: { prompt: '={{ $json.name }}' },
			node: { retryOnFail: true, maxTries: 2, waitBetweenTries: 1 },
		});
		expect(error).toBeUndefined();
		expect(output('Pika').map(({ json }) => json.prompt)).toEqual(['one', 'two', 'three']);
		expect(sandbox.jobs).toHaveLength(3);
	});
});
