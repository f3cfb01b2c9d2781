import { discordLimitBody } from '../../sandbox/contract.cts';
import { SANDBOX_CHANNEL } from '../../sandbox/sandbox.cts';
import { call, formOf, picture } from '../sandbox/client';
import { operations, wrongInCallback } from './contract.cts';
import { useSandbox } from '../sandbox/useSandbox';

const CHANNEL = '1100000000000000002';
const LONG = 'x'.repeat(2000);

const sandbox = useSandbox();

/** A valid request to each operation. `call` checks every response. */
const requests: Record<string, (jobid: string) => Parameters<typeof call>[3] | string> = {
	encryptImage: () => formOf({ message: picture(), prompt: 'p', image: picture() }),
	encryptText: () => formOf({ message: 'hi', prompt: 'p', font: 'RETRO', image: picture() }),
	create: () => formOf({ prompt: 'p', replyUrl: 'http://127.0.0.1:1/', replyRef: 'r' }),
	animate: () => formOf({ image: picture() }),
	button: (jobid) => formOf({ jobid, button: 'retry' }),
	getJob: (jobid) => `?jobid=${jobid}`,
	cancelJob: (jobid) => `?jobid=${jobid}`,
	saveAccount: () => ({ channel: CHANNEL, discord: 'a-discord-token', maxJobs: 3 }),
	changePlatformAccount: () => ({ name: 'N', replyUrl: 'http://127.0.0.1:1/' }),
};

interface Changes {
	body?: Parameters<typeof call>[3];
	query?: string;
	channel?: string;
	headers?: Record<string, string>;
}

async function ask(id: string, changes: Changes = {}, jobid = 'none'): Promise<number> {
	const { method, path } = operations.find((operation) => operation.id === id)!;
	const granted = requests[id]?.(jobid);
	const query = changes.query ?? (typeof granted === 'string' ? granted : '');
	const body = changes.body ?? (typeof granted === 'string' ? undefined : granted);
	const target = path.replace('{channel}', changes.channel ?? CHANNEL) + query;
	return (await call(sandbox, method, target, body, changes.headers)).status;
}

async function job(prompt = 'p'): Promise<string> {
	await call(sandbox, 'POST', '/v1/pika/create', formOf({ prompt }));
	return sandbox.jobs.at(-1)!.jobid;
}

async function completedJob(prompt?: string): Promise<string> {
	const jobid = await job(prompt);
	sandbox.finishJob(jobid, 'completed');
	return jobid;
}

async function withoutAccounts(): Promise<void> {
	await ask('deleteAccount', { channel: SANDBOX_CHANNEL });
}

/** How to provoke each status of each operation. */
const granted = (id: string) => async () => await ask(id);
const answers: Record<string, Record<string, () => Promise<number>>> = {
	encryptImage: { 200: granted('encryptImage') },
	encryptText: { 200: granted('encryptText') },
	create: { 200: granted('create') },
	animate: { 200: granted('animate') },
	button: {
		200: async () => await ask('button', {}, await completedJob()),
		400: async () => await ask('button', {}, await job()),
		404: granted('button'),
		422: async () => {
			const jobid = await completedJob('[seconds=1]');
			sandbox.jobs[0]!.prompt = '[invalid]';
			return await ask('button', {}, jobid);
		},
	},
	getJob: {
		200: async () => await ask('getJob', {}, await completedJob()),
		400: async () => await ask('getJob', { query: '?jobid=' }),
		404: granted('getJob'),
	},
	listRunningJobs: {
		200: async () => {
			await job();
			return await ask('listRunningJobs');
		},
	},
	cancelJob: {
		200: async () => await ask('cancelJob', {}, await job()),
		400: async () => await ask('cancelJob', { query: '?' }),
		404: async () => await ask('cancelJob', {}, await completedJob()),
	},
	listAccounts: {
		200: granted('listAccounts'),
		404: async () => {
			await withoutAccounts();
			return await ask('listAccounts');
		},
	},
	saveAccount: {
		204: granted('saveAccount'),
		400: async () => await ask('saveAccount', { body: {} }),
	},
	deleteAccount: {
		200: async () => await ask('deleteAccount', { channel: SANDBOX_CHANNEL }),
		404: granted('deleteAccount'),
	},
	getPlatformAccount: { 200: granted('getPlatformAccount') },
	changePlatformAccount: {
		200: granted('changePlatformAccount'),
		400: async () => await ask('changePlatformAccount', { body: { replyUrl: LONG } }),
	},
};

/** How to provoke each status for operations that need no special case. */
const anyAnswers: Record<string, (id: string) => Promise<number>> = {
	400: async (id) => await ask(id, { body: formOf({}) }),
	401: async (id) => await ask(id, { headers: { authorization: 'Bearer user:1-wrong' } }),
	402: async (id) => {
		sandbox.changeSettings({ subscriptionIsActive: false });
		return await ask(id);
	},
	422: async (id) => {
		const body = requests[id]?.('') as FormData;
		body.set('prompt', 'waves [moderate]');
		return await ask(id, { body });
	},
	429: async (id) => {
		const jobid = await completedJob();
		for (let i = 0; i < 10; i += 1) await job();
		return await ask(id, {}, jobid);
	},
};

describe('responses of the sandbox', () => {
	const all = operations.flatMap(({ id, statuses }) => statuses.map(({ status }) => [id, status]));

	it.each(all)('The sandbox returns a documented response: %s %s', async (id = '', status = '') => {
		const way = answers[id]?.[status];
		expect(way ? await way() : await anyAnswers[status]?.(id)).toBe(Number(status));
	});

	it('Every way to get a response is for a documented one', () => {
		const ways = Object.entries(answers).flatMap(([id, known]) =>
			Object.keys(known).map((status) => [id, status]),
		);
		expect(all).toEqual(expect.arrayContaining(ways));
	});

	it('The sandbox passes on Discord’s rate limit as documented', async () => {
		sandbox.addFault({ do: { answer: { status: 429, body: discordLimitBody(10) } } });
		expect(await ask('encryptImage')).toBe(429);
	});

	it('The sandbox uses the error format for all other errors', async () => {
		const unknown = await call(sandbox, 'GET', '/v1/pika/unknown');
		expect(unknown).toMatchObject({ status: 404, body: { error: 'Not Found', code: 404 } });
	});
});

describe('callbacks of the sandbox', () => {
	it.each(['completed', 'failed', 'moderated', 'cancelled'] as const)(
		'A callback has the documented form for a %s job of each endpoint',
		async (status) => {
			await call(sandbox, 'POST', '/v2/account', { replyUrl: 'http://127.0.0.1:1/' });
			const parent = await completedJob();
			for (const id of ['encryptImage', 'encryptText', 'create', 'animate', 'button']) {
				await ask(id, {}, parent);
				sandbox.finishJob(sandbox.jobs.at(-1)!.jobid, status);
			}
			expect(sandbox.callbacks).toHaveLength(6);
			for (const { body } of sandbox.callbacks) expect(wrongInCallback(body)).toEqual([]);
		},
	);
});
