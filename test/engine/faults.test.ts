import fc from 'fast-check';

import { faultSchema } from '../../sandbox/faults.cts';
import { useFastClock } from './fastClock.cts';
import { LISTS, ON_CANCEL, ON_DOWNLOAD, ON_READ, ON_SUBMIT } from './faults/catalogue.cts';
import type { Ending } from './faults/endings.cts';
import { Player } from './faults/player.cts';
import { violations, wrongVideos } from './faults/rules.cts';
import { faultPath, faultRuns, faultSeed, faultSequence } from './faults/runs.cts';
import { PLAIN, type Sequence, ordersOf, possible, sequences } from './faults/sequence.cts';
import { sha256 } from './pictures.cts';

let player: Player;
useFastClock();

beforeAll(async () => {
	player = await Player.start();
});
afterAll(async () => await player.end());

async function broken(sequence: Partial<Sequence>): Promise<string[]> {
	const whole = possible({ ...PLAIN, ...sequence });
	return await violations(whole, await player.play(whole));
}

function replayOf({ counterexample, counterexamplePath, seed }: fc.RunDetails<[Sequence]>): string {
	const sequence = JSON.stringify(counterexample?.[0]);
	return [
		`PIKA_FAULT_SEQUENCE='${sequence}' npx jest test/engine/faults.test.ts`,
		`or, with what comes after it, PIKA_FAULT_SEED=${seed} PIKA_FAULT_PATH=${counterexamplePath}`,
	].join('\n');
}

/** The first submission gets the first fault, a later one the second. */
const twoUnknown: Sequence['onSubmit'] = [
	[1, 'a reset after accepting'],
	[2, '504 after accepting'],
];

/** Enough inputs to distinguish the items. */
const pair = { items: 2 };

/** Each kind of sequence, and each fault, once: random sequences combine them. */
const alone: [what: string, sequence: Partial<Sequence>][] = [
	['a loop', { shape: 'a loop', reference: 'a shared reference', onSubmit: twoUnknown }],
	['two nodes', { shape: 'two nodes', reference: 'a shared reference', onSubmit: twoUnknown }],
	[
		'an agent that calls in a batch',
		{ shape: 'an agent that calls in a batch', reference: 'everything alike' },
	],
	['an agent of the engine', { shape: 'an agent of the engine', reference: 'of the item' }],
	['a shared reference and prompt', { reference: 'a shared reference and prompt', maxJobs: 3 }],
	['everything alike', { reference: 'everything alike', onSubmit: twoUnknown }],
	[
		'two unknown outcomes that look alike',
		{
			reference: 'a shared reference and prompt',
			maxJobs: 3,
			onSubmit: [
				[1, '500 instead'],
				[2, 'a reset after accepting'],
			],
		},
	],
	['the slots of the account', { room: 'as the account says' }],
	['an unknown number of slots', { room: 'as an account says that cannot be read', items: 5 }],
	['slots shared with other users', { room: 'fewer, because of strangers' }],
	[
		'records with codes',
		{
			codes: { failed: 504, moderated: 422 },
			onUnsuccessful: 'output',
			onSubmit: [
				[1, 'a job that fails'],
				[2, 'a job that is moderated'],
			],
		},
	],
	[
		'the editor’s Retry',
		{ retriesExecution: true, onError: 'stopWorkflow', onSubmit: [[2, '502 after accepting']] },
	],
	['a Stop', { stop: { request: 3, when: 'begins' } }],
	[
		'a Stop with Cancel Jobs on Stop',
		{ stop: { request: 3, when: 'is answered' }, cancelOnStop: true, hasLongJobs: true },
	],
	['a Stop while it waits', { completion: 'callback', stop: { request: 4, when: 'is answered' } }],
	...Object.keys(ON_SUBMIT).map((name): [string, Partial<Sequence>] => [
		name,
		{ ...pair, onSubmit: [[2, name]], completion: name.includes('callback') ? 'callback' : 'poll' },
	]),
	...Object.keys(ON_READ).map((name): [string, Partial<Sequence>] => [
		`${name} while reading`,
		{ ...pair, onRead: [[2, name]] },
	]),
	...Object.keys(LISTS).map((list): [string, Partial<Sequence>] => [list, { ...pair, list }]),
	...Object.keys(ON_CANCEL).map((name): [string, Partial<Sequence>] => [
		name,
		{
			...pair,
			onCancel: [[1, name]],
			stop: { request: 3, when: 'begins' },
			cancelOnStop: true,
			hasLongJobs: true,
		},
	]),
	...Object.keys(ON_DOWNLOAD).map((name): [string, Partial<Sequence>] => [
		name,
		{ ...pair, onDownload: [[1, name]] },
	]),
];

