import { byPlace } from '../../bench/report/places.cts';

const profiled = (name: string, places: Record<string, number>) => ({
	name,
	milliseconds: new Map(Object.entries(places)),
});

describe('byPlace', () => {
	it('The first row is the total, followed by the places with the largest difference.', () => {
		const ours = profiled('ours', { 'Node itself': 5, 'form-data': 2, '(garbage collector)': 9 });
		const theirs = profiled('theirs', { 'Node itself': 4, express: 3 });
		expect(
			byPlace('upload profile', 'CPU', ours, theirs).map(({ what, ours: mine, theirs: other }) => [
				what,
				...mine.values,
				...(other?.values ?? []),
			]),
		).toEqual([
			['CPU, in all', 16, 7],
			['CPU, (garbage collector)', 9, 0],
			['CPU, form-data', 2, 0],
			['CPU, Node itself', 5, 4],
		]);
	});

	it('At most eight places are shown.', () => {
		const places = Object.fromEntries(Array.from({ length: 12 }, (_, i) => [`place ${i}`, i]));
		const rows = byPlace('upload profile', 'CPU', profiled('ours', places), profiled('theirs', {}));
		expect(rows).toHaveLength(9);
		expect(rows[1]?.what).toBe('CPU, place 11');
	});
});
