import fc from 'fast-check';

import { channelFullBody, discordLimitBody } from '../../sandbox/contract.cts';
import { type Fault, type Sandbox, startSandbox } from '../../sandbox/sandbox.cts';
import { useFastClock } from './fastClock.cts';
import { faultRuns, faultSeed } from './faultRuns.cts';
import { type WorkflowRun, runWorkflow } from './harness/run.cts';
import { imageItem, pikaWorkflow } from './pika.cts';

type Action = Fault['do'];

const submission = { method: 'POST', endpoint: 'encrypt_image' } as const;
const json = (status: number, error: string) => ({ status, body: { error, code: status } });

/** Every fault that the sandbox knows for a submission. */
const ON_SUBMIT: Record<string, Action> = {
	'429, channel full': { answer: { status: 429, body: channelFullBody(3, ['x']) } },
	'429, Discord': { answer: { status: 429, body: discordLimitBody(12) } },
	'422 without job': { answer: json(422, 'Sorry') },
	'400': { answer: json(400, 'prompt is missing') },
	'410 with HTML': { answer: { status: 410, body: '<h1>Gone</h1>' } },
	'500 instead': { answer: json(500, 'Oops') },
	'502 after accepting': { answerAfterAccepting: { status: 502, body: '<h1>Bad</h1>' } },
	'504 after accepting': { answerAfterAccepting: json(504, 'Timeout') },
	'broken JSON after accepting': { answerAfterAccepting: { status: 200, body: '{"jobid":' } },
	'an empty answer after accepting': { answerAfterAccepting: { status: 200, body: '' } },
	'a reset at the headers': { resetBeforeAccepting: 'headers' },
	'a reset midway': { resetBeforeAccepting: 'midway' },
	'a reset after accepting': { resetAfterAccepting: true },
	'a slow answer': { delay: 5 },
	'a job that fails': { jobEnd: 'failed' },
	'a job that is over at once': { jobSeconds: 0 },
};

/** Faults of reading, which may only delay. */
const ON_READ: Record<string, Action> = {
	'503': { answer: json(503, 'Unavailable') },
	'429': { answer: json(429, 'Later') },
	'a reset': { resetAfterAccepting: true },
	HTML: { answer: { status: 200, body: '<h1>?</h1>' } },
};

const sequences = fc.record({
	items: fc.integer({ min: 1, max: 7 }),
	maxJobs: fc.integer({ min: 1, max: 4 }),
	completion: fc.constantFrom('off', 'poll'),
	onError: fc.constantFrom('continueErrorOutput', 'continueRegularOutput', 'stopWorkflow'),
	retryOnFail: fc.boolean(),
	onSubmit: fc.array(
		fc.tuple(fc.integer({ min: 1, max: 5 }), fc.constantFrom(...Object.keys(ON_SUBMIT))),
		{ maxLength: 5 },
	),
	onRead: fc.array(
		fc.tuple(fc.integer({ min: 1, max: 6 }), fc.constantFrom(...Object.keys(ON_READ))),
		{ maxLength: 3 },
	),
});

type Sequence = typeof sequences extends fc.Arbitrary<infer Value> ? Value : never;

let sandbox: Sandbox;
useFastClock();

beforeAll(async () => {
	sandbox = await startSandbox({ jobSeconds: 0.01 });
});
afterAll(async () => await sandbox.stop());

async function play(sequence: Sequence): Promise<WorkflowRun> {
	sandbox.reset();
	for (const [nth, name] of sequence.onSubmit) {
		sandbox.addFault({ on: { ...submission, nth }, do: ON_SUBMIT[name] ?? {} });
	}
	for (const [nth, name] of sequence.onRead) {
		sandbox.addFault({
			on: { method: 'GET', path: '/v1/pika/jobs*', nth },
			do: ON_READ[name] ?? {},
		});
	}
	const { items, maxJobs, completion, onError, retryOnFail } = sequence;
	return await runWorkflow(
		pikaWorkflow({
			sandbox,
			items: Array.from({ length: items }, (_, i) => imageItem({ ref: `ref-${i}` })),
			parameters: {
				completion,
				options: { maxJobs, replyRef: '={{ $json.ref }}' },
				waitLimit: 5,
			},
			node: { onError, retryOnFail, maxTries: 3, waitBetweenTries: 1 },
		}),
	);
}

