import type { INode } from 'n8n-workflow';
import { DataDeduplicationService, WebhookContext } from 'n8n-core';

import { discordLimitBody } from '../../sandbox/contract.cts';
import {
	SANDBOX_ACCOUNT,
	type ChannelAccount,
	type Fault,
	type Sandbox,
	type SandboxJob,
	startSandbox,
} from '../../sandbox/sandbox.cts';
import { clock } from '../../nodes/Pika/jobs/clock';
import * as hostSupport from '../../nodes/Pika/waiting/hostSupport';
import { untilIdle, useFastClock } from './fastClock.cts';
import { useBinaryMode } from './harness/binary-store.cts';
import { retryRun } from './harness/resume.cts';
import { resumeByWebhook } from './harness/resume-webhook.cts';
import { type RunOptions, type WorkflowRun, runWorkflow, startWorkflow } from './harness/run.cts';
import { lists, noteArrivals, reads, submissions, submitAsSomebodyElse } from './observed.cts';
import { savedAndLoaded } from './harness/saved-execution.cts';
import { type PikaWorkflow, pikaWorkflow } from './pika.cts';
import type { Suspension } from '../../nodes/Pika/waiting/suspension';

let sandbox: Sandbox;
useFastClock();

/** Gives every test of the surrounding describe a sandbox with these accounts. */
function useSandbox(...accounts: ChannelAccount[]): void {
	beforeAll(async () => {
		sandbox = await startSandbox({ jobSeconds: Infinity, accounts });
	});
	afterAll(async () => await sandbox.stop());
	beforeEach(() => sandbox.reset());
}

type Options = Omit<PikaWorkflow, 'sandbox'>;

/** Waits for the callbacks of Pika's `create`, which needs no image; each item has its own prompt. */
function workflow({ parameters, ...options }: Options = {}, count = 1): RunOptions {
	return pikaWorkflow({
		items: Array.from({ length: count }, (_, i) => ({ json: { prompt: `prompt ${i}` } })),
		...options,
		parameters: {
			operation: 'create',
			completion: 'callback',
			prompt: '={{ $json.prompt }}',
			...parameters,
		},
		sandbox,
	});
}

async function begin(options: Options = {}, count = 1): Promise<WorkflowRun> {
	return await runWorkflow(workflow(options, count));
}

/** Delivers a callback to the engine and returns the execution as it is then. */
async function call(run: WorkflowRun, jobid: string): Promise<WorkflowRun> {
	const answer = await resumeByWebhook(run, { body: { jobid } });
	expect(answer.status).toBe(200);
	return answer.run ?? run;
}

function running(): SandboxJob[] {
	return sandbox.jobs.filter(({ status }) => status === 'started');
}

/** Ends the oldest running job and delivers its callback to the waiting execution. */
async function endFirst(run: WorkflowRun, of: SandboxJob[] = running()): Promise<WorkflowRun> {
	const [first] = of;
	if (first === undefined) throw new Error('No job runs');
	sandbox.finishJob(first.jobid);
	return await call(run, first.jobid);
}

/** Ends the execution's jobs one after another until it is finished. */
async function toEnd(begun: WorkflowRun, foreign: string[] = []): Promise<WorkflowRun> {
	let run = begun;
	while (run.status === 'waiting') {
		run = await endFirst(
			run,
			running().filter(({ jobid }) => !foreign.includes(jobid)),
		);
	}
	return run;
}

function prompts(run: WorkflowRun): unknown[] {
	return run.output('Pika').map(({ json }) => json.prompt);
}

function numbered(count: number): string[] {
	return Array.from({ length: count }, (_, i) => `prompt ${i}`);
}

