import fc from 'fast-check';

import { faultSchema } from '../../sandbox/faults.cts';
import { useFastClock } from './fastClock.cts';
import { ON_READ, ON_SUBMIT } from './faults/catalogue.cts';
import { Player, type Sequence } from './faults/player.cts';
import { violations } from './faults/rules.cts';
import { faultRuns, faultSeed } from './faults/runs.cts';

const nthFault = (faults: object, lastNth: number) =>
	fc.tuple(fc.integer({ min: 1, max: lastNth }), fc.constantFrom(...Object.keys(faults)));

const sequences: fc.Arbitrary<Sequence> = fc.record({
	items: fc.integer({ min: 1, max: 7 }),
	maxJobs: fc.integer({ min: 1, max: 4 }),
	completion: fc.constantFrom('off', 'poll', 'callback'),
	onError: fc.constantFrom('continueErrorOutput', 'continueRegularOutput', 'stopWorkflow'),
	retryOnFail: fc.boolean(),
	retriesExecution: fc.boolean(),
	reference: fc.constantFrom('of the node', 'of the item', 'repeated', 'all alike'),
	onSubmit: fc.array(nthFault(ON_SUBMIT, 6), { maxLength: 5 }),
	onRead: fc.array(nthFault(ON_READ, 8), { maxLength: 3 }),
});

const alone: Sequence = {
	items: 3,
	maxJobs: 2,
	completion: 'off',
	onError: 'continueErrorOutput',
	retryOnFail: true,
	retriesExecution: true,
	reference: 'of the node',
	onSubmit: [],
	onRead: [],
};

let player: Player;
useFastClock();

beforeAll(async () => {
	player = await Player.start();
});
afterAll(async () => await player.stop());

async function broken(sequence: Sequence): Promise<string[]> {
	const run = await player.play(sequence);
	return violations(sequence, run, player.sandbox);
}

async function brokenInEveryMode(faults: Partial<Sequence>): Promise<string[]> {
	const found: string[] = [];
	for (const completion of ['off', 'poll', 'callback'] as const) {
		for (const onError of ['continueErrorOutput', 'stopWorkflow'] as const) {
			found.push(...(await broken({ ...alone, ...faults, completion, onError })));
		}
	}
	return found;
}

describe('one job per item, whatever breaks', () => {
	it.each(Object.keys(ON_SUBMIT))('holds for "%s" alone, in every mode', async (name) => {
		expect(await brokenInEveryMode({ onSubmit: [[2, name]] })).toEqual([]);
	});

	it.each(Object.keys(ON_READ))('holds for "%s" while reading, in every mode', async (name) => {
		expect(await brokenInEveryMode({ onRead: [[1, name]] })).toEqual([]);
	});

	it.each(['repeated', 'all alike'] as const)(
		'holds where the reply references are %s and two outcomes are unknown, in every mode',
		async (reference) => {
			const onSubmit: Sequence['onSubmit'] = [
				[1, 'a reset after accepting'],
				[2, '504 after accepting'],
			];
			expect(await brokenInEveryMode({ reference, onSubmit, maxJobs: 3 })).toEqual([]);
		},
	);

	it('is tried with every fault that the sandbox knows', () => {
		const used = new Set(
			[...Object.values(ON_SUBMIT), ...Object.values(ON_READ)].flatMap(Object.keys),
		);
		// This one is no misbehaviour: it spares the sandbox work.
		const known = Object.keys(faultSchema.shape.do.shape).filter((name) => name !== 'keepNothing');
		expect(known.filter((name) => !used.has(name))).toEqual([]);
	});

	it(`holds for ${faultRuns} random sequences of faults, seed ${faultSeed}`, async () => {
		const holds = fc.asyncProperty(sequences, async (sequence) => {
			expect(await broken(sequence)).toEqual([]);
		});
		await fc.assert(holds, { numRuns: faultRuns, seed: faultSeed, endOnFailure: true });
	}, 1_800_000);
});