if (faultSequence !== undefined) {
	it(`The node keeps its invariants in PIKA_FAULT_SEQUENCE ${faultSequence}`, async () => {
		expect(await broken(JSON.parse(faultSequence ?? '') as Partial<Sequence>)).toEqual([]);
	});
} else {
	describe('one job per item under faults', () => {
		it.each(alone)('Every item gets exactly one job despite %s', async (_what, sequence) => {
			expect(await broken(sequence)).toEqual([]);
		});

		it('The catalog contains every fault that the sandbox knows', () => {
			const catalogues = [ON_SUBMIT, ON_READ, LISTS, ON_CANCEL, ON_DOWNLOAD];
			const used = new Set(catalogues.flatMap(Object.values).flatMap(Object.keys));
			// Not a fault: it saves the sandbox work.
			const known = Object.keys(faultSchema.shape.do.shape).filter(
				(name) => name !== 'keepNothing',
			);
			expect(known.filter((name) => !used.has(name))).toEqual([]);
		});

		it(`Every item gets exactly one job in ${faultRuns} random sequences of faults, seed ${faultSeed}`, async () => {
			const holds = fc.asyncProperty(sequences, async (sequence) => {
				const found = await broken(sequence);
				if (found.length > 0) throw new Error(found.join('\n'));
			});
			const options = {
				numRuns: faultRuns,
				seed: faultSeed,
				endOnFailure: true,
				...(faultPath !== undefined && { path: faultPath }),
			};
			const checked = await fc.check(holds, options);
			if (!checked.failed) return;
			throw new Error(`${String(checked.errorInstance)}\nReplay with\n${replayOf(checked)}`);
		}, 1_800_000);
	});

	describe('the check that a video was made from its item’s inputs', () => {
		const sequence = { ...PLAIN, reference: 'of the item' as const };
		const orders = ordersOf(sequence);

		/** Items whose videos were made from the orders at these positions. */
		const endings = (...madeFrom: number[]): Ending[] =>
			orders.map((order, i) => {
				const { prompt, replyRef, image } = orders[madeFrom[i] ?? i] ?? order;
				const stamp = {
					verb: 'pika-encrypt_image',
					fields: { prompt, replyRef },
					files: { message: sha256(image) },
				};
				return { order, status: 'completed', video: { stamp } };
			});

		const rule = (found: Ending[]) => wrongVideos({ sequence, endings: found });

		it('The check accepts items with their own videos', () => {
			expect(rule(endings(0, 1, 2))).toEqual([]);
		});

		it('The check rejects items with each other’s videos', () => {
			expect(rule(endings(1, 0, 2))).toEqual([
				expect.stringContaining('Pika 0 has a video that was made from'),
				expect.stringContaining('Pika 1 has a video that was made from'),
			]);
		});

		it.each([
			['another image alone', { files: { message: sha256(Buffer.from('another')) } }],
			['one image more', { files: { message: sha256(orders[0]!.image), image: 'more' } }],
			['another prompt alone', { fields: { prompt: 'another', replyRef: 'ref-0' } }],
			['another operation', { verb: 'pika-create' }],
		])('The check rejects a video that was made from %s', (_what, changed) => {
			const [first, ...others] = endings(0, 1, 2);
			const stamp = { ...first!.video!.stamp!, ...changed };
			expect(rule([{ ...first!, video: { stamp } }, ...others])).toHaveLength(1);
		});

		it('The check rejects a video without a stamp, and a missing video', () => {
			const [first, second, third] = endings(0, 1, 2);
			const found = rule([
				{ ...first!, video: { stamp: undefined } },
				{ ...second!, video: undefined },
				third!,
			]);
			expect(found).toEqual([expect.stringContaining('Pika 0 has a video'), 'Pika 1 has no video']);
		});
	});
}
