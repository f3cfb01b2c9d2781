import type { IDataObject } from 'n8n-workflow';

import { Pika } from '../../nodes/Pika/Pika.node';
import { SANDBOX_ACCOUNT, type Fault, type Sandbox } from '../../sandbox/sandbox.cts';
import { useFreshSandbox } from './freshSandbox.cts';
import { useFastClock } from './fastClock.cts';
import {
	BatchingAgent,
	RequestingAgent,
	agentConnections,
	asTool,
	callToolsOfMcpServer,
} from './harness/agent.cts';
import { Collect } from './harness/collect.cts';
import { Loop } from './harness/loop.cts';
import { retryRun } from './harness/resume.cts';
import { resumeByWebhook } from './harness/resume-webhook.cts';
import { type RunOptions, type WorkflowRun, runWorkflow, startWorkflow } from './harness/run.cts';
import { BAD_GATEWAY, reads, submissions, submitAsSomebodyElse } from './observed.cts';
import { type PikaWorkflow, imageItem, pikaWorkflow } from './pika.cts';
import { picture } from './pictures.cts';

/** Which item does a job belong to? It must never be assigned to another item, and no item may get two. */

const UNSURE = /may have been submitted/;
const TOOL = 'n8n-nodes-useapi-pika.pikaTool';
const HOUR = 60 * 60_000;
const OTHER_ACCOUNT = {
	channel: '1100000000000000022',
	discord: 'saved-discord-token',
	maxJobs: 10,
};

let sandbox: Sandbox;
useFastClock();

useFreshSandbox(
	{
		jobSeconds: Infinity,
		accounts: [SANDBOX_ACCOUNT, OTHER_ACCOUNT],
	},
	(started) => {
		sandbox = started;
	},
);

type Options = Omit<PikaWorkflow, 'sandbox'>;

const OWN_REFERENCE = { prompt: 'waves', options: { replyRef: 'order-1' } };

/** A workflow with Pika's `create`, which needs no image, unless the parameters say otherwise. */
function workflow({ parameters, ...options }: Options = {}): RunOptions {
	const items = options.items ?? [{}];
	return pikaWorkflow({
		...options,
		items,
		parameters: { operation: 'create', completion: 'off', ...parameters },
		sandbox,
	});
}

async function run(options: Options = {}): Promise<WorkflowRun> {
	return await runWorkflow(workflow(options));
}

/** Sets the response to the nth submission from now on. */
function answerSubmission(nth: number, action: Fault['do']): void {
	sandbox.addFault({ on: { method: 'POST', nth }, do: action });
}

/** Sets the response to this many submissions from now on. */
function answerSubmissions(times: number, action: Fault['do']): void {
	sandbox.addFault({ on: { method: 'POST', times }, do: action });
}

function jobids(): string[] {
	return sandbox.jobs.map(({ jobid }) => jobid);
}

function refuse(endpoint: 'jobs' | 'jobs/', times: number, status = 503): void {
	const answer = { status, body: { error: 'Unavailable', code: status } };
	sandbox.addFault({ on: { endpoint, times }, do: { answer } });
}

/** Each item's job or error. */
function ends(done: WorkflowRun, node = 'Pika'): unknown[] {
	return done.output(node).map(({ json }) => json.error ?? json.jobid);
}

const unsure = expect.stringMatching(UNSURE) as string;