describe('jobs whose callbacks go elsewhere', () => {
	useSandbox(SANDBOX_ACCOUNT);

	/** Ends the jobs after some polling; returns the execution and the order of events. */
	async function endWhenPolled(result: Promise<WorkflowRun>): Promise<WorkflowRun> {
		const before = lists(sandbox).length;
		let isWaiting = false;
		void result.then(({ status }) => (isWaiting = status === 'waiting'));
		await sandbox.waitFor(() => lists(sandbox).length >= before + 3 || isWaiting);
		for (const { jobid } of running()) sandbox.finishJob(jobid);
		return await result;
	}

	it.each<[string, Options, number]>([
		['a reply reference of the node’s own', {}, 1],
		['a reply reference of the user’s', { parameters: { options: { replyRef: 'order-1' } } }, 1],
		['several items', {}, 3],
	])('A job that the editor’s Retry finds is polled, with %s', async (_what, options, count) => {
		const on = { method: 'POST', times: count };
		sandbox.addFault({ on, do: { resetAfterAccepting: true } });
		sandbox.addFault({ on: { endpoint: 'jobs', times: 1000 }, do: { answer: { status: 404 } } });
		const failed = await begin(options, count);
		expect(failed.error?.message).toMatch(/may have been submitted/);
		sandbox.clearFaults();
		const run = await endWhenPolled(retryRun(failed));
		expect(run.status).toBe('success');
		expect(prompts(run)).toEqual(numbered(count));
		expect(submissions(sandbox)).toHaveLength(count);
	});

	it('A job whose response named it before the editor’s Retry is polled', async () => {
		const body = { error: 'Query overflow', jobid: '<jobid>', code: 504 };
		const on = { method: 'POST' };
		sandbox.addFault({ on, do: { answerAfterAccepting: { status: 504, body } } });
		sandbox.addFault({
			on: { path: '/v1/pika/jobs*', times: 1000 },
			do: { answer: { status: 503 } },
		});
		const failed = await begin();
		sandbox.clearFaults();
		const run = await endWhenPolled(retryRun(failed));
		expect([run.status, submissions(sandbox).length]).toEqual(['success', 1]);
	});

	it('A job of an earlier execution that failed for another reason is polled', async () => {
		sandbox.addFault({
			on: { method: 'POST', match: { prompt: 'prompt 1' } },
			do: { answer: { status: 402, body: { error: 'no subscription', code: 402 } } },
		});
		let failed = await begin({}, 2);
		failed = await toEnd(failed);
		expect(failed.status).toBe('error');
		// The Retry submits the second item, whose callback it receives; the first one has ended before.
		const again = await toEnd(await retryRun(failed));
		expect(prompts(again)).toEqual(numbered(2));
		expect(sandbox.jobs).toHaveLength(2);
	});

	const elsewhere: Array<[string, (replyUrl: string) => string | undefined]> = [
		['shows no reply URL', () => undefined],
		['shows the reply URL of another execution', (url) => url.replace(/waiting\/\d+/, 'waiting/0')],
		['shows the reply URL without its signature', (url) => url.replace(/\?.*/, '')],
		['shows the default of the account', () => 'https://example.com/hook'],
	];

	/** Makes the API return another reply URL than was sent, in the response and in the job. */
	async function showing(shown: (replyUrl: string) => string | undefined, options: RunOptions) {
		const body = { jobid: '<jobid>', status: 'started', prompt: 'prompt 0', code: 200 };
		const url = shown('http://127.0.0.1:1/webhook-waiting/1?signature=x');
		const answer = { status: 200, body: { ...body, ...(url && { replyUrl: url }) } };
		sandbox.addFault({
			on: { method: 'POST', match: { prompt: 'prompt 0' } },
			do: { answerAfterAccepting: answer, delay: 20 },
		});
		const { result } = await startWorkflow(options);
		const job = await sandbox.waitFor(() =>
			sandbox.jobs.find(({ prompt, replyUrl }) => prompt === 'prompt 0' && replyUrl),
		);
		job.replyUrl = shown(job.replyUrl ?? '');
		return { result, job };
	}

	it.each(elsewhere)('A job is polled if its record %s', async (_what, shown) => {
		const { result } = await showing(shown, workflow());
		const run = await endWhenPolled(result);
		expect(run.status).toBe('success');
		expect(prompts(run)).toEqual(numbered(1));
	});

	it('A job whose callback goes elsewhere is polled until it ends, and only then does the execution wait for the others', async () => {
		const { result, job } = await showing(() => undefined, workflow({}, 3));
		const order: string[] = [];
		void result.then(({ status }) => order.push(status));
		await sandbox.waitFor(() => lists(sandbox).length >= 4 || order.length > 0);
		order.push('ended');
		sandbox.finishJob(job.jobid);
		const run = await result;
		expect(order).toEqual(['ended', 'waiting']);
		expect(prompts(await toEnd(run))).toEqual(numbered(3));
	});
});

