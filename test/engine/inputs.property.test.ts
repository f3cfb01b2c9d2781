import fc from 'fast-check';

import { type Sandbox, startSandbox } from '../../sandbox/sandbox.cts';
import { wrongInRecords } from '../openapi/contract.cts';
import { useFastClock } from './fastClock.cts';
import { useBinaryMode } from './harness/binary-store.cts';
import { type WorkflowRun, runWorkflow } from './harness/run.cts';
import {
	OPERATIONS,
	type Expected,
	type Plan,
	expectedOf,
	parametersOf,
	plans,
} from './inputs/plan.cts';
import { inputRuns, inputSeed } from './inputs/runs.cts';
import { pasted } from './inputs/values.cts';
import { handMadeWorkflow, requestsOf } from './inputs/workflow.cts';

let sandbox: Sandbox;
useFastClock();

beforeAll(async () => {
	sandbox = await startSandbox({ jobSeconds: 600 });
});
afterAll(async () => await sandbox.stop());

async function play(plan: Plan, apiToken: string): Promise<WorkflowRun> {
	sandbox.reset();
	const workflow = handMadeWorkflow(
		async (context) =>
			await Promise.all(
				plan.items.map(async ({ messageFile, imageFile, ...fields }) => ({
					json: Object.fromEntries(
						Object.entries(fields).map(([name, { value }]) => [name, value]),
					),
					binary: {
						messageFile: await messageFile.make(context),
						imageFile: await imageFile.make(context),
					},
				})),
			),
		{
			sandbox,
			credential: { apiToken },
			parameters: parametersOf(plan),
			node: { onError: plan.onError },
		},
	);
	return await runWorkflow(workflow);
}

/**
 * The requests to an endpoint in the form of the expectation, in an order that does not depend on time. Other requests
 * to it are left out.
 */
function sentTo(endpoint: string): string[] {
	const sent = sandbox.requests.filter(({ method, path }) => `${method} ${path}` === endpoint);
	const requests = sent.map(({ query, fields, files }) => {
		const { replyRef = '', ...given } = { ...query, ...fields };
		const isOwn = replyRef !== '' && !/^n8n-\d+-\d+-[\da-f-]{36}$/.test(replyRef);
		const named = Object.entries(files).map(([name, { size, type, sha256 }]) => [
			name,
			{ size, type, sha256 },
		]);
		return {
			endpoint,
			fields: { ...given, ...(isOwn && { replyRef }) },
			files: Object.fromEntries(named) as Expected['files'],
		};
	});
	return inOrder(requests);
}

function inOrder(requests: Array<Omit<Expected, 'labels'>>): string[] {
	const sorted = (value: object) =>
		Object.fromEntries(Object.entries(value).sort(([one], [other]) => (one < other ? -1 : 1)));
	return requests
		.map(({ fields, files, ...rest }) =>
			JSON.stringify({ ...rest, fields: sorted(fields), files: sorted(files) }),
		)
		.sort();
}

function expectError(message: string | undefined, { labels }: Expected): void {
	expect(labels).toContain(message?.split(':')[0]);
}

function expectInvariant(plan: Plan, { error, output, run }: WorkflowRun): void {
	const { endpoint } = OPERATIONS[plan.operation];
	const expected = plan.items.map((item) => expectedOf(plan, item));
	const firstBad = expected.findIndex(({ labels }) => labels.length > 0);
	expect(JSON.stringify([run, error?.message, error?.stack])).not.toContain(sandbox.apiToken);
	expect(wrongInRecords(sandbox.requests)).toEqual([]);
	if (plan.onError === 'stopWorkflow' && firstBad >= 0) {
		expect(requestsOf(sandbox)).toEqual([]);
		expectError(error?.message, expected[firstBad]!);
		expect(error).toMatchObject({ context: { itemIndex: firstBad } });
		return;
	}
	const good = expected.filter(({ labels }) => labels.length === 0);
	const wanted = inOrder(good.map(({ fields, files }) => ({ endpoint, fields, files })));
	// The same job may be read once for several items.
	const isRead = plan.operation === 'get';
	const sent = sentTo(endpoint);
	expect(isRead ? [...new Set(sent)] : sent).toEqual(isRead ? [...new Set(wanted)] : wanted);
	if (good.length === 0) expect(requestsOf(sandbox)).toEqual([]);
	const makesJobs = !['get', 'retry'].includes(plan.operation);
	expect(sandbox.jobs).toHaveLength(makesJobs ? good.length : 0);
	if (plan.onError === 'stopWorkflow') return;
	for (const [i, { json, pairedItem }] of output('Pika').entries()) {
		const { labels, fields } = expected[i]!;
		expect(pairedItem).toEqual({ item: i });
		if (labels.length > 0) expectError(String(json.error), expected[i]!);
		else if (makesJobs) expect([json.error, json.prompt]).toEqual([undefined, fields.prompt]);
	}
}

describe.each(['memory', 'filesystem'] as const)(
	'random inputs with binary data in n8n’s %s store',
	(store) => {
		useBinaryMode(store);

		it(`The node creates a job with exactly the given bytes from valid inputs, and refuses others with field and item (${inputRuns} random inputs, seed ${inputSeed})`, async () => {
			const token = fc
				.constantFrom('', '', 'Bearer ', ' bearer\u00a0')
				.chain((prefix) => pasted(sandbox.apiToken).map((rest) => prefix + rest));
			const holds = fc.asyncProperty(plans, token, async (plan, apiToken) => {
				expectInvariant(plan, await play(plan, apiToken));
			});
			await fc.assert(holds, { numRuns: inputRuns, seed: inputSeed, endOnFailure: true });
		}, 1_800_000);
	},
);
