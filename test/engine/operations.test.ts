import type { ICredentialDataDecryptedObject, IDataObject } from 'n8n-workflow';

import { operations as videoOperations } from '../../nodes/Pika/resources/video';
import { SANDBOX_CHANNEL, type Fault, type Sandbox } from '../../sandbox/sandbox.cts';
import { useFreshSandbox } from './freshSandbox.cts';
import { useFastClock } from './fastClock.cts';
import { type WorkflowRun, runWorkflow } from './harness/run.cts';
import { wrongInRecords } from '../openapi/contract.cts';
import { schemaOf } from '../structure/schemas.cts';
import { textOf } from '../structure/source.cts';
import { imageItem, pikaWorkflow } from './pika.cts';

const DISCORD_TOKEN = 'discord-token-of-the-credential';
const OWN_CHANNEL = '1100000000000000042';

let sandbox: Sandbox;
useFastClock();

useFreshSandbox({ jobSeconds: Infinity }, (started) => {
	sandbox = started;
});
afterEach(() => expect(wrongInRecords(sandbox.requests)).toEqual([]));

async function run(
	resource: string,
	operation: string,
	parameters: IDataObject = {},
	credential: ICredentialDataDecryptedObject = { maxJobs: 10 },
	onError?: 'continueErrorOutput',
): Promise<WorkflowRun> {
	const result = await runWorkflow(
		pikaWorkflow({
			sandbox,
			items: [imageItem({ n: 0 }), imageItem({ n: 1 }), imageItem({ n: 2 })],
			parameters: { resource, operation, ...parameters },
			credential,
			node: onError && { onError },
		}),
	);
	const shown = JSON.stringify([result.run, result.error, result.contextData]);
	for (const secret of [DISCORD_TOKEN, sandbox.apiToken]) expect(shown).not.toContain(secret);
	expectSchema(resource, operation, result);
	return result;
}

function requests(): string[] {
	return sandbox.requests.map(({ method, path }) => `${method} ${path}`);
}

/** The output has only fields of its schema, which the editor shows before the first run. */
function expectSchema(resource: string, operation: string, { output }: WorkflowRun): void {
	const { properties } = JSON.parse(textOf(schemaOf(resource, operation))) as {
		properties: object;
	};
	// `parentJobId` is a guess of the sandbox (docs/api-contract.md, "Button"), so no schema may promise it.
	const named = [...Object.keys(properties), 'parentJobId'];
	const given = output('Pika').flatMap(({ json }) => Object.keys(json));
	expect(given.filter((name) => !named.includes(name))).toEqual([]);
}

async function threeJobs(): Promise<string[]> {
	const { output } = await run('video', 'create', { prompt: '=job {{ $json.n }}' });
	return output('Pika').map(({ json }) => String(json.jobid));
}

/** Operation, parameters, endpoint, and the fields and files that it receives for the last of three items. */
const SUBMISSIONS: Array<[string, IDataObject, string, IDataObject, string[]]> = [
	['create', { prompt: '=p{{ $json.n }}', image: 'data' }, 'create', { prompt: 'p2' }, ['image']],
	['create', { prompt: '=p{{ $json.n }}' }, 'create', { prompt: 'p2' }, []],
	['animate', { image: 'data', prompt: '' }, 'animate', {}, ['image']],
	['animate', { image: 'data', prompt: '=p{{ $json.n }}' }, 'animate', { prompt: 'p2' }, ['image']],
	[
		'encryptText',
		{ message: '=HI {{ $json.n }}', prompt: 'waves', font: 'SANS SERIF' },
		'encrypt_text',
		{ message: 'HI 2', prompt: 'waves', font: 'SANS SERIF' },
		[],
	],
	[
		'encryptText',
		{ message: 'HI', prompt: 'waves', image: 'data' },
		'encrypt_text',
		{ message: 'HI', prompt: 'waves' },
		['image'],
	],
];

/** Operations with engine tests of their own. */
const TESTED_ELSEWHERE = ['encryptImage', 'retry'];