describe('the state of a busy channel after a callback', () => {
	describe('with Discord’s rate limit', () => {
		useSandbox(SANDBOX_ACCOUNT);

		const limited: Fault['do'] = { answer: { status: 429, body: discordLimitBody(600) } };

		it.each([1, 3])(
			'The node keeps Discord’s pause of ten minutes over %i callbacks',
			async (callbacks) => {
				const arrivals = noteArrivals(sandbox);
				sandbox.addFault({ on: { method: 'POST', match: { prompt: 'prompt 4' } }, do: limited });
				let run = await begin({ parameters: { options: { maxJobs: 5 } } }, 8);
				const [refused] = submissions(sandbox).filter(({ status }) => status === 429);
				const before = submissions(sandbox).length;
				const refusedAt = arrivals.of(refused!);
				for (let i = 0; i < callbacks && run.status === 'waiting'; i++) run = await endFirst(run);
				run = await toEnd(run);
				const later = submissions(sandbox).slice(before);
				expect(later.length).toBeGreaterThanOrEqual(1);
				for (const request of later) {
					expect(arrivals.of(request) - refusedAt).toBeGreaterThanOrEqual(600_000);
				}
				expect(prompts(run)).toEqual(numbered(8));
			},
		);
	});

	describe('with three slots', () => {
		useSandbox({ ...SANDBOX_ACCOUNT, maxJobs: 3 });

		/** With the default of ten jobs at a time, three slots are exceeded before the first response reports them. */
		const LEARNED_BY = 7;

		it.each<[string, Options['parameters']]>([
			['no maximum given', {}],
			['a channel given', { options: { channel: SANDBOX_ACCOUNT.channel } }],
		])(
			'The node sends no upload that is refused once a job has reported three slots, with %s',
			async (_what, parameters) => {
				const run = await toEnd(await begin({ parameters }, 30));
				expect(prompts(run)).toEqual(numbered(30));
				expect(submissions(sandbox).length - 30).toBeLessThanOrEqual(LEARNED_BY);
			},
		);

		it('The node sends no upload that is refused once a job has reported three slots, when it polls', async () => {
			sandbox.changeSettings({ jobSeconds: 0.06 });
			const run = await begin({ parameters: { completion: 'poll' } }, 30);
			expect(prompts(run)).toEqual(numbered(30));
			expect(submissions(sandbox).length - 30).toBeLessThanOrEqual(LEARNED_BY);
		});

		it('The node fills all three slots after each callback', async () => {
			let run = await begin({}, 12);
			for (let ended = 1; run.status === 'waiting'; ended++) {
				expect(running()).toHaveLength(Math.min(3, 13 - ended));
				run = await endFirst(run);
			}
			expect(prompts(run)).toEqual(numbered(12));
		});
	});

	describe('with slots held by other jobs', () => {
		useSandbox(SANDBOX_ACCOUNT);

		it('The node sends at most one refused upload for each slot that becomes free', async () => {
			const foreign = await Promise.all(
				Array.from({ length: 7 }, async (_, i) => {
					const fields = { prompt: `foreign ${i}` };
					return await submitAsSomebodyElse(sandbox, 'create', fields);
				}),
			);
			const run = await toEnd(await begin({}, 30), foreign);
			expect(prompts(run)).toEqual(numbered(30));
			const own = submissions(sandbox).filter(({ fields }) => !fields.prompt?.includes('foreign'));
			expect(own.length - 30).toBeLessThanOrEqual(30);
		});

		it('The node submits fewer jobs than the user allows if an accepted job says so', async () => {
			const body = { jobid: '<jobid>', status: 'started', maxJobs: 2, code: 200 };
			sandbox.addFault({
				on: { method: 'POST', times: 1000 },
				do: { answerAfterAccepting: { status: 200, body } },
			});
			// The response lacks the reply URL, so the execution polls.
			const parameters = { completion: 'poll', options: { maxJobs: 10 } };
			const { result, cancel } = await startWorkflow(workflow({ parameters }, 14));
			await sandbox.waitFor(() => sandbox.jobs.length === 10);
			for (const { jobid } of running().slice(0, 7)) sandbox.finishJob(jobid);
			const looks = lists(sandbox).length;
			await sandbox.waitFor(() => lists(sandbox).length >= looks + 4 || sandbox.jobs.length > 10);
			expect(sandbox.jobs).toHaveLength(10);
			for (const { jobid } of running().slice(0, 2)) sandbox.finishJob(jobid);
			await sandbox.waitFor(() => sandbox.jobs.length === 11);
			cancel();
			await result;
		});
	});

	describe('with several accounts', () => {
		useSandbox(
			{ ...SANDBOX_ACCOUNT, maxJobs: 3 },
			{ channel: '1100000000000000022', discord: 'another-discord-token', maxJobs: 3 },
		);

		it('The node uses the slots of all accounts if no channel is chosen', async () => {
			let run = await begin({}, 15);
			for (let ended = 1; run.status === 'waiting'; ended++) {
				expect(running()).toHaveLength(Math.min(6, 16 - ended));
				run = await endFirst(run);
			}
			expect(prompts(run)).toEqual(numbered(15));
		});
	});
});