describe('calls of the node as a tool', () => {
	const parameters = { prompt: "={{ $fromAI('prompt', '', 'string') }}" };

	function agentWorkflow(
		agent: BatchingAgent | RequestingAgent,
		prompts: string[],
		more: IDataObject = {},
	): RunOptions {
		const items = prompts.map((prompt) => ({ json: { arguments: { prompt } } }));
		const options = workflow({ items, parameters: { ...parameters, ...more } });
		const [source, pika, collect] = options.nodes;
		return {
			...options,
			nodes: [
				source!,
				{ name: 'Agent', type: 'test.agent' },
				{ ...pika!, type: TOOL },
				{ ...collect!, name: 'Collect' },
			],
			connections: agentConnections('Agent', 'Pika'),
			nodeTypes: { ...options.nodeTypes, 'test.agent': agent, [TOOL]: asTool(new Pika()) },
		};
	}

	/** The result of each call that the agent received. */
	async function answers(options: RunOptions): Promise<Array<Record<string, unknown>>> {
		const { output, error } = await runWorkflow(options);
		expect(error).toBeUndefined();
		return output('Agent').map(({ json }) => [json.answer].flat()[0] as Record<string, unknown>);
	}

	// n8n gives these calls one run index. It also fills every `$fromAI` with the arguments of the first call, so
	// the prompts are identical whatever the model chose; there must still be two jobs.
	it.each<[string, 'together' | 'one after the other', string[]]>([
		['two calls at once', 'together', ['dawn', 'dusk']],
		['two calls one after the other', 'one after the other', ['dawn', 'dusk']],
		['two calls with the same arguments', 'one after the other', ['dawn', 'dawn']],
		['five calls in one batch', 'one after the other', ['a', 'b', 'c', 'd', 'e']],
	])(
		'Each tool call gets a job of its own, for %s under one run index',
		async (_what, order, prompts) => {
			const told = await answers(agentWorkflow(new BatchingAgent(order), prompts));
			expect(submissions(sandbox)).toHaveLength(prompts.length);
			expect(told.map(({ jobid }) => jobid)).toEqual(jobids());
		},
	);

	it('A tool call gets its own job by polling after an earlier call got its video', async () => {
		sandbox.changeSettings({ jobSeconds: 0.02 });
		const options = { completion: 'poll' };
		const agent = new BatchingAgent('one after the other');
		const told = await answers(agentWorkflow(agent, ['dawn', 'dusk'], options));
		expect(told.map(({ jobid, status }) => [jobid, status])).toEqual(
			jobids().map((jobid) => [jobid, 'completed']),
		);
		expect(sandbox.jobs).toHaveLength(2);
	});

	it.each<[string, IDataObject]>([
		['Encrypt Text', { operation: 'encryptText', message: 'HELLO' }],
		['Animate', { operation: 'animate', image: "={{ $('Files').first().binary.data }}" }],
		['Create with a reply reference of the user’s own', OWN_REFERENCE],
	])('A tool call gets a job of its own with %s', async (_what, more) => {
		const options = agentWorkflow(new BatchingAgent('one after the other'), ['dawn', 'dusk'], more);
		const files = imageItem();
		// The source passes its image on to an expression of the tool, which has no input of its own.
		const [source, ...others] = options.nodes;
		const withFiles = {
			...options,
			nodes: [{ ...source!, name: 'Files' }, { name: 'Source', type: 'test.calls' }, ...others],
			connections: {
				Files: { main: [[{ node: 'Source', type: 'main' as const, index: 0 }]] },
				...agentConnections('Agent', 'Pika'),
			},
			nodeTypes: {
				...options.nodeTypes,
				'test.source': pikaWorkflow({ sandbox, items: [files] }).nodeTypes['test.source']!,
				'test.calls': options.nodeTypes['test.source']!,
			},
		};
		const told = await answers(withFiles);
		expect(sandbox.jobs).toHaveLength(2);
		expect(told.map(({ jobid }) => jobid)).toEqual(jobids());
	});

	it('A tool call is submitted although the outcome of the call before is unknown', async () => {
		answerSubmission(1, { answer: BAD_GATEWAY });
		const agent = new BatchingAgent('one after the other');
		const [first, second] = await answers(agentWorkflow(agent, ['dawn', 'dusk']));
		expect(first?.error).toMatch(UNSURE);
		expect(submissions(sandbox)).toHaveLength(2);
		expect(second?.jobid).toBe(sandbox.jobs[0]?.jobid);
	});

	it('A tool call of unknown outcome does not take the job of the call before', async () => {
		answerSubmission(2, { answer: BAD_GATEWAY });
		const agent = new BatchingAgent('one after the other');
		const [first, second] = await answers(agentWorkflow(agent, ['dawn', 'dusk'], OWN_REFERENCE));
		expect(first?.jobid).toBe(sandbox.jobs[0]?.jobid);
		expect(second?.error).toMatch(UNSURE);
		expect(sandbox.jobs).toHaveLength(1);
	});

	it('A tool call does not take the job of a simultaneous call with identical arguments', async () => {
		answerSubmission(1, { answer: BAD_GATEWAY });
		const told = await answers(
			agentWorkflow(new BatchingAgent('together'), ['dawn', 'dawn'], OWN_REFERENCE),
		);
		expect(submissions(sandbox)).toHaveLength(2);
		expect(told.flatMap(({ jobid }) => jobid ?? [])).toEqual(jobids());
		expect(told.flatMap(({ error }) => error ?? [])).toEqual([unsure]);
	});

	it('Each tool call gets a job of its own if the engine runs the node for each call', async () => {
		const told = await answers(agentWorkflow(new RequestingAgent(), ['dawn', 'dusk', 'noon']));
		expect(told.map(({ prompt }) => prompt)).toEqual(['dawn', 'dusk', 'noon']);
		expect(told.map(({ jobid }) => jobid)).toEqual(jobids());
	});

	it('A reply reference does not contain “undefined” if n8n has no execution', async () => {
		const options = agentWorkflow(new BatchingAgent(), []);
		const told = await callToolsOfMcpServer(options, 'Agent', [
			{ prompt: 'dawn' },
			{ prompt: 'dusk' },
		]);
		expect(told).toHaveLength(2);
		expect(sandbox.jobs.map(({ prompt }) => prompt).sort()).toEqual(['dawn', 'dusk']);
		const references = sandbox.jobs.map(({ replyRef = '' }) => replyRef);
		expect(new Set(references).size).toBe(2);
		for (const reference of references) expect(reference).not.toMatch(/undefined|null|^$/);
	});

	it('The error of an unknown outcome names a reply reference without “undefined”', async () => {
		answerSubmission(1, { answer: BAD_GATEWAY });
		const options = agentWorkflow(new BatchingAgent(), []);
		const told = await callToolsOfMcpServer(options, 'Agent', [{ prompt: 'dawn' }]);
		expect(JSON.stringify(told)).toMatch(UNSURE);
		expect(JSON.stringify(told)).not.toContain('undefined');
	});
});

