import type { IDataObject, NodeApiError } from 'n8n-workflow';

import { clock } from '../../nodes/Pika/jobs/clock';
import { type Fault, type Sandbox, SANDBOX_CHANNEL } from '../../sandbox/sandbox.cts';
import { useFreshSandbox } from './freshSandbox.cts';
import { API_TOKEN } from './responses/failing.cts';
import { startHanging } from './responses/hanging.cts';
import { listFrom } from './responses/listing.cts';
import { useFastClock } from './fastClock.cts';
import { type WorkflowRun, runWorkflow } from './harness/run.cts';
import { imageItem, pikaWorkflow } from './pika.cts';

const READS = '/v1/pika/jobs/';
const TRIES = 3;

let sandbox: Sandbox;
const { pauses } = useFastClock();
useFreshSandbox(
	{
		apiToken: API_TOKEN,
		jobSeconds: Infinity,
		accounts: [{ channel: SANDBOX_CHANNEL, discord: 'made-up', maxJobs: 100 }],
	},
	(started) => {
		sandbox = started;
	},
);

async function jobs(count: number): Promise<string[]> {
	const parameters = { operation: 'create', completion: 'off' };
	const items = Array.from({ length: count }, () => imageItem());
	const { output } = await runWorkflow(pikaWorkflow({ sandbox, items, parameters }));
	return output('Pika').map(({ json }) => String(json.jobid));
}

async function getMany(
	parameters: IDataObject = { readEach: true },
	onError?: 'continueErrorOutput',
): Promise<WorkflowRun> {
	const get = { resource: 'job', operation: 'getMany', ...parameters };
	return await runWorkflow(
		pikaWorkflow({ sandbox, parameters: get, node: onError && { onError } }),
	);
}

function spoil(jobid: string | undefined, fault: Fault['do'], times = 1): void {
	sandbox.addFault({ on: { path: READS, match: { jobid }, times }, do: fault });
}

const reads = () => sandbox.requests.filter(({ path }) => path === READS).length;

const FAULTS: Array<[string, Fault['do']]> = [
	['503', { answer: { status: 503, body: 'Unavailable' } }],
	['429', { answer: { status: 429, body: { error: 'Later', code: 429 } } }],
	['502 with a page', { answer: { status: 502, body: '<h1>Bad gateway</h1>' } }],
	['a page under 200', { answer: { status: 200, body: '<h1>Log in</h1>' } }],
	['an empty answer', { answer: { status: 200 } }],
	['broken JSON', { answer: { status: 200, body: '{"jobid":' } }],
	['a reset', { resetAfterAccepting: true }],
];

