import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import type { Execution } from '../scripts/execution.mts';
import { pikaWorkflow, promptItems, resultsOf } from './fixture/pika-workflow.mts';
import { type RealN8n, startRealN8n } from './fixture/real-n8n.mts';
import { start } from './fixture/runs.mts';
import { filesWithToken } from './fixture/secrets.mts';

const CHANNELS = { callback: '1100000000000000001', poll: '1100000000000000002' };
const SLOTS = 10;
const ITEMS = 50;
const PNG_SIGNATURE_BYTES = 8;

/** By an item's number: how its job ends, and that later ones end before earlier ones. */
const ENDINGS = ['completed', 'failed', 'moderated', 'cancelled', 'completed'];
const WORDS = [
	'[seconds=2.5]',
	'[fail] [seconds=2]',
	'[moderated] [seconds=1.5]',
	'[cancel] [seconds=1]',
	'[seconds=0.5]',
];

describe('50 items on 10 slots', () => {
	const items = promptItems(ITEMS, WORDS);
	let n8n: RealN8n;
	let byCallback: Execution;
	let byPolling: Execution;

	/** Both at the same time, each on a channel of its own: polling alone takes minutes. */
	before(async () => {
		const accounts = Object.entries(CHANNELS).map(([name, channel]) => ({
			channel,
			discord: `made-up-discord-token-${name}`,
			maxJobs: SLOTS,
		}));
		n8n = await startRealN8n({ sandbox: { accounts } });
		const [callback, poll] = await Promise.all(
			Object.entries(CHANNELS).map(async ([completion, channel]) => {
				const parameters = { completion, options: { channel } };
				const node = { onError: 'continueErrorOutput' };
				const execution = await start(n8n, pikaWorkflow(n8n, { items, parameters, node }));
				return await n8n.rest.waitForExecution(execution, { withinSeconds: 400 });
			}),
		);
		assert.ok(callback && poll);
		byCallback = callback;
		byPolling = poll;
	});
	after(async () => {
		await n8n.stop();
	});

	for (const completion of ['callback', 'poll']) {
		const execution = () => (completion === 'poll' ? byPolling : byCallback);

		it(`Each finished video goes to its own input (${completion})`, () => {
			assert.equal(execution().error, undefined);
			const expected = items.flatMap(({ prompt, payload = 0 }, item) =>
				ENDINGS[item % ENDINGS.length] === 'completed'
					? [{ item, prompt, status: 'completed', size: PNG_SIGNATURE_BYTES + payload }]
					: [],
			);
			const results = resultsOf(execution()).map(({ jobid, ...rest }) => {
				assert.ok(jobid);
				return rest;
			});
			assert.deepEqual(sorted(results), sorted(expected));
		});

		it(`Each unsuccessful job goes to the error output, paired with its own input (${completion})`, () => {
			const results = resultsOf(execution(), 'Pika', 1);
			const expected = items.flatMap((_, item) => {
				const status = ENDINGS[item % ENDINGS.length];
				return status === 'completed' ? [] : [{ item, status }];
			});
			const ends = results.map(({ item, status }) => ({ item, status }));
			assert.deepEqual(sorted(ends), sorted(expected));
			for (const { item, jobid, error = '' } of results) {
				const job = n8n.sandbox.jobs.find((one) => one.jobid === jobid);
				assert.equal(job?.prompt, items[item]?.prompt);
				assert.ok(error.includes(jobid ?? '?'), error);
			}
		});
	}

	it('One job is created for each item in each mode', () => {
		const accepted = n8n.sandbox.jobs.map(({ channel, prompt }) => `${channel} ${prompt ?? ''}`);
		const expected = Object.values(CHANNELS).flatMap((channel) =>
			items.map(({ prompt }) => `${channel} ${prompt}`),
		);
		assert.deepEqual(accepted.toSorted(), expected.toSorted());
		assert.equal(new Set(n8n.sandbox.jobs.map(({ replyRef }) => replyRef)).size, 2 * ITEMS);
	});

	it('The submissions never exceed the number of slots', () => {
		const refused = n8n.sandbox.requests
			.filter(({ method, status }) => method === 'POST' && status !== 200)
			.map(
				({ status, fields }) => `${status ?? '?'} ${fields.channel ?? ''} ${fields.prompt ?? ''}`,
			);
		assert.deepEqual(refused, []);
	});

	it('The API token is in no log, execution or other file of n8n', async () => {
		assert.deepEqual(await filesWithToken(n8n), []);
	});
});

function sorted<T extends { item: number }>(results: T[]): T[] {
	return results.toSorted((one, other) => one.item - other.item);
}