describe('the saved state of an earlier try', () => {
	const text = { operation: 'encryptText', completion: 'poll', message: 'HELLO', prompt: '[fail]' };

	beforeEach(() => {
		sandbox.changeSettings({ jobSeconds: 0.02 });
	});

	it.each<[string, IDataObject, IDataObject]>([
		['another prompt', { prompt: 'waves' }, { prompt: 'waves', message: 'HELLO' }],
		['another message', { message: 'WORLD' }, { prompt: '[fail]', message: 'WORLD' }],
		['another font', { font: 'RETRO' }, { prompt: '[fail]', font: 'RETRO' }],
		['another operation', { operation: 'create', prompt: 'waves' }, { verb: 'pika-create' }],
		[
			'another reference',
			{ prompt: 'waves', options: { replyRef: 'order-2' } },
			{ replyRef: 'order-2' },
		],
	])('A Retry of the changed workflow submits again with %s', async (_what, changed, expected) => {
		const failed = await run({ parameters: text });
		expect(failed.error?.message).toContain('The Pika job failed');
		const again = await retryRun(failed, undefined, { Pika: changed });
		expect(sandbox.jobs).toHaveLength(2);
		expect(sandbox.jobs[1]).toMatchObject(expected);
		expect(JSON.stringify([again.error, ends(again)])).toContain(sandbox.jobs[1]?.jobid);
	});

	it('A Retry of the changed workflow submits again with another image', async () => {
		const message = { content: picture('image/png', 8), fileName: 'message.png' };
		const other = { content: picture('image/png', 9), fileName: 'message.png' };
		const items = [{ binary: { data: message, other } }];
		const image = { operation: 'encryptImage', completion: 'poll', prompt: '[fail]' };
		const failed = await run({ items, parameters: image });
		await retryRun(failed, undefined, { Pika: { message: 'other' } });
		expect(submissions(sandbox).map(({ files }) => files.message?.size)).toEqual([16, 17]);
	});

	it('A Retry recovers the job if the submission is unchanged, whatever else has changed', async () => {
		const failed = await run({ parameters: text });
		const changed = { waitLimit: 5, onUnsuccessful: 'output', download: true };
		const again = await retryRun(failed, undefined, { Pika: changed });
		expect(ends(again)).toEqual(['Job failed']);
		expect(submissions(sandbox)).toHaveLength(1);
	});
});