describe('Job: Get Many with details', () => {
	it.each(FAULTS)(
		'Get Many returns all jobs if the read of one of them gets %s once',
		async (_, fault) => {
			const jobids = await jobs(5);
			spoil(jobids[2], fault);
			const { error, output } = await getMany();
			expect(error).toBeUndefined();
			expect(output('Pika').map(({ json }) => [json.jobid, json.status])).toEqual(
				jobids.map((jobid) => [jobid, 'started']),
			);
			expect(pauses).toHaveLength(1);
		},
	);

	it.each(FAULTS)(
		'Get Many reports a job whose read always gets %s, and returns the others',
		async (_, fault) => {
			const jobids = await jobs(4);
			spoil(jobids[1], fault, 99);
			const { error, output } = await getMany();
			expect(error).toBeUndefined();
			const given = output('Pika').map(({ json }) => json);
			expect(given.map(({ jobid }) => jobid)).toEqual(jobids);
			expect(given[1]).toEqual({
				jobid: jobids[1],
				readError: expect.stringMatching(
					new RegExp(
						`^The Pika job ${jobids[1]} could not be read: the API gave no usable answer: `,
					),
				),
			});
			expect(given.filter(({ readError }) => readError)).toHaveLength(1);
			expect(reads()).toBe(3 + TRIES);
		},
	);

	it.each<[number, string]>([
		[404, 'Unable to locate job'],
		[403, 'Forbidden'],
		[400, 'Bad'],
	])(
		'Get Many reports a job that is refused with %i, without another try',
		async (status, words) => {
			const jobids = await jobs(3);
			spoil(jobids[0], { answer: { status, body: { error: words, code: status } } }, 99);
			const { output } = await getMany();
			expect(output('Pika')[0]?.json).toEqual({
				jobid: jobids[0],
				readError: `The Pika job ${jobids[0]} cannot be read, the API answered ${status}: ${words}`,
			});
			expect([reads(), pauses]).toEqual([3, []]);
		},
	);

	it('Get Many fails the item if no job can be read', async () => {
		await jobs(3);
		sandbox.addFault({
			on: { path: READS, times: 99 },
			do: { answer: { status: 401, body: { error: 'Unauthorized', code: 401 } } },
		});
		expect((await getMany()).error?.message).toBe('The Pika API answered 401: Unauthorized');
		const { output } = await getMany({ readEach: true }, 'continueErrorOutput');
		expect(output('Pika', 1)).toHaveLength(1);
	});

	it('Get Many reads at most ten jobs at a time', async () => {
		const jobids = await jobs(35);
		let most = 0;
		sandbox.addFault({ on: { path: READS, times: 99 }, do: { delay: 20 } });
		const running = getMany();
		const open = () => sandbox.requests.filter(({ path, endedAt }) => path === READS && !endedAt);
		await sandbox.waitFor(() => {
			most = Math.max(most, open().length);
			return reads() === 35;
		});
		expect((await running).output('Pika').map(({ json }) => json.jobid)).toEqual(jobids);
		expect(most).toBeLessThanOrEqual(10);
		expect(most).toBeGreaterThan(1);
	});
});

describe('the list of running jobs', () => {
	it.each(FAULTS)('The list of running jobs is requested again after %s', async (_, fault) => {
		const jobids = await jobs(2);
		sandbox.addFault({ on: { path: '/v1/pika/jobs' }, do: fault });
		const { error, output } = await getMany({});
		expect(error).toBeUndefined();
		expect(output('Pika').map(({ json }) => json.jobid)).toEqual(jobids);
	});

	it.each<[string, unknown]>([
		['an object', { jobs: ['a'] }],
		['an empty object', {}],
		['null', null],
		['a number', 7],
		['true', true],
		['a list of objects', [{ jobid: 'a' }]],
		['a text', 'none'],
	])('The list of running jobs cannot be %s', async (_, body) => {
		sandbox.addFault({
			on: { path: '/v1/pika/jobs', times: 9 },
			do: { answer: { status: 200, body } },
		});
		const { error, output } = await getMany({});
		expect(error?.message).toMatch(/^The Pika API gave no usable answer: /);
		expect(output('Pika')).toEqual([]);
	});
});

describe('the list of accounts', () => {
	const accounts = { resource: 'account', operation: 'getMany' };

	it.each<[string, unknown]>([
		['a page', '<h1>Log in</h1>'],
		['a list', ['a']],
		['null', null],
		['an error under 200', { error: 'Internal error' }],
		['a number', 7],
	])('The list of accounts cannot be %s', async (_, body) => {
		sandbox.addFault({
			on: { path: '/v1/pika/account', times: 9 },
			do: { answer: { status: 200, body } },
		});
		const { error } = await getMany(accounts);
		expect(error?.message).toMatch(/^The Pika API gave no usable answer: /);
	});

	it('The list of accounts is requested again after 503', async () => {
		sandbox.addFault({ on: { path: '/v1/pika/account' }, do: { answer: { status: 503 } } });
		const { output } = await getMany(accounts);
		expect(output('Pika')[0]?.json.channel).toBe(SANDBOX_CHANNEL);
	});
});

