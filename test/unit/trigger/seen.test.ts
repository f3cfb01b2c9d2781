import {
	MAX_SEEN,
	type Seen,
	digestOf,
	isRepeat,
	remember,
} from '../../../nodes/Pika/trigger/seen';

function job(i: number, status = 'completed') {
	return { jobid: `pika-${i}`, status };
}

function seenOf(count: number): Seen {
	const seen: Seen = new Set();
	for (let i = 0; i < count; i++) remember(seen, job(i));
	return seen;
}

describe('isRepeat, remember and digestOf', () => {
	it('isRepeat is true if the job was seen with the same status', () => {
		const seen = seenOf(1);
		expect(isRepeat(seen, job(0))).toBe(true);
		expect(isRepeat(seen, job(0, 'failed'))).toBe(false);
		expect(isRepeat(seen, job(1))).toBe(false);
	});

	it('isRepeat distinguishes jobs whose ID and status together form the same text', () => {
		const seen: Seen = new Set();
		remember(seen, { jobid: 'a', status: 'b c' });
		expect(isRepeat(seen, { jobid: 'a b', status: 'c' })).toBe(false);
	});

	it(`remember forgets the oldest job first, beyond ${MAX_SEEN} jobs`, () => {
		const seen = seenOf(MAX_SEEN + 3);
		expect(seen.size).toBe(MAX_SEEN);
		expect([2, 3].map((i) => isRepeat(seen, job(i)))).toEqual([false, true]);
	});

	it('digestOf returns a short digest, however long the ID is', () => {
		expect(digestOf({ jobid: 'x'.repeat(256), status: 'completed' })).toHaveLength(22);
	});
});