describe('jobs of unknown outcome with the user’s reply reference', () => {
	/** Runs the node; while its submission is in flight, whose response will be inconclusive, another user creates a job. */
	async function beside(
		parameters: IDataObject,
		somebodyElse: () => Promise<string>,
	): Promise<WorkflowRun> {
		const before = submissions(sandbox).length;
		answerSubmission(1, { delay: 30, answer: BAD_GATEWAY });
		const { result } = await startWorkflow(workflow({ items: [imageItem()], parameters }));
		await sandbox.waitFor(() => submissions(sandbox).length > before);
		await somebodyElse();
		return await result;
	}

	const asElse = async (
		endpoint: string,
		fields: Record<string, string>,
		files?: Record<string, number>,
	) => await submitAsSomebodyElse(sandbox, endpoint, { replyRef: 'order-1', ...fields }, files);

	const { options } = OWN_REFERENCE;
	const encryptText = { operation: 'encryptText', message: 'HELLO', prompt: 'waves', options };
	const encryptImage = { operation: 'encryptImage', prompt: 'waves', options };

	it.each<[string, IDataObject, string, Record<string, string>, Record<string, number>]>([
		['prompt', OWN_REFERENCE, 'create', { prompt: 'sand' }, {}],
		['reply reference', OWN_REFERENCE, 'create', { prompt: 'waves', replyRef: 'order-10' }, {}],
		['hidden message', encryptText, 'encrypt_text', { prompt: 'waves', message: 'WORLD' }, {}],
		[
			'font',
			{ ...encryptText, font: 'RETRO' },
			'encrypt_text',
			{ prompt: 'waves', message: 'HELLO', font: 'MODERN' },
			{},
		],
		[
			'reply URL',
			{ prompt: 'waves', options: { ...options, replyUrl: 'https://a.example/1' } },
			'create',
			{ prompt: 'waves', replyUrl: 'https://a.example/2' },
			{},
		],
		[
			'channel',
			{ prompt: 'waves', options: { ...options, channel: SANDBOX_ACCOUNT.channel } },
			'create',
			{ prompt: 'waves', channel: '1100000000000000042', discord: 'token' },
			{},
		],
		[
			'size of the hidden image',
			encryptImage,
			'encrypt_image',
			{ prompt: 'waves' },
			{ message: 9 },
		],
		[
			'size of the reference image',
			{ ...encryptImage, image: 'data' },
			'encrypt_image',
			{ prompt: 'waves' },
			{ message: 16, image: 9 },
		],
		[
			'endpoint',
			{ ...OWN_REFERENCE, image: 'data' },
			'animate',
			{ prompt: 'waves' },
			{ image: 16 },
		],
	])(
		'A job with another %s is not taken for the item’s own',
		async (_what, parameters, endpoint, fields, files) => {
			const { error } = await beside(parameters, async () => await asElse(endpoint, fields, files));
			expect(error?.message).toMatch(UNSURE);
			expect(sandbox.jobs).toHaveLength(1);
		},
	);

	it('A Retry of another job is not taken for the item’s own', async () => {
		const [first = '', other = ''] = await Promise.all([
			asElse('create', { prompt: 'waves', replyRef: 'parent-1' }),
			asElse('create', { prompt: 'waves', replyRef: 'parent-2' }),
		]);
		for (const jobid of [first, other]) sandbox.finishJob(jobid);
		const retry = { operation: 'retry', jobid: first, options };
		const { error } = await beside(
			retry,
			async () => await asElse('button', { jobid: other, button: 'retry' }),
		);
		expect(error?.message).toMatch(UNSURE);
		expect(sandbox.jobs).toHaveLength(3);
	});

	it('A job of another item that hides another text is not taken for the item’s own', async () => {
		answerSubmission(1, { answer: BAD_GATEWAY });
		answerSubmission(1, { resetAfterAccepting: true });
		const items = ['HELLO', 'WORLD'].map((word) => ({ json: { word } }));
		const parameters = { ...encryptText, message: '={{ $json.word }}' };
		const node = { onError: 'continueRegularOutput' } as const;
		const done = await run({ items, parameters, node });
		const [job] = sandbox.jobs;
		expect(sandbox.jobs).toHaveLength(1);
		expect(ends(done)).toEqual(
			job?.message === 'WORLD' ? [unsure, job.jobid] : [job?.jobid, unsure],
		);
	});

	describe('jobs that are found', () => {
		const lost: Fault['do'] = { resetAfterAccepting: true };

		it('The item’s job is found among the running jobs by everything that was sent', async () => {
			answerSubmission(1, lost);
			const parameters = { ...encryptText, font: 'RETRO', options: { ...options, maxJobs: 3 } };
			expect(ends(await run({ parameters }))).toEqual(jobids());
		});

		it('The job of Video: Retry is found, although it shows the prompt of its parent', async () => {
			const parent = await asElse('create', { prompt: 'waves', replyRef: 'parent-1' });
			sandbox.finishJob(parent);
			answerSubmission(1, lost);
			const done = await run({ parameters: { operation: 'retry', jobid: parent, options } });
			expect(done.error).toBeUndefined();
			expect(ends(done)).toEqual([sandbox.jobs[1]?.jobid]);
		});

		it.each<[string, IDataObject]>([
			['Animate without a prompt', { operation: 'animate', prompt: '', image: 'data', options }],
			['Encrypt Text without a font', encryptText],
			['Create without an image', OWN_REFERENCE],
		])('The item’s job is found for %s', async (_what, parameters) => {
			answerSubmission(1, lost);
			expect(ends(await run({ items: [imageItem()], parameters }))).toEqual(jobids());
		});

		it('The item’s job is found if the API echoes little of the request', async () => {
			answerSubmission(1, { ...lost, delay: 20 });
			const { result } = await startWorkflow(workflow({ parameters: encryptText }));
			const job = await sandbox.waitFor(() => sandbox.jobs[0]);
			for (const field of ['prompt', 'message', 'channel', 'verb']) {
				Reflect.deleteProperty(job, field);
			}
			expect(ends(await result)).toEqual([job.jobid]);
		});

		it('The item’s job is found if the API’s clock is some seconds behind', async () => {
			answerSubmission(1, { ...lost, delay: 20 });
			const { result } = await startWorkflow(workflow({ parameters: OWN_REFERENCE }));
			const job = await sandbox.waitFor(() => sandbox.jobs[0]);
			job.created = new Date(Date.now() - 20_000).toISOString();
			expect(ends(await result)).toEqual([job.jobid]);
		});
	});

	describe('jobs that existed before', () => {
		it('A running job of an earlier execution is not taken for the item’s own', async () => {
			const [earlier] = ends(await run({ parameters: OWN_REFERENCE }));
			expect(jobids()).toEqual([earlier]);
			answerSubmission(1, { answer: BAD_GATEWAY });
			const { error } = await run({ parameters: OWN_REFERENCE });
			expect(error?.message).toMatch(UNSURE);
			expect(error?.message).not.toContain(earlier);
			expect(submissions(sandbox)).toHaveLength(2);
		});

		it('The item’s own job is found although an earlier execution made an identical one', async () => {
			const [earlier] = ends(await run({ parameters: OWN_REFERENCE }));
			answerSubmission(1, { resetAfterAccepting: true });
			const done = await run({ parameters: OWN_REFERENCE });
			expect(ends(done)).toEqual([jobids().find((jobid) => jobid !== earlier)]);
		});

		it.each([
			['an hour before', -HOUR],
			['a day before', -24 * HOUR],
			['a day after', 24 * HOUR],
		])(
			'A job made %s is not taken for the item’s own if the running jobs could not be listed before',
			async (_when, ago) => {
				await asElse('create', { prompt: 'waves' });
				const [job] = sandbox.jobs;
				job!.created = new Date(Date.now() + ago).toISOString();
				refuse('jobs', 1000);
				answerSubmission(1, { delay: 20, answer: BAD_GATEWAY });
				const { result } = await startWorkflow(workflow({ parameters: OWN_REFERENCE }));
				await sandbox.waitFor(() => submissions(sandbox).length === 2);
				sandbox.clearFaults();
				expect((await result).error?.message).toMatch(UNSURE);
			},
		);

		it('The editor’s Retry does not take a job that somebody else made long after the submission', async () => {
			answerSubmission(1, { answer: BAD_GATEWAY });
			const failed = await run({ parameters: OWN_REFERENCE });
			expect(failed.error?.message).toMatch(UNSURE);
			await asElse('create', { prompt: 'waves' });
			sandbox.jobs[0]!.created = new Date(Date.now() + 24 * HOUR).toISOString();
			const again = await retryRun(failed);
			expect(again.error?.message).toMatch(UNSURE);
			expect(submissions(sandbox)).toHaveLength(2);
		});
	});

	describe('jobs of another run in the same execution', () => {
		const node = { onError: 'continueRegularOutput' } as const;

		function looping(rounds: number): RunOptions {
			const base = workflow({
				items: Array.from({ length: rounds }, () => ({})),
				parameters: OWN_REFERENCE,
				node,
			});
			const [source, pika] = base.nodes;
			return {
				...base,
				nodes: [
					source!,
					{ name: 'Loop', type: 'test.loop' },
					pika!,
					{ name: 'Done', type: 'test.done' },
				],
				connections: [
					['Source', 'Loop'],
					['Loop', 'Done', 0],
					['Loop', 'Pika', 1],
					['Pika', 'Loop'],
				],
				nodeTypes: { ...base.nodeTypes, 'test.loop': new Loop(), 'test.done': new Collect() },
			};
		}

		function twoNodes(): RunOptions {
			const base = workflow({ parameters: OWN_REFERENCE, node });
			const [source, pika, collect] = base.nodes;
			return {
				...base,
				nodes: [source!, pika!, { ...pika!, name: 'Second' }, collect!],
				connections: [
					['Source', 'Pika'],
					['Pika', 'Second'],
					['Second', 'Collect'],
				],
			};
		}

		it('An item does not take the job of the round of the loop before', async () => {
			answerSubmission(2, { answer: BAD_GATEWAY });
			const done = await runWorkflow(looping(3));
			const [first, third] = jobids();
			expect(ends(done, 'Done')).toEqual([first, unsure, third]);
			expect(submissions(sandbox)).toHaveLength(3);
		});

		it('An item finds its own job beside the one of the round before', async () => {
			answerSubmission(2, { resetAfterAccepting: true });
			const done = await runWorkflow(looping(3));
			expect(ends(done, 'Done')).toEqual(jobids());
			expect(sandbox.jobs).toHaveLength(3);
		});

		it('An item does not take the job of another Pika node', async () => {
			answerSubmission(2, { answer: BAD_GATEWAY });
			const done = await runWorkflow(twoNodes());
			expect(ends(done, 'Second')).toEqual([unsure]);
			expect(sandbox.jobs).toHaveLength(1);
		});

		it('An item finds its own job beside the one of another Pika node', async () => {
			answerSubmission(2, { resetAfterAccepting: true });
			const done = await runWorkflow(twoNodes());
			expect([...ends(done), ...ends(done, 'Second')]).toEqual(jobids());
			expect(sandbox.jobs).toHaveLength(2);
		});

		it.each([
			['in the round before', () => looping(2), 'Done', 1],
			['in another Pika node', twoNodes, 'Second', 0],
		])(
			'An item does not take a job %s if the running jobs could not be listed before',
			async (_where, make, name, item) => {
				refuse('jobs', 1000);
				answerSubmission(2, { delay: 20, answer: BAD_GATEWAY });
				const { result } = await startWorkflow(make());
				await sandbox.waitFor(() => submissions(sandbox).length === 2);
				sandbox.clearFaults();
				expect(ends(await result, name)[item]).toEqual(unsure);
				expect(sandbox.jobs).toHaveLength(1);
			},
		);
	});
});

