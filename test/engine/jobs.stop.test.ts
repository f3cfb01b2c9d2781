import type { IDataObject } from 'n8n-workflow';

import { channelFullBody, discordLimitBody } from '../../sandbox/contract.cts';
import { SANDBOX_ACCOUNT, type Fault, type Sandbox } from '../../sandbox/sandbox.cts';
import { useFreshSandbox } from './freshSandbox.cts';
import { useFastClock } from './fastClock.cts';
import { type RunningWorkflow, type WorkflowRun, startWorkflow } from './harness/run.cts';
import { BAD_GATEWAY, cancellations, lists, submissions } from './observed.cts';
import { type PikaWorkflow, pikaWorkflow } from './pika.cts';

/** A stopped execution with Cancel Jobs on Stop leaves no job running without naming it. */

/** Longer than any test: the response never comes. */
const HANGS: Fault['do'] = { delay: 10 * 60_000 };
const OTHER_ACCOUNT = { channel: '1100000000000000022', discord: 'another-token', maxJobs: 10 };

let sandbox: Sandbox;
useFastClock();

useFreshSandbox({ jobSeconds: Infinity, accounts: [SANDBOX_ACCOUNT, OTHER_ACCOUNT] }, (started) => {
	sandbox = started;
});

/** A suspended node does not notice a Stop, so the option is not offered with callbacks. */
const completions = ['off', 'poll'] as const;

type Options = Omit<PikaWorkflow, 'sandbox' | 'items'>;

async function start(
	count: number,
	options: IDataObject = {},
	{ parameters, ...others }: Options = {},
): Promise<RunningWorkflow> {
	return await startWorkflow(
		pikaWorkflow({
			...others,
			items: Array.from({ length: count }, (_, i) => ({ json: { prompt: `prompt ${i}` } })),
			parameters: {
				operation: 'create',
				completion: 'poll',
				prompt: '={{ $json.prompt }}',
				...parameters,
				options: { cancelOnStop: true, ...options },
			},
			sandbox,
		}),
	);
}

async function stop({ cancel, result }: RunningWorkflow): Promise<WorkflowRun> {
	cancel();
	return await result;
}

function befall(prompt: string, action: Fault['do'], times = 1): void {
	sandbox.addFault({ on: { method: 'POST', match: { prompt }, times }, do: action });
}

const full: Fault['do'] = { answer: { status: 429, body: channelFullBody(2, ['x', 'y']) } };
const limited: Fault['do'] = { answer: { status: 429, body: discordLimitBody(60) } };

/** Waits until this many submissions have been answered. */
async function answered(count: number): Promise<void> {
	await sandbox.waitFor(
		() => submissions(sandbox).filter(({ endedAt }) => endedAt).length >= count,
	);
}

function running(): string[] {
	return sandbox.jobs.filter(({ status }) => status === 'started').map(({ prompt = '' }) => prompt);
}

/** The error descriptions that n8n stores for the node. */
function said({ runsOf }: WorkflowRun): string {
	return JSON.stringify(runsOf('Pika').map(({ error }) => error?.description));
}

describe('Stop while items wait for a slot', () => {
	const reasons: Array<[string, Fault['do']]> = [
		['the channel is full', full],
		['Discord limits the rate', limited],
	];

	it.each(
		completions.flatMap((completion) => reasons.map((each) => [completion, ...each] as const)),
	)(
		'Stop cancels the existing jobs and submits no more: Wait for Completion %s, %s',
		async (completion, _why, refusal) => {
			for (const i of [2, 3]) befall(`prompt ${i}`, refusal, 99);
			const workflow = await start(5, { maxJobs: 10 }, { parameters: { completion } });
			await answered(5);
			const { status } = await stop(workflow);
			expect(status).toBe('canceled');
			expect(running()).toEqual([]);
			expect(sandbox.jobs.map(({ prompt }) => prompt).sort()).toEqual([
				'prompt 0',
				'prompt 1',
				'prompt 4',
			]);
			expect(cancellations(sandbox).sort()).toEqual(sandbox.jobs.map(({ jobid }) => jobid).sort());
		},
	);

	it('Stop cancels the jobs while items wait for slots of these jobs', async () => {
		const workflow = await start(6, { maxJobs: 2 });
		await sandbox.waitFor(() => lists(sandbox).length >= 2);
		await stop(workflow);
		expect(running()).toEqual([]);
		expect(sandbox.jobs).toHaveLength(2);
		expect(submissions(sandbox)).toHaveLength(2);
	});
});