describe('operations that create a job', () => {
	it('Every operation of a video has an engine test', () => {
		const tested = [...SUBMISSIONS.map(([operation]) => operation), ...TESTED_ELSEWHERE];
		expect(Object.keys(videoOperations).filter((name) => !tested.includes(name))).toEqual([]);
	});

	it.each(SUBMISSIONS)(
		'%s sends %j for each of three items',
		async (operation, parameters, endpoint, fields, files) => {
			const { output, error } = await run('video', operation, parameters);
			expect(error).toBeUndefined();
			expect(requests()).toEqual(Array(3).fill(`POST /v1/pika/${endpoint}`));
			const last = sandbox.requests.find(({ fields: sent }) =>
				Object.entries(fields).every(([name, value]) => sent[name] === value),
			);
			expect(last?.fields).toEqual({ ...fields, maxJobs: '10', replyRef: expect.any(String) });
			expect(Object.keys(last?.files ?? {})).toEqual(files);
			expect(output('Pika').map(({ pairedItem, json }) => [pairedItem, json.status])).toEqual(
				[0, 1, 2].map((item) => [{ item }, 'started']),
			);
		},
	);

	it('retry presses the button of a job, and sends no channel', async () => {
		const [jobid] = await threeJobs();
		sandbox.finishJob(jobid ?? '');
		const credential = { channel: OWN_CHANNEL, discordToken: DISCORD_TOKEN };
		const { output, error } = await run(
			'video',
			'retry',
			{ jobid, options: { maxJobs: 10 } },
			credential,
		);
		expect(error).toBeUndefined();
		expect(sandbox.requests.at(-1)?.fields).toEqual({
			jobid,
			button: 'retry',
			maxJobs: '10',
			replyRef: expect.any(String),
		});
		expect(output('Pika')).toHaveLength(3);
	});

	it.each<[string, IDataObject, string]>([
		[
			'encryptText',
			{ message: 'x'.repeat(21) },
			'Message: 21 characters are too long, the limit is 20',
		],
		['encryptText', { message: '={{ " " }}' }, 'Message: the expression returns nothing'],
		['create', { prompt: '={{ "" }}' }, 'Prompt: the expression returns nothing'],
		['animate', { image: 'none' }, 'Image: the item has no binary field "none"'],
		[
			'animate',
			{ image: 'data', prompt: 'x'.repeat(1501) },
			'Prompt: 1501 characters are too long, the limit is 1500',
		],
		['retry', { jobid: '={{ "" }}' }, 'Job: the expression returns nothing'],
	])('%s refuses %j before any request', async (operation, parameters, message) => {
		const { error } = await run('video', operation, parameters);
		expect(error?.message).toBe(message);
		expect(requests()).toEqual([]);
	});

	it.each(['create', 'animate', 'encryptText', 'retry'])(
		'%s waits for the video',
		async (operation) => {
			const [parent] = await threeJobs();
			sandbox.finishJob(parent ?? '');
			sandbox.changeSettings({ jobSeconds: 0.02 });
			const parameters = {
				prompt: 'p',
				image: operation === 'animate' ? 'data' : '',
				message: 'HI',
				jobid: parent,
			};
			const { output, binary } = await run('video', operation, {
				...parameters,
				completion: 'poll',
				download: true,
			});
			expect(output('Pika').map(({ json }) => json.status)).toEqual(Array(3).fill('completed'));
			expect((await binary(output('Pika')[2]!, 'video')).length).toBeGreaterThan(1000);
		},
	);
});

describe('operations of Job', () => {
	it('getMany lists the running jobs once for each input item', async () => {
		const jobids = await threeJobs();
		const { output } = await run('job', 'getMany', { readEach: false });
		expect(output('Pika').map(({ json, pairedItem }) => [json, pairedItem])).toEqual(
			[0, 1, 2].flatMap((item) => jobids.map((jobid) => [{ jobid }, { item }])),
		);
	});

	it('getMany reads each job in full if requested', async () => {
		await threeJobs();
		const { output } = await run('job', 'getMany', { readEach: true });
		expect(
			output('Pika')
				.slice(0, 3)
				.map(({ json }) => json.prompt),
		).toEqual(['job 0', 'job 1', 'job 2']);
	});

	it('No output shows the callback token of another credential', async () => {
		const replyUrl = 'https://n8n.example.com/webhook/pika?mode=a&Token=my-secret&b=1';
		const submitted = await run('video', 'create', { prompt: 'waves', options: { replyUrl } });
		const listed = await run('job', 'getMany');
		for (const { output } of [submitted, listed]) {
			expect(output('Pika')[0]?.json.replyUrl).toBe(
				'https://n8n.example.com/webhook/pika?mode=a&Token=[hidden]&b=1',
			);
			expect(JSON.stringify(output('Pika'))).not.toContain('my-secret');
		}
		expect(sandbox.jobs.at(-1)?.replyUrl).toBe(replyUrl);
	});

	it('getMany returns no items if nothing runs', async () => {
		const { output, error } = await run('job', 'getMany', { readEach: false });
		expect([error, output('Pika')]).toEqual([undefined, []]);
	});

	it('cancel cancels each item’s own job once', async () => {
		const jobids = await threeJobs();
		const { output } = await run('job', 'cancel', {
			jobid: `={{ ${JSON.stringify(jobids)}[$json.n] }}`,
		});
		expect(output('Pika').map(({ json, pairedItem }) => [json, pairedItem])).toEqual(
			jobids.map((jobid, item) => [{ jobid, status: 'cancelled', code: 200 }, { item }]),
		);
		expect(sandbox.jobs.map(({ status }) => status)).toEqual(Array(3).fill('cancelled'));
		expect(requests().slice(3)).toEqual(Array(3).fill('GET /v1/pika/jobs/cancel/'));
	});

	it('cancel accepts a job that was chosen from the list', async () => {
		const [jobid] = await threeJobs();
		await run('job', 'cancel', { jobid: { __rl: true, mode: 'list', value: jobid } });
		expect(sandbox.jobs[0]?.status).toBe('cancelled');
	});
});