describe('a job ID that the API returns for more than one submission', () => {
	const node = { onError: 'continueRegularOutput' } as const;
	const body = { jobid: 'same', status: 'started', code: 200 };
	const parameters = { prompt: '={{ $json.prompt }}', options: { maxJobs: 1 } };
	const items = ['a', 'b', 'c'].map((prompt) => ({ json: { prompt } }));

	it('A repeated job ID belongs to the first item only; the others may have been submitted', async () => {
		answerSubmissions(3, { answer: { status: 200, body } });
		expect(ends(await run({ items, parameters, node }))).toEqual(['same', unsure, unsure]);
		expect(submissions(sandbox)).toHaveLength(3);
	});

	it('The other items with a repeated job ID get their own jobs, which their references find', async () => {
		answerSubmissions(3, { answerAfterAccepting: { status: 200, body } });
		const free = { ...parameters, options: { maxJobs: 10 } };
		const done = await run({ items, parameters: free, node });
		const given = done.output('Pika').map(({ json }) => json);
		expect(given.filter(({ jobid }) => jobid === 'same')).toHaveLength(1);
		const own = given.filter(({ jobid }) => jobid !== 'same');
		for (const { jobid, prompt, replyRef } of own) {
			expect(sandbox.jobs.find((job) => job.jobid === jobid)).toMatchObject({ prompt, replyRef });
		}
		expect(new Set(own.map(({ prompt }) => prompt)).size).toBe(2);
		expect(sandbox.jobs).toHaveLength(3);
	});

	it('The error of the other items explains the repeated job ID', async () => {
		answerSubmissions(2, { answer: { status: 200, body } });
		const { error } = await run({ items: items.slice(0, 2), parameters });
		expect(error?.message).toMatch(UNSURE);
		expect(error?.message).toContain('the API named the job same, which another item has');
	});

	it('A job ID that another node holds is not given to a later node', async () => {
		answerSubmissions(2, { answer: { status: 200, body } });
		const base = workflow({ node });
		const [source, pika, collect] = base.nodes;
		const done = await runWorkflow({
			...base,
			nodes: [source!, pika!, { ...pika!, name: 'Second' }, collect!],
			connections: [
				['Source', 'Pika'],
				['Pika', 'Second'],
				['Second', 'Collect'],
			],
		});
		expect([...ends(done), ...ends(done, 'Second')]).toEqual(['same', unsure]);
	});
});