describe('lists in the editor', () => {
	const names = ['searchChannels', 'searchRunningJobs'] as const;
	const answers: Array<[string, Fault['do'], RegExp, RegExp]> = [
		[
			'a wrong token',
			{ answer: { status: 401, body: { error: 'Unauthorized', code: 401 } } },
			/answered 401: Unauthorized/,
			/complete API token/,
		],
		[
			'no subscription',
			{ answer: { status: 402, body: { error: 'No subscription', code: 402 } } },
			/answered 402/,
			/subscription/,
		],
		['503', { answer: { status: 503, body: 'Unavailable' } }, /HTTP 503: Unavailable/, /later/],
		['a page', { answer: { status: 200, body: '<h1>Log in</h1>' } }, /Log in/, /base URL/],
		['a reset', { resetAfterAccepting: true }, /ECONNRESET/, /base URL/],
		[
			'a redirect',
			{ answer: { status: 302, headers: { location: 'https://login.example.com/?a=1' } } },
			/redirects to https:\/\/login\.example\.com\/$/,
			/proxy requires a login/,
		],
	];

	it.each(names.flatMap((name) => answers.map((answer) => [name, ...answer] as const)))(
		'A list in the editor reports an error and suggests entering the ID: %s after %s',
		async (name, _, fault, message, description) => {
			sandbox.addFault({ on: { method: 'GET' }, do: fault });
			const failing = listFrom(sandbox.baseUrl, name);
			const error = await failing.then(
				() => undefined,
				(thrown: NodeApiError) => thrown,
			);
			expect(error?.name).toBe('NodeApiError');
			expect(error?.message).toMatch(message);
			expect(error?.description).toMatch(description);
			expect(error?.description).toMatch(/You can also enter an ID\.$/);
			expect(JSON.stringify(error)).not.toContain(API_TOKEN);
		},
	);

	it.each(names.flatMap((name) => ['nothing', 'blanks'].map((what) => [name, what] as const)))(
		'A list in the editor fails after about 15 seconds if the response never ends: %s, with %s sent',
		async (name, what) => {
			const hanging = await startHanging(what === 'blanks');
			const began = clock.now();
			const error = await listFrom(hanging.baseUrl, name).catch((thrown: NodeApiError) => thrown);
			await hanging.stop();
			expect(error).toMatchObject({
				name: 'NodeApiError',
				message: expect.stringMatching(/did not answer within 15 seconds/) as string,
				description: expect.stringMatching(/You can also enter an ID\.$/) as string,
			});
			expect(clock.now() - began).toBeLessThanOrEqual(16_000);
		},
	);

	it('The list of running jobs says what each job is, and has its ID alone if it cannot be read', async () => {
		const [made, unreadable] = await jobs(2);
		spoil(unreadable, { answer: { status: 404 } });
		const { results } = await listFrom(sandbox.baseUrl, 'searchRunningJobs');
		expect(results.find(({ value }) => value === made)?.name).toBe(
			`waves crashing over the sandy beach (started): ${made}`,
		);
		expect(results.find(({ value }) => value === unreadable)?.name).toBe(unreadable);
	});

	it('The lists in the editor contain the running jobs and the channels', async () => {
		sandbox.addFault({
			on: { endpoint: 'jobs', times: 2 },
			do: { answer: { status: 200, body: ['job-1', 'job-22'] } },
		});
		expect(await listFrom(sandbox.baseUrl, 'searchRunningJobs')).toEqual({
			results: ['job-1', 'job-22'].map((jobid) => ({ name: jobid, value: jobid })),
		});
		expect((await listFrom(sandbox.baseUrl, 'searchRunningJobs', '22')).results).toHaveLength(1);
		sandbox.addFault({
			on: { path: '/v1/pika/account' },
			do: { answer: { status: 200, body: { 1: { maxJobs: 3 }, 2: { maxJobs: {} }, 3: {} } } },
		});
		const { results } = await listFrom(sandbox.baseUrl, 'searchChannels');
		expect(results.map(({ name }) => name)).toEqual(['1 (up to 3 jobs)', '2', '3']);
	});

	it.each([
		['searchRunningJobs', [], 'No jobs are running'],
		['searchChannels', {}, 'No channel is configured at useapi.net'],
	] as const)('A list in the editor says that it has no entries: %s', async (name, body, words) => {
		sandbox.addFault({ on: { method: 'GET' }, do: { answer: { status: 200, body } } });
		const none = { results: [{ name: words, value: '' }] };
		expect(await listFrom(sandbox.baseUrl, name)).toEqual(none);
	});
});
