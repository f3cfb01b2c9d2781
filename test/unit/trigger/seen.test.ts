import {
	MAXIMUM_SEEN,
	type Seen,
	isRepeat,
	remember,
	serialize,
	merge,
} from '../../../nodes/Pika/trigger/seen';

function job(i: number, status = 'completed') {
	return { jobid: `pika-${i}`, status };
}

function seenOf(from: number, count: number): Seen {
	const seen: Seen = new Set();
	for (let i = from; i < from + count; i++) remember(seen, job(i));
	return seen;
}

describe('what was emitted', () => {
	it('is a repeat with the same job and status', () => {
		const seen = seenOf(1, 1);
		expect(isRepeat(seen, job(1))).toBe(true);
		expect(isRepeat(seen, job(1, 'failed'))).toBe(false);
		expect(isRepeat(seen, job(2))).toBe(false);
	});

	it('does not confuse jobs whose id and status run into one another', () => {
		const seen: Seen = new Set();
		remember(seen, { jobid: 'a', status: 'b c' });
		expect(isRepeat(seen, { jobid: 'a b', status: 'c' })).toBe(false);
	});

	it('is bounded, and the oldest is forgotten first', () => {
		const seen = seenOf(0, MAXIMUM_SEEN + 3);
		expect(seen.size).toBe(MAXIMUM_SEEN);
		expect([2, 3].map((i) => isRepeat(seen, job(i)))).toEqual([false, true]);
	});

	it('takes little room, however long the ids are', () => {
		const seen: Seen = new Set();
		for (let i = 0; i < MAXIMUM_SEEN; i++) remember(seen, { jobid: `${i}`.padEnd(256, 'x') });
		expect(serialize(seen).length).toBeLessThan(30_000);
	});

	it('is united with what n8n has saved, which is older', () => {
		const saved = serialize(seenOf(0, 600));
		const seen = seenOf(500, 600);
		merge(seen, saved);
		expect(seen.size).toBe(MAXIMUM_SEEN);
		expect([99, 100, 599, 1099].map((i) => isRepeat(seen, job(i)))).toEqual([
			false,
			true,
			true,
			true,
		]);
	});

	it('stays the same object, so that deliveries at the same moment share it', () => {
		const seen = seenOf(0, 1);
		const same = seen;
		merge(seen, serialize(seenOf(1, 1)));
		remember(seen, job(2));
		expect([0, 1, 2].map((i) => isRepeat(same, job(i)))).toEqual([true, true, true]);
	});

	it.each<[string, unknown]>([
		['nothing', undefined],
		['null', null],
		['an empty text', ''],
		['a text', 'abc'],
		['an object', { length: 3 }],
		['a list of anything', [1, null, {}, []]],
	])('is not harmed by %s among the saved data', (_what, saved) => {
		const seen = seenOf(0, 2);
		merge(seen, saved);
		expect([...seen]).toEqual([...seenOf(0, 2)]);
	});
});