describe('job IDs in inconclusive responses', () => {
	const naming = (status: number): Fault['do'] => ({
		answerAfterAccepting: {
			status,
			body: { error: 'Query overflow', jobid: '<jobid>', code: status },
		},
	});

	it.each([
		['504', {}],
		['504', { options: { replyRef: 'order-1' } }],
		['502', {}],
		['500', { completion: 'poll' }],
		['504', { completion: 'callback' }],
	])('The editor’s Retry reads the job that a %s named, with %j', async (status, parameters) => {
		answerSubmission(1, naming(Number(status)));
		refuse('jobs', 1000);
		refuse('jobs/', 1000);
		const failed = await run({ parameters });
		const [job] = sandbox.jobs;
		expect(failed.error?.message).toMatch(UNSURE);
		sandbox.clearFaults();
		// Only its ID leads to an ended job: the list contains only running ones.
		sandbox.finishJob(job?.jobid ?? '');
		const again = await retryRun(failed);
		expect(again.error).toBeUndefined();
		expect(again.output('Pika')[0]?.json).toMatchObject({ jobid: job?.jobid, status: 'completed' });
		expect(submissions(sandbox)).toHaveLength(1);
	});

	it('Retry On Fail reads the job that an inconclusive response named', async () => {
		answerSubmission(1, naming(504));
		refuse('jobs', 1000, 404);
		refuse('jobs/', 3);
		const node = { retryOnFail: true, maxTries: 3, waitBetweenTries: 1 };
		const done = await run({ node });
		expect(ends(done)).toEqual(jobids());
		expect(submissions(sandbox)).toHaveLength(1);
	});

	it('Each of several items keeps the job that an inconclusive response named', async () => {
		answerSubmissions(3, naming(504));
		refuse('jobs', 1000);
		refuse('jobs/', 1000);
		const items = ['a', 'b', 'c'].map((prompt) => ({ json: { prompt } }));
		const failed = await run({ items, parameters: { prompt: '={{ $json.prompt }}' } });
		sandbox.clearFaults();
		for (const jobid of jobids()) sandbox.finishJob(jobid);
		const again = await retryRun(failed);
		expect(again.output('Pika').map(({ json }) => json.prompt)).toEqual(['a', 'b', 'c']);
		expect(reads(sandbox).length).toBeGreaterThanOrEqual(3);
		expect(submissions(sandbox)).toHaveLength(3);
	});
});

