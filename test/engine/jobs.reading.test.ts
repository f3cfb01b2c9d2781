import type { IDataObject } from 'n8n-workflow';

import { clock } from '../../nodes/Pika/jobs/clock';
import { SANDBOX_ACCOUNT, type Fault, type Sandbox } from '../../sandbox/sandbox.cts';
import { useFreshSandbox } from './freshSandbox.cts';
import { useFastClock } from './fastClock.cts';
import { resumeByWebhook } from './harness/resume-webhook.cts';
import { type RunOptions, runWorkflow, startWorkflow } from './harness/run.cts';
import { lists, reads, submissions } from './observed.cts';
import { type CreateWorkflow, createWorkflow, emptyItems } from './pika.cts';

/** How the end of a job is detected if the API responds incorrectly. */

const SECOND = 1000;
const MINUTE = 60 * SECOND;

const FOREVER = 100_000;

/** Longer than any test: the response never comes. */
const HANGS: Fault['do'] = { delay: 10 * MINUTE };

let sandbox: Sandbox;
useFastClock();

useFreshSandbox(
	{ jobSeconds: Infinity, accounts: [{ ...SANDBOX_ACCOUNT, maxJobs: 1000 }] },
	(started) => {
		sandbox = started;
	},
);

type Options = Omit<CreateWorkflow, 'items' | 'sandbox'>;

function workflow(items: IDataObject[], options: Options = {}): RunOptions {
	return createWorkflow({ ...options, items, sandbox });
}

function befall(path: string, action: Fault['do']): void {
	sandbox.addFault({ on: { method: 'GET', path, times: FOREVER }, do: action });
}

const LIST = '/v1/pika/jobs';
const READ = '/v1/pika/jobs/';

describe('an unusable list of running jobs', () => {
	const unusable: Array<[string, Fault['do']]> = [
		['is a 404', { answer: { status: 404, body: { error: 'Not Found', code: 404 } } }],
		['is a 204', { answer: { status: 204 } }],
		['is an empty object', { answer: { status: 200, body: {} } }],
		['is an object with an empty list', { answer: { status: 200, body: { jobs: [] } } }],
		['is an object with a list of others', { answer: { status: 200, body: { jobs: ['a'] } } }],
		['is always empty', { answer: { status: 200, body: [] } }],
		['is a list of objects', { answer: { status: 200, body: [{ jobid: 'a' }] } }],
		['is a page', { answer: { status: 200, body: '<h1>Log in</h1>' } }],
		['is always a 503', { answer: { status: 503 } }],
	];

	it.each(unusable)(
		'Polling finds ended jobs without delay if the list of running jobs %s',
		async (_what, action) => {
			befall(LIST, action);
			const { result } = await startWorkflow(workflow(emptyItems(3)));
			await sandbox.waitFor(() => lists(sandbox).length >= 3);
			for (const { jobid } of sandbox.jobs) sandbox.finishJob(jobid);
			const ended = clock.now();
			const { output, error } = await result;
			expect(error).toBeUndefined();
			expect(output('Pika').map(({ json }) => [json.prompt, json.status])).toEqual(
				[0, 1, 2].map((i) => [`prompt ${i}`, 'completed']),
			);
			expect(clock.now() - ended).toBeLessThanOrEqual(45 * SECOND);
			expect(submissions(sandbox)).toHaveLength(3);
		},
	);

	it.each(unusable)(
		'Callbacks resume the execution although the list of running jobs %s',
		async (_what, action) => {
			befall(LIST, action);
			const parameters = { completion: 'callback' };
			let run = await runWorkflow(workflow(emptyItems(2), { parameters }));
			for (const { jobid } of [...sandbox.jobs].reverse()) {
				expect(run.status).toBe('waiting');
				sandbox.finishJob(jobid);
				const answer = await resumeByWebhook(run, { body: { jobid } });
				run = answer.run ?? run;
			}
			expect(run.status).toBe('success');
			expect(run.output('Pika').map(({ json }) => json.status)).toEqual(Array(2).fill('completed'));
			expect(submissions(sandbox)).toHaveLength(2);
		},
	);

	it('Each poll reads every open job once if the list of running jobs is unusable', async () => {
		befall(LIST, { answer: { status: 404 } });
		const { result, cancel } = await startWorkflow(workflow(emptyItems(5)));
		await sandbox.waitFor(() => lists(sandbox).length >= 4);
		const perJob = sandbox.jobs.map(({ jobid }) => reads(sandbox, jobid).length);
		for (const count of perJob) expect(count).toBeLessThanOrEqual(lists(sandbox).length);
		cancel();
		await result;
	});
});

describe('a wait limit of one minute', () => {
	const hanging: Array<[string, string[]]> = [
		['the list of running jobs hangs', [LIST]],
		['the reads of jobs hang', [READ]],
		['all reading hangs', [LIST, READ]],
	];

	it.each(hanging)(
		'A wait limit of one minute ends within two minutes for 100 known jobs if %s',
		async (_what, paths) => {
			for (const path of paths) befall(path, HANGS);
			if (!paths.includes(READ)) befall(READ, { answer: { status: 200, body: RUNNING } });
			const jobs = Array.from({ length: 100 }, (_, i) => ({ id: `job-${i}` }));
			const parameters = { resource: 'job', operation: 'get', jobid: '={{ $json.id }}' };
			const options = workflow(jobs, {
				parameters: { ...parameters, waitLimit: 1 },
				node: { onError: 'continueRegularOutput' },
			});
			const began = clock.now();
			const { output } = await runWorkflow(options);
			expect(clock.now() - began).toBeLessThanOrEqual(2 * MINUTE);
			expect(output('Pika').map(({ json }) => json.details)).toEqual(
				jobs.map(({ id }) => expect.objectContaining({ jobid: id, timedOut: true })),
			);
		},
	);

	/** A record without an ID belongs to the requested job. */
	const RUNNING = { status: 'started', code: 200 };

	it.each(hanging)(
		'A wait limit of one minute ends within two minutes for the node’s own jobs if %s',
		async (_what, paths) => {
			for (const path of paths) befall(path, HANGS);
			const node = { onError: 'continueRegularOutput' } as const;
			const options = workflow(emptyItems(20), { parameters: { waitLimit: 1 }, node });
			const { result } = await startWorkflow(options);
			await sandbox.waitFor(
				() => submissions(sandbox).filter(({ endedAt }) => endedAt).length === 20,
			);
			const began = clock.now();
			const { output } = await result;
			expect(clock.now() - began).toBeLessThanOrEqual(2 * MINUTE);
			expect(output('Pika').map(({ json }) => json.details)).toEqual(
				sandbox.jobs.map(() => expect.objectContaining({ timedOut: true })),
			);
			expect(submissions(sandbox)).toHaveLength(20);
		},
	);

	it('A wait limit applies to each item separately', async () => {
		befall(LIST, HANGS);
		const items = [1, 2, 4].map((limit) => ({ limit }));
		const parameters = { waitLimit: '={{ $json.limit }}' };
		const node = { onError: 'continueRegularOutput' } as const;
		const { result } = await startWorkflow(workflow(items, { parameters, node }));
		await sandbox.waitFor(() => submissions(sandbox).filter(({ endedAt }) => endedAt).length === 3);
		const began = clock.now();
		const { output } = await result;
		expect(clock.now() - began).toBeLessThanOrEqual(5 * MINUTE);
		expect(output('Pika').map(({ json }) => json.error)).toEqual(
			[1, 2, 4].map((limit) => expect.stringContaining(`ended after ${limit} minute`)),
		);
	});
});