describe('operations of Account', () => {
	it('getMany returns the channels without their Discord tokens', async () => {
		const { output } = await run('account', 'getMany');
		expect(output('Pika')[0]?.json).toEqual({ channel: SANDBOX_CHANNEL, maxJobs: 10 });
		expect(JSON.stringify(output('Pika'))).not.toContain('discord');
	});

	it('getMany returns no items if no channel is configured', async () => {
		await run(
			'account',
			'delete',
			{ channel: { __rl: true, mode: 'id', value: SANDBOX_CHANNEL } },
			{},
			'continueErrorOutput',
		);
		const { output, error } = await run('account', 'getMany');
		expect([error, output('Pika')]).toEqual([undefined, []]);
	});

	it('upsert saves the credential’s own channel and token, and shows no token', async () => {
		const credential = { channel: OWN_CHANNEL, discordToken: DISCORD_TOKEN };
		const { output, error } = await run(
			'account',
			'upsert',
			{ maxJobs: '={{ $json.n + 3 }}' },
			credential,
		);
		expect(error).toBeUndefined();
		expect(output('Pika').map(({ json }) => json)).toEqual(
			[3, 4, 5].map((maxJobs) => ({ channel: OWN_CHANNEL, maxJobs })),
		);
		expect(sandbox.requests[0]).toMatchObject({
			method: 'POST',
			path: `/v1/pika/account/${OWN_CHANNEL}`,
			fields: { channel: OWN_CHANNEL, discord: DISCORD_TOKEN, maxJobs: '3' },
		});
	});

	it.each<[IDataObject, ICredentialDataDecryptedObject, string]>([
		[
			{ maxJobs: 11 },
			{ channel: OWN_CHANNEL, discordToken: DISCORD_TOKEN },
			'Maximum Jobs: 11 is too high',
		],
		[{ maxJobs: 5 }, {}, 'The credential has no Discord token and channel ID to save'],
	])('upsert refuses %j before any request', async (parameters, credential, message) => {
		const { error } = await run('account', 'upsert', parameters, credential);
		expect(error?.message).toBe(message);
		expect(requests()).toEqual([]);
	});

	it('delete removes a channel and reports it', async () => {
		const { output } = await run(
			'account',
			'delete',
			{ channel: `={{ $json.n === 0 ? "${SANDBOX_CHANNEL}" : "none" }}` },
			{},
			'continueErrorOutput',
		);
		expect(output('Pika').map(({ json }) => json)).toEqual([{ deleted: true }]);
		expect(output('Pika', 1)).toHaveLength(2);
		expect(output('Pika', 1)[0]?.json.error).toContain('"none" is not the ID of a Discord channel');
		expect(requests()).toHaveLength(1);
	});
});

describe('errors of every operation', () => {
	const operations: Array<[string, string, IDataObject]> = [
		['video', 'encryptImage', {}],
		['video', 'encryptText', { message: 'HI' }],
		['video', 'create', {}],
		['video', 'animate', { image: 'data' }],
		['video', 'retry', { jobid: 'a' }],
		['job', 'get', { jobid: '={{ "a" + $itemIndex }}' }],
		['job', 'getMany', {}],
		['job', 'cancel', { jobid: 'a' }],
		['account', 'getMany', {}],
		['account', 'upsert', { maxJobs: 5 }],
		['account', 'delete', { channel: '42' }],
	];
	const credential = { channel: OWN_CHANNEL, discordToken: DISCORD_TOKEN, maxJobs: 10 };
	const answers: Array<[string, Fault['do']['answer'], string]> = [
		['401', { status: 401, body: { error: 'Unauthorized', code: 401 } }, 'Unauthorized'],
		[
			'402',
			{
				status: 402,
				body: { error: 'Account has no subscription or subscription expired', code: 402 },
			},
			'Account has no subscription',
		],
		[
			'400',
			{ status: 400, body: { error: 'Some value is missing', code: 400 } },
			'Some value is missing',
		],
		['404', { status: 404, body: '<h1>Not here</h1>' }, 'Not here'],
		[
			'410 with HTML',
			{ status: 410, body: '<html><body><h1>Gone for good</h1></body></html>' },
			'Gone for good',
		],
	];

	it.each(
		operations.flatMap((operation) => answers.map((answer) => [...operation, ...answer] as const)),
	)(
		'%s %s %j shows %s in the words of the API, once, and paired',
		async (resource, operation, parameters, _status, answer, words) => {
			sandbox.addFault({ on: { times: 3 }, do: { answer } });
			const { output } = await run(
				resource,
				operation,
				parameters,
				credential,
				'continueErrorOutput',
			);
			const failed = output('Pika', 1);
			expect(failed.map(({ pairedItem }) => pairedItem)).toEqual([
				{ item: 0 },
				{ item: 1 },
				{ item: 2 },
			]);
			for (const { json } of failed) expect(json.error).toContain(words);
			expect(requests()).toHaveLength(3);
		},
	);
});
