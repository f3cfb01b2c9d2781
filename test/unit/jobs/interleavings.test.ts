import fc from 'fast-check';

import { READ_FAULTS, SUBMIT_FAULTS } from './interleavings/modelApi';
import { interleavings, interleavingsPath, interleavingsSeed } from './interleavings/runs.cts';
import { type Scenario, World } from './interleavings/world';

const scenarios: fc.Arbitrary<Scenario> = fc.record({
	items: fc.integer({ min: 1, max: 5 }),
	channels: fc.integer({ min: 1, max: 2 }),
	maxJobs: fc.integer({ min: 1, max: 4 }),
	limit: fc.integer({ min: 1, max: 4 }),
	strangers: fc.nat(2),
	completion: fc.constantFrom('off', 'poll', 'callback', 'callback'),
	sharesReference: fc.boolean(),
	waitMinutes: fc.constantFrom(1, 30),
	retryMinutes: fc.constantFrom(0, 1, 15),
	cancelOnStop: fc.boolean(),
	stopAfter: fc.option(fc.nat(60)),
	isSetBack: fc.boolean(),
	submitFaults: fc.array(fc.constantFrom(...SUBMIT_FAULTS), { maxLength: 6 }),
	readFaults: fc.array(fc.constantFrom(...READ_FAULTS), { maxLength: 6 }),
});

describe('runs of a node under all interleavings', () => {
	it(
		`Runs keep their invariants in whatever order responses, callbacks, timers and Stop arrive (seed ${interleavingsSeed})`,
		async () => {
			const property = fc.asyncProperty(scenarios, fc.scheduler(), async (scenario, scheduler) => {
				const world = new World(scenario, scheduler);
				await world.play();
				if (world.violations.length > 0) throw new Error(world.violations.join(', '));
			});
			const checked = await fc.check(property, {
				numRuns: interleavings,
				seed: interleavingsSeed,
				path: interleavingsPath,
			});
			if (!checked.failed) return;
			const replay = `PIKA_INTERLEAVINGS_SEED=${checked.seed} PIKA_INTERLEAVINGS_PATH=${checked.counterexamplePath}`;
			throw new Error(
				`${String(checked.errorInstance)}\nReplay with ${replay}\n${await fc.asyncDefaultReportMessage(checked)}`,
			);
		},
		10 * 60_000,
	);
});