describe('Stop while a submission is in flight', () => {
	const answers: Array<[string, Fault['do']]> = [
		['is accepted soon after', { delay: 100 }],
		['is accepted, and the answer lost', { delay: 100, resetAfterAccepting: true }],
		['is accepted, and a bad gateway answers', { delay: 100, answerAfterAccepting: BAD_GATEWAY }],
		[
			'is accepted, and a 504 names the job',
			{
				delay: 100,
				answerAfterAccepting: { status: 504, body: { error: 'Late', jobid: '<jobid>', code: 504 } },
			},
		],
		['is accepted, and the answer never comes', HANGS],
	];

	it.each(
		completions.flatMap((completion) => answers.map((each) => [completion, ...each] as const)),
	)(
		'Stop cancels the job of a submission in flight: Wait for Completion %s, and it %s',
		async (completion, _what, answer) => {
			befall('prompt 1', answer);
			const workflow = await start(3, {}, { parameters: { completion } });
			await sandbox.waitFor(() => sandbox.jobs.length === 3);
			const run = await stop(workflow);
			expect(run.status).toBe('canceled');
			expect(running()).toEqual([]);
			for (const { jobid } of sandbox.jobs) expect(said(run)).toContain(jobid);
		},
	);

	it.each(completions)('Stop cancels the job of the only item, %s', async (completion) => {
		befall('prompt 0', { delay: 100 });
		const workflow = await start(1, {}, { parameters: { completion } });
		await sandbox.waitFor(() => sandbox.jobs.length === 1);
		await stop(workflow);
		expect(running()).toEqual([]);
	});

	it('Stop cancels the job of the last item in flight', async () => {
		befall('prompt 3', { delay: 100 });
		const workflow = await start(4, {}, { parameters: { completion: 'off' } });
		await answered(3);
		await sandbox.waitFor(() => sandbox.jobs.length === 4);
		await stop(workflow);
		expect(running()).toEqual([]);
	});

	it('Stop cancels the jobs of all channels', async () => {
		for (const i of [0, 1, 2, 3]) befall(`prompt ${i}`, { delay: 50 });
		const channel = `={{ $json.prompt < 'prompt 2' ? '${OTHER_ACCOUNT.channel}' : '${SANDBOX_ACCOUNT.channel}' }}`;
		const workflow = await start(4, { channel });
		await sandbox.waitFor(() => sandbox.jobs.length === 4);
		await stop(workflow);
		expect(running()).toEqual([]);
	});
});

describe('jobs that Stop could not cancel', () => {
	it.each<[string, Fault['do']]>([
		['503', { answer: { status: 503 } }],
		['404', { answer: { status: 404, body: { error: 'Unable to locate job', code: 404 } } }],
		['an answer about another job', { answer: { status: 200, body: { jobid: 'another' } } }],
		['a reset', { resetBeforeAccepting: 'headers' }],
	])('The error after Stop names a job that goes on, after %s', async (_what, action) => {
		const workflow = await start(3);
		await sandbox.waitFor(() => sandbox.jobs.length === 3);
		await answered(3);
		const [, second] = sandbox.jobs;
		const on = { endpoint: 'jobs/cancel', match: { jobid: second?.jobid }, times: 9 } as const;
		sandbox.addFault({ on, do: action });
		const run = await stop(workflow);
		expect(said(run)).toContain(`Jobs that continue at useapi.net: ${second?.jobid}.`);
		expect(running()).toEqual([second?.prompt]);
	});

	it.each<[string, Fault['do'], boolean]>([
		['the answer never comes', HANGS, true],
		['the answer is lost', { delay: 50, resetAfterAccepting: true }, true],
		['the response is inconclusive and no job is listed', { answer: BAD_GATEWAY }, false],
	])(
		'The error after Stop names what may have been submitted, if no job is found and %s',
		async (_what, action, isMade) => {
			befall('prompt 1', action);
			sandbox.addFault({ on: { endpoint: 'jobs', times: 99 }, do: { answer: { status: 404 } } });
			const workflow = await start(3);
			await sandbox.waitFor(() => sandbox.jobs.length === (isMade ? 3 : 2));
			await sandbox.waitFor(() => submissions(sandbox).length === 3);
			const run = await stop(workflow);
			const sent = submissions(sandbox).find(({ fields }) => fields.prompt === 'prompt 1');
			expect(said(run)).toContain(
				`May have been submitted, with the reply reference: ${sent?.fields.replyRef}.`,
			);
			expect(running()).toEqual(isMade ? ['prompt 1'] : []);
		},
	);

	it('The error after Stop names what goes on if only some items request Cancel on Stop', async () => {
		const cancelOnStop = '={{ $json.prompt !== "prompt 1" }}';
		const workflow = await start(3, { cancelOnStop });
		await answered(3);
		const run = await stop(workflow);
		expect(running()).toEqual(['prompt 1']);
		const left = sandbox.jobs.find(({ prompt }) => prompt === 'prompt 1');
		expect(said(run)).toContain(`Jobs that continue at useapi.net: ${left?.jobid}.`);
	});
});

describe('jobs of a stopped execution that can still be fetched', () => {
	it('The execution keeps the IDs of all jobs after Stop, also of those that had ended', async () => {
		const workflow = await start(8, { cancelOnStop: false });
		await sandbox.waitFor(() => sandbox.jobs.length === 8);
		await answered(8);
		const [ended, ...open] = sandbox.jobs.map(({ jobid }) => jobid);
		const reads = lists(sandbox).length;
		sandbox.finishJob(ended ?? '');
		await sandbox.waitFor(() => lists(sandbox).length > reads + 1);
		const run = await stop(workflow);
		expect(said(run)).toContain(`Jobs that had ended: ${ended}.`);
		const kept = run.run.data.resultData.metadata ?? {};
		expect(Object.keys(kept)).toEqual(['pika_jobs_1', 'pika_jobs_2']);
		const lines = Object.values(kept);
		expect(lines.every((line) => line.length <= 255)).toBe(true);
		expect(lines.join(', ').split(', ')).toEqual([...open, ended]);
	});
});