describe('running jobs after a callback', () => {
	useSandbox(SANDBOX_ACCOUNT);

	/** Returns the requests of the run that a callback starts, until the execution waits again. */
	async function afterCallback(count: number, nth: number) {
		let run = await begin({}, count);
		for (let i = 1; i < nth; i++) run = await endFirst(run);
		// By then the previous run has checked whether a callback was missed while n8n saved the wait.
		await clock.pause(10_000);
		// Without a list it reads the jobs one after another, which a busy machine delays.
		await untilIdle();
		const [first] = running();
		sandbox.finishJob(first!.jobid);
		const before = sandbox.requests.length;
		run = await call(run, first!.jobid);
		expect(run.status).toBe('waiting');
		const requests = sandbox.requests.slice(before);
		return { ended: first!.jobid, requests: { requests } };
	}

	it.each([
		[3, 1],
		[10, 5],
	])(
		'Jobs are not read after a callback if the list shows them (%i jobs, callback %i)',
		async (count, nth) => {
			const { ended, requests } = await afterCallback(count, nth);
			// Once by the webhook and once by the run.
			expect(reads(requests)).toHaveLength(2);
			expect(reads(requests, ended)).toHaveLength(2);
			expect(lists(requests)).toHaveLength(1);
		},
	);

	it.each([
		[3, 1],
		[10, 5],
	])(
		'Jobs are read once after a callback if there is no list (%i jobs, callback %i)',
		async (count, nth) => {
			const answer = { status: 404 };
			sandbox.addFault({ on: { endpoint: 'jobs', times: 1000 }, do: { answer } });
			const { ended, requests } = await afterCallback(count, nth);
			for (const { jobid } of running()) expect(reads(requests, jobid)).toHaveLength(1);
			expect(reads(requests, ended)).toHaveLength(2);
		},
	);

	it('Jobs are polled again after a callback if one of them could not be read', async () => {
		sandbox.addFault({ on: { endpoint: 'jobs', times: 1000 }, do: { answer: { status: 404 } } });
		let run = await begin({}, 3);
		const [first, second] = running();
		sandbox.finishJob(first!.jobid);
		sandbox.finishJob(second!.jobid);
		const on = { endpoint: 'jobs/', match: { jobid: second?.jobid }, times: 3 } as const;
		sandbox.addFault({ on, do: { answer: { status: 503 } } });
		run = await call(run, first!.jobid);
		expect(running()).toHaveLength(1);
		run = await endFirst(run);
		expect(prompts(run)).toEqual(numbered(3));
	});
});

