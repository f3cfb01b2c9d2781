import * as fc from 'fast-check';

import { MAX_CHECKS, SETTLE, claim, isNew } from '../../../nodes/Pika/trigger/claim';
import {
	type RecordEntries,
	createEmittedLog,
	recordInTurn,
} from '../../../nodes/Pika/trigger/emittedLog';
import { ControlledClock } from '../jobs/controlledClock';

const JOB = { jobid: 'pika-1', status: 'completed' };

/** Like n8n's deduplication store: each write replaces everything with what was there when it began, and its entries. */
class SharedStore {
	entries: ReadonlySet<unknown> = new Set();

	constructor(
		private readonly clock: ControlledClock,
		private readonly nextLatency: () => number,
	) {}

	record: RecordEntries = async (entries) => {
		const before = this.entries;
		await this.clock.latency(this.nextLatency());
		this.entries = new Set([...before, ...entries]);
		return new Set(entries.filter((entry) => before.has(entry)));
	};
}

/** A process of n8n, which makes its writes one after the other. */
function processWith(store: SharedStore, clock: ControlledClock) {
	const log = createEmittedLog();
	const record: RecordEntries = async (entries) => await recordInTurn(log, entries, store.record);
	const { now, pause } = clock;
	return {
		record,
		claim: async (jobid: string, id: string) =>
			await claim({ ...JOB, jobid }, { id, record, now, pause }),
	};
}

describe('claim', () => {
	it('claim succeeds for the only process, and waits a second for others', async () => {
		const clock = new ControlledClock();
		const store = new SharedStore(clock, () => 5);
		const { claim: claimIt } = processWith(store, clock);
		expect(await clock.run(claimIt('a', '1'))).toBe(true);
		expect(clock.pauses).toEqual([SETTLE.milliseconds]);
	});

	it('claim fails without waiting if the job was emitted before', async () => {
		const clock = new ControlledClock();
		const store = new SharedStore(clock, () => 5);
		const [one, other] = [processWith(store, clock), processWith(store, clock)];
		await clock.run(one.claim('a', '1'));
		clock.pauses.length = 0;
		expect(await clock.run(other.claim('a', '2'))).toBe(false);
		expect(clock.pauses).toEqual([]);
	});

	it.each([2, 3, 5])(
		'claim succeeds for exactly one of %i processes that claim a job at the same time',
		async (count) => {
			const clock = new ControlledClock();
			const store = new SharedStore(clock, () => 5);
			const claims = Array.from({ length: count }, async (_, i) =>
				processWith(store, clock).claim('a', `${i}`),
			);
			const results = await clock.run(Promise.all(claims));
			expect(results.filter(Boolean)).toHaveLength(1);
		},
	);

	it('claim succeeds for different jobs that overwrite each other in the store', async () => {
		const clock = new ControlledClock();
		const store = new SharedStore(clock, () => 5);
		const claims = ['a', 'b', 'c'].map(async (jobid, i) =>
			processWith(store, clock).claim(jobid, `${i}`),
		);
		expect(await clock.run(Promise.all(claims))).toEqual([true, true, true]);
	});

	it('claim waits several times as long as its own write took if the store is slow', async () => {
		const clock = new ControlledClock();
		const store = new SharedStore(clock, () => 900);
		await clock.run(processWith(store, clock).claim('a', '1'));
		expect(clock.pauses).toEqual([SETTLE.timesOwnWrite * 900]);
	});

	it('claim waits at most 20 seconds, however slow the store is', async () => {
		const clock = new ControlledClock();
		const store = new SharedStore(clock, () => 60_000);
		await clock.run(processWith(store, clock).claim('a', '1'));
		expect(clock.pauses).toEqual([SETTLE.atMost]);
	});

	it('claim succeeds in the end if it never stays in the store, since a duplicate is better than a loss', async () => {
		const forgetful: RecordEntries = async () => new Set();
		const pause = jest.fn(async () => undefined);
		const won = await claim(JOB, { id: '1', record: forgetful, now: () => 0, pause });
		expect(won).toBe(true);
		expect(pause).toHaveBeenCalledTimes(MAX_CHECKS);
	});

	it('claim succeeds exactly once for each of several jobs, whenever three processes claim it', async () => {
		const arrival = fc.record({
			at: fc.integer({ min: 0, max: 1000 }),
			job: fc.integer({ min: 0, max: 4 }),
			process: fc.integer({ min: 0, max: 2 }),
		});
		const arrivals = fc.uniqueArray(arrival, {
			minLength: 1,
			maxLength: 12,
			selector: ({ job, process }) => `${job} in ${process}`,
		});
		const latencies = fc.array(fc.integer({ min: 1, max: 200 }), { minLength: 1, maxLength: 20 });
		const property = fc.asyncProperty(arrivals, latencies, async (claims, slowness) => {
			const clock = new ControlledClock();
			let writes = 0;
			const store = new SharedStore(clock, () => slowness[writes++ % slowness.length] ?? 1);
			const processes = [0, 1, 2].map(() => processWith(store, clock));
			const results = claims.map(async ({ at, job, process }) => {
				await clock.latency(at);
				return (await processes[process]?.claim(`${job}`, `${process}`)) ? [job] : [];
			});
			const won = (await clock.run(Promise.all(results))).flat().sort();
			expect(won).toEqual([...new Set(claims.map(({ job }) => job))].sort());
		});
		await fc.assert(property, { numRuns: 200 });
	}, 120_000);
});

describe('isNew', () => {
	it('isNew is true once for each job', async () => {
		const clock = new ControlledClock();
		const { record } = processWith(new SharedStore(clock, () => 1), clock);
		expect(await clock.run(isNew(JOB, record))).toBe(true);
		expect(await clock.run(isNew(JOB, record))).toBe(false);
		expect(await clock.run(isNew({ ...JOB, status: 'failed' }, record))).toBe(true);
	});
});
