import {
	type RecordEntries,
	createEmittedLog,
	recordInTurn,
} from '../../../nodes/Pika/trigger/emittedLog';

/** A store that responds only on request of the test. */
function slowStore() {
	const writes: string[][] = [];
	const answers: Array<() => void> = [];
	const record: RecordEntries = async (entries) => {
		writes.push(entries);
		await new Promise<void>((resolve) => answers.push(resolve));
		return new Set();
	};
	return { writes, answers, record };
}

async function settle(): Promise<void> {
	for (let i = 0; i < 20; i++) await Promise.resolve();
}

describe('recordInTurn', () => {
	it('recordInTurn delays a second write of the same process until the first one is over', async () => {
		const { writes, answers, record } = slowStore();
		const log = createEmittedLog();
		const first = recordInTurn(log, ['a'], record);
		await settle();
		const second = recordInTurn(log, ['b'], record);
		await settle();
		expect(writes).toEqual([['a']]);
		answers[0]?.();
		await first;
		await settle();
		expect(writes).toEqual([['a'], ['b']]);
		answers[1]?.();
		expect(await second).toEqual(new Set());
	});

	it('recordInTurn writes all entries that arrive during a write together in the next one', async () => {
		const { writes, answers, record } = slowStore();
		const log = createEmittedLog();
		const all = [recordInTurn(log, ['a'], record)];
		await settle();
		for (const entries of [['b'], ['c', 'd'], ['b']]) all.push(recordInTurn(log, entries, record));
		answers[0]?.();
		await settle();
		answers[1]?.();
		await Promise.all(all);
		expect(writes).toEqual([['a'], ['b', 'c', 'd']]);
	});

	it('recordInTurn tells all callers that share a write which entries the store contains', async () => {
		const record: RecordEntries = async (entries) =>
			new Set(entries.filter((entry) => entry !== 'new'));
		const log = createEmittedLog();
		const [one, other] = await Promise.all([
			recordInTurn(log, ['new'], record),
			recordInTurn(log, ['old'], record),
		]);
		expect([one.has('new'), other.has('old')]).toEqual([false, true]);
	});

	it('recordInTurn retries a failed write, which may have collided with the first write of another process', async () => {
		const record = jest
			.fn<Promise<Set<unknown>>, [string[]]>()
			.mockRejectedValueOnce(new Error('duplicate key'))
			.mockResolvedValue(new Set(['a']));
		expect(await recordInTurn(createEmittedLog(), ['a'], record)).toEqual(new Set(['a']));
		expect(record.mock.calls).toEqual([[['a']], [['a']]]);
	});

	it('recordInTurn fails a write after three failures of the store, but not the writes after it', async () => {
		const record = jest
			.fn<Promise<Set<unknown>>, [string[]]>()
			.mockRejectedValue(new Error('no database'));
		const log = createEmittedLog();
		await expect(recordInTurn(log, ['a'], record)).rejects.toThrow('no database');
		expect(record).toHaveBeenCalledTimes(3);
		expect(await recordInTurn(log, ['b'], async () => new Set())).toEqual(new Set());
	});
});
