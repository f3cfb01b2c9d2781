import fc from 'fast-check';

import { faultSchema } from '../../sandbox/faults.cts';
import { useFastClock } from './fastClock.cts';
import { LISTS, ON_CANCEL, ON_DOWNLOAD, ON_READ, ON_SUBMIT } from './faults/catalogue.cts';
import { Player } from './faults/player.cts';
import { violations } from './faults/rules.cts';
import { faultPath, faultRuns, faultSeed, faultSequence } from './faults/runs.cts';
import { PLAIN, type Sequence, sequences } from './faults/sequence.cts';

let player: Player;
useFastClock();

beforeAll(async () => {
	player = await Player.start();
});
afterAll(async () => await player.end());

async function broken(sequence: Partial<Sequence>): Promise<string[]> {
	const whole = { ...PLAIN, ...sequence };
	return await violations(whole, await player.play(whole));
}

function replayOf(checked: fc.RunDetails<[Sequence]>): string {
	const [sequence] = checked.counterexample ?? [];
	return [
		`PIKA_FAULT_SEED=${checked.seed} PIKA_FAULT_PATH=${checked.counterexamplePath}`,
		`PIKA_FAULT_SEQUENCE='${JSON.stringify(sequence)}' npx jest test/engine/faults.test.ts`,
	].join('\n');
}

if (faultSequence !== undefined) {
	it(`holds for ${faultSequence}`, async () => {
		expect(await broken(JSON.parse(faultSequence) as Partial<Sequence>)).toEqual([]);
	});
} else {
	describe('one job per item, whatever breaks', () => {
		it(`holds for ${faultRuns} random sequences of faults, seed ${faultSeed}`, async () => {
			const holds = fc.asyncProperty(sequences, async (sequence) => {
				const found = await broken(sequence);
				if (found.length > 0) throw new Error(found.join('\n'));
			});
			const options = { numRuns: faultRuns, seed: faultSeed, path: faultPath, endOnFailure: true };
			const checked = await fc.check(holds, options);
			if (!checked.failed) return;
			throw new Error(`${String(checked.errorInstance)}\nReplay with\n${replayOf(checked)}`);
		}, 1_800_000);
	});
}