describe('a credential that changes while a submission waits', () => {
	const OLD = { channel: '1100000000000000011', discordToken: 'old-discord-token', maxJobs: 1 };
	const NEW = { channel: OTHER_ACCOUNT.channel, discordToken: 'new-discord-token', maxJobs: 1 };
	const WITHOUT = { channel: '', discordToken: '' };

	/** n8n reads the credential again whenever a node asks for it, also within one execution. */
	function changeCredential({ credentials }: RunOptions, changed: object): void {
		Object.assign(credentials?.useApiPikaApi ?? {}, changed);
	}

	function lastSent(): Array<string | undefined> {
		const fields = submissions(sandbox).at(-1)?.fields;
		return [fields?.channel, fields?.discord];
	}

	type Case = [what: string, ofNode: IDataObject, changed: object, sent: unknown[]];

	const cases: Case[] = [
		['another channel and token', {}, NEW, [NEW.channel, NEW.discordToken]],
		['another token', {}, { discordToken: 'renewed' }, [OLD.channel, 'renewed']],
		['neither channel nor token', {}, WITHOUT, [undefined, undefined]],
		[
			'a channel that is no longer the one chosen in the node',
			{ channel: OLD.channel },
			NEW,
			[OLD.channel, undefined],
		],
		[
			'the channel that is chosen in the node',
			{ channel: NEW.channel },
			NEW,
			[NEW.channel, NEW.discordToken],
		],
	];

	function waiting(completion: string, items: object[], ofNode: IDataObject): RunOptions {
		const parameters = { completion, options: { maxJobs: 1, ...ofNode } };
		return workflow({ items, credential: { ...OLD }, parameters });
	}

	it.each(cases)(
		'The submission after a callback uses the current credential, with %s',
		async (_what, ofNode, changed, sent) => {
			const options = waiting('callback', [{}, {}], ofNode);
			const suspended = await runWorkflow(options);
			expect([suspended.status, submissions(sandbox).length]).toEqual(['waiting', 1]);
			changeCredential(options, changed);
			const [job] = sandbox.jobs;
			sandbox.finishJob(job?.jobid ?? '');
			await resumeByWebhook(suspended, { body: { jobid: job?.jobid } });
			expect(submissions(sandbox).length).toBeGreaterThanOrEqual(2);
			expect(lastSent()).toEqual(sent);
		},
	);

	it.each(cases)(
		'The submission to a busy channel uses the current credential when it is tried again, with %s',
		async (_what, ofNode, changed, sent) => {
			const full = { error: 'Maximum of 1 jobs executing in parallel supported', code: 429 };
			answerSubmission(1, { answer: { status: 429, body: { ...full, executingJobs: ['x'] } } });
			const options = waiting('off', [{}], ofNode);
			const { result } = await startWorkflow(options);
			await sandbox.waitFor(() => submissions(sandbox)[0]?.endedAt);
			changeCredential(options, changed);
			await result;
			expect(submissions(sandbox)).toHaveLength(2);
			expect(lastSent()).toEqual(sent);
		},
	);
});