describe('items that wait for a rate limit', () => {
	useSandbox(SANDBOX_ACCOUNT);

	const TEN_MINUTES = 600;
	const limited: Fault['do'] = {
		answer: { status: 429, body: discordLimitBody(TEN_MINUTES) },
	};

	/** An execution whose first item has a job and whose second one failed; its Retry hits a rate limit. */
	async function retried(): Promise<{ result: Promise<WorkflowRun>; foreign: SandboxJob }> {
		const answer = { status: 402, body: { error: 'no subscription', code: 402 } };
		sandbox.addFault({ on: { method: 'POST', match: { prompt: 'prompt 1' } }, do: { answer } });
		const parameters = { waitLimit: 60, options: { retryFor: 60 } };
		const failed = await runWorkflow(
			workflow({ parameters: { ...parameters, completion: 'off' } }, 3),
		);
		expect(failed.status).toBe('error');
		sandbox.addFault({ on: { method: 'POST', match: { prompt: 'prompt 1' } }, do: limited });
		const result = retryRun(failed, undefined, { Pika: { completion: 'callback' } });
		const foreign = await sandbox.waitFor(() => running()[0]);
		return { result, foreign };
	}

	it('Items are submitted when the rate limit ends, while the channel runs jobs of another execution', async () => {
		const arrivals = noteArrivals(sandbox);
		const { result } = await retried();
		const refused = await sandbox.waitFor(() =>
			submissions(sandbox).find(({ status }) => status === 429),
		);
		await sandbox.waitFor(() => sandbox.jobs.length === 3);
		const pause = arrivals.of(submissions(sandbox).at(-1)!) - arrivals.of(refused);
		expect(pause).toBeGreaterThanOrEqual(TEN_MINUTES * 1000);
		for (const { jobid } of sandbox.jobs.slice(0, 2)) sandbox.finishJob(jobid);
		const run = await toEnd(await result);
		expect(prompts(run)).toEqual(numbered(3));
		expect(sandbox.jobs).toHaveLength(3);
	});

	it('Items are submitted when the rate limit ends, even if those jobs end before', async () => {
		const arrivals = noteArrivals(sandbox);
		const { result } = await retried();
		const refused = await sandbox.waitFor(() =>
			submissions(sandbox).find(({ status }) => status === 429),
		);
		for (const { jobid } of running()) sandbox.finishJob(jobid);
		const run = await toEnd(await result);
		const pause = arrivals.of(submissions(sandbox).at(-1)!) - arrivals.of(refused);
		expect(pause).toBeGreaterThanOrEqual(TEN_MINUTES * 1000);
		expect(prompts(run)).toEqual(numbered(3));
	});

	it('The execution waits for its own jobs meanwhile, and submits the other items after the callback', async () => {
		sandbox.addFault({ on: { method: 'POST', match: { prompt: 'prompt 2' } }, do: limited });
		const parameters = { waitLimit: 60, options: { retryFor: 60 } };
		const run = await begin({ parameters }, 3);
		expect([run.status, sandbox.jobs.length]).toEqual(['waiting', 2]);
		expect(prompts(await toEnd(run))).toEqual(numbered(3));
		expect(sandbox.jobs).toHaveLength(3);
	});
});

describe('entries in the deduplication store, which keeps 2,000 for each node', () => {
	useSandbox({ ...SANDBOX_ACCOUNT, maxJobs: 25 });

	it('The node stores one entry for each suspension, however many items it has', async () => {
		const note = jest.spyOn(DataDeduplicationService.prototype, 'checkProcessedAndRecord');
		let run = await begin({}, 40);
		let callbacks = 0;
		for (; run.status === 'waiting'; callbacks++) run = await endFirst(run);
		expect(prompts(run)).toEqual(numbered(40));
		const entries = note.mock.calls.flatMap(([noted]) => noted);
		expect(entries.length).toBeLessThanOrEqual(2 * callbacks + 1);
	});

	it('The node does not submit again from an outdated state', async () => {
		const parameters = { options: { maxJobs: 1 } };
		const old = await begin({ parameters }, 4);
		const [first] = running();
		await endFirst(await endFirst(old));
		// Another process has delayed the callback for so long that this one has forgotten the first.
		await clock.pause(10 * 60_000);
		await call({ ...old }, first?.jobid ?? '');
		const made = sandbox.jobs.map(({ prompt }) => prompt);
		expect(made).toEqual([...new Set(made)]);
		expect(made.length).toBeGreaterThanOrEqual(3);
	});
});