interface Ending {
	ref: string;
	jobid?: string;
	error?: string;
}

function endingsOf({ output }: WorkflowRun): Ending[] {
	const given = [...output('Pika'), ...output('Pika', 1)].map(({ json: item, pairedItem }) => {
		const index = typeof pairedItem === 'object' && 'item' in pairedItem ? pairedItem.item : -1;
		const details = item.details as { jobid?: string } | undefined;
		return {
			ref: `ref-${index}`,
			jobid: (item.jobid as string | undefined) ?? details?.jobid,
			error: item.error as string | undefined,
		};
	});
	return given;
}

/** Only what was surely refused may be sent again: after a 429 by the node itself, after any other by Retry On Fail. */
function isRefused(status: unknown): boolean {
	return typeof status === 'number' && status >= 400 && status < 500;
}

function expectAllowedSubmissions(items: number): void {
	const posts = sandbox.requests.filter(({ method }) => method === 'POST');
	const refused = posts.filter(({ status }) => isRefused(status));
	expect(posts.length - refused.length).toBeLessThanOrEqual(items);
	const refs = posts.map(({ fields }) => fields.replyRef).filter(Boolean);
	for (const ref of new Set(refs)) {
		const ofItem = posts.filter(({ fields }) => fields.replyRef === ref);
		expect(ofItem.slice(0, -1).filter(({ status }) => !isRefused(status))).toEqual([]);
	}
}

function expectOneJobPerItem(sequence: Sequence, run: WorkflowRun): void {
	const jobs = sandbox.jobs.map(({ jobid, replyRef }) => ({ jobid, replyRef }));
	expect(new Set(jobs.map(({ replyRef }) => replyRef)).size).toBe(jobs.length);
	if (run.error) {
		const message = `${run.error.message} ${run.error.description ?? ''}`;
		const unsure = message.includes('may have been submitted');
		for (const { jobid } of jobs) if (!unsure) expect(message).toContain(jobid);
		return;
	}
	const endings = endingsOf(run);
	const all = Array.from({ length: sequence.items }, (_, i) => `ref-${i}`);
	expect(endings.map(({ ref }) => ref).sort()).toEqual(all);
	for (const { ref, jobid, error } of endings) {
		const job = jobs.find(({ replyRef }) => replyRef === ref);
		if (jobid) expect(job?.jobid).toBe(jobid);
		else expect(job === undefined || error?.includes('may have been submitted')).toBe(true);
	}
	for (const [i] of [output(run, 0), output(run, 1)].entries()) {
		const order = output(run, i).map((ref) => all.indexOf(ref));
		expect(order).toEqual([...order].sort((one, other) => one - other));
	}
}

function output(run: WorkflowRun, index: number): string[] {
	return run
		.output('Pika', index)
		.map(({ pairedItem }) => `ref-${(pairedItem as { item: number }).item}`);
}

describe('one job per item, whatever breaks', () => {
	it.each(Object.keys(ON_SUBMIT))('holds for the fault "%s" alone, in every mode', async (name) => {
		for (const completion of ['off', 'poll']) {
			for (const onError of ['continueErrorOutput', 'stopWorkflow']) {
				const sequence = {
					items: 3,
					maxJobs: 2,
					completion,
					onError,
					retryOnFail: true,
					onSubmit: [[2, name]],
					onRead: [],
				} as unknown as Sequence;
				const run = await play(sequence);
				expectAllowedSubmissions(3);
				expectOneJobPerItem(sequence, run);
			}
		}
	});

	it(`holds for ${faultRuns} random sequences of faults`, async () => {
		const holds = fc.asyncProperty(sequences, async (sequence) => {
			const run = await play(sequence);
			expectAllowedSubmissions(sequence.items);
			expectOneJobPerItem(sequence, run);
		});
		// A failure prints its seed: PIKA_FAULT_SEED repeats it.
		await fc.assert(holds, { numRuns: faultRuns, seed: faultSeed, endOnFailure: true });
	}, 1_800_000);
});