describe('an n8n that cannot resume the node', () => {
	useSandbox(SANDBOX_ACCOUNT);

	beforeEach(() => {
		jest.spyOn(hostSupport, 'executeDataOf').mockReturnValue(undefined);
	});

	const settings: Array<INode['onError']> = [
		'stopWorkflow',
		'continueRegularOutput',
		'continueErrorOutput',
	];

	async function polled(options: Options, ...endings: Array<'moderated' | undefined>) {
		const { result } = await startWorkflow(workflow(options, endings.length));
		await sandbox.waitFor(() => sandbox.jobs.length === endings.length);
		for (const [i, ending] of endings.entries()) sandbox.finishJob(sandbox.jobs[i]!.jobid, ending);
		return await result;
	}

	it.each(settings)(
		'Jobs are polled if n8n cannot resume the node, and end correctly under %s',
		async (onError) => {
			const run = await polled({ node: { onError } }, undefined, undefined, undefined);
			expect([run.status, run.error]).toEqual(['success', undefined]);
			expect(
				run.output('Pika').map(({ json, pairedItem }) => [json.prompt, json.status, pairedItem]),
			).toEqual(numbered(3).map((prompt, item) => [prompt, 'completed', { item }]));
		},
	);

	it.each(settings)(
		'Jobs are polled if n8n cannot resume the node, and unsuccessful ones are output if requested, under %s',
		async (onError) => {
			const options = { parameters: { onUnsuccessful: 'output' }, node: { onError } };
			const run = await polled(options, undefined, 'moderated');
			expect(run.output('Pika').map(({ json }) => json.status)).toEqual(['completed', 'moderated']);
		},
	);

	it('The execution fails after an unsuccessful job as it would after a callback', async () => {
		const run = await polled({}, undefined, 'moderated');
		expect(run.error?.message).toMatch(/moderated/);
		expect(run.error?.description).toContain(sandbox.jobs[0]?.jobid);
	});
});

describe('the saved state of a waiting execution', () => {
	const COUNT = 50;
	const ABOUT_1_KB = 1100;

	useSandbox({ ...SANDBOX_ACCOUNT, maxJobs: 100 });
	useBinaryMode('filesystem');

	async function withOneOpen(options: Options): Promise<WorkflowRun> {
		const waiting = await begin(options, COUNT);
		const [first, ...others] = running();
		for (const { jobid } of others.slice(1)) sandbox.finishJob(jobid);
		const run = await endFirst(waiting, [first!]);
		expect(running()).toHaveLength(1);
		expect(run.status).toBe('waiting');
		return run;
	}

	/** Without the items to pass on if the wait times out, which n8n has to save anyway as the node's next input. */
	function savedState(run: WorkflowRun) {
		const { executionData } = savedAndLoaded(run.execution.data);
		const { contextData = {}, nodeExecutionStack = [] } = executionData ?? {};
		const { passedOn } = contextData['node:Pika']?.waiting as unknown as Suspension;
		const own = JSON.stringify(contextData, (key, value: unknown) =>
			key === 'passedOn' ? undefined : value,
		);
		const next = nodeExecutionStack[0]?.data.main?.[0];
		return { perItem: own.length / COUNT, passedOn, next };
	}

	it.each<[string, Options]>([
		['as jobs', {}],
		['as jobs with videos', { parameters: { download: true } }],
		['and the execution goes on after errors', { node: { onError: 'continueErrorOutput' } }],
		['with long prompts', { parameters: { prompt: 'waves '.repeat(200) } }],
	])(
		'The saved state has at most about 1 kB for each item that has ended, %s',
		async (_how, options) => {
			const run = await withOneOpen(options);
			const { perItem, passedOn, next } = savedState(run);
			expect(perItem).toBeLessThanOrEqual(ABOUT_1_KB);
			// n8n saves one copy of them.
			if (options.node) expect(passedOn).toBe(next);
		},
	);

	it('The saved state is enough to return every item’s job in the end', async () => {
		const waiting = await withOneOpen({ parameters: { download: true } });
		const run = await toEnd(waiting);
		expect(prompts(run)).toEqual(numbered(COUNT));
		for (const { json, binary } of run.output('Pika')) {
			expect(json).toMatchObject({ status: 'completed', attachments: expect.any(Array) });
			expect(binary?.video).toMatchObject({ mimeType: 'video/mp4' });
		}
	});

	it('A callback that needs one job does not read the whole saved state', async () => {
		const waiting = await withOneOpen({});
		const evaluate = jest.spyOn(WebhookContext.prototype, 'evaluateExpression');
		await call(waiting, 'somebody else’s job');
		const read = evaluate.mock.results.map(({ value }) => JSON.stringify(value) ?? '');
		expect(read.length).toBeGreaterThan(0);
		const perItem = read.join('').length / COUNT;
		expect(perItem).toBeLessThanOrEqual(150);
	});
});
