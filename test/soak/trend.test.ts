import { isFlat, median, slopePerHour, type Sample, trendOf } from '../../e2e/soak/trend.cts';

const MINUTE = 60_000;

function everyMinute(values: number[]): Sample[] {
	return values.map((value, i) => ({ at: i * MINUTE, value }));
}

function repeated(values: number[]): Sample[] {
	return everyMinute(values.flatMap((value) => [value, value, value]));
}

describe('median', () => {
	it.each([
		['an odd number of values, in any order', [9, 1, 5], 5],
		['an even number of values', [4, 1, 3, 2], 2.5],
		['a single value', [7], 7],
		['numbers that are not in the order of their digits', [10, 9, 100], 10],
		['no value', [], NaN],
	])('The median is the middle of %s.', (_, values, expected) => {
		expect(median(values)).toBe(expected);
	});
});

describe('slopePerHour', () => {
	it.each([
		['a steady growth by one a minute', [0, 1, 2, 3], 60],
		['no growth', [5, 5, 5], 0],
		['a fall by two a minute', [6, 4, 2], -120],
		['a growth with noise around it', [1, -1, 3, 1, 5, 3], 44.6],
	])('The slope is that of %s.', (_, values, expected) => {
		expect(slopePerHour(everyMinute(values))).toBeCloseTo(expected, 0);
	});
});

describe('trendOf', () => {
	it('A trend contains the medians of four equal parts of the time.', () => {
		const samples = everyMinute([1, 2, 3, 10, 20, 30, 100, 200, 300, 7, 7, 7]);
		expect(trendOf(samples)?.quarters).toEqual([2, 20, 200, 7]);
		expect(trendOf(samples)?.samples).toBe(12);
	});

	it('A trend divides the time, not the number of samples.', () => {
		const early = [0, 1, 2, 3, 4, 5, 6, 7].map((at) => ({ at, value: 1 }));
		const late = [25, 26, 27, 50, 51, 52, 98, 99, 100].map((at) => ({ at, value: at }));
		expect(trendOf([...early, ...late])?.quarters).toEqual([1, 26, 51, 99]);
	});

	it.each([
		['no sample', []],
		['two in each quarter', everyMinute([1, 1, 1, 1, 1, 1, 1, 1])],
		['samples of one moment', Array.from({ length: 20 }, () => ({ at: 5, value: 1 }))],
	])('There is no trend for %s.', (_, samples) => {
		expect(trendOf(samples)).toBeUndefined();
	});
});

describe('isFlat', () => {
	const tolerance = { share: 0.1, atLeast: 4 };

	it.each([
		['stays', [100, 100, 100, 100], true],
		['grows in the first quarter alone', [50, 100, 100, 100], true],
		['falls', [100, 100, 90, 80], true],
		['has one high quarter between', [100, 100, 180, 100], true],
		['grows by just the share that is allowed', [100, 100, 105, 110], true],
		['grows by more than that', [100, 100, 106, 111], false],
		['grows by more than the share, and no more than counts as noise', [10, 10, 12, 14], true],
		['grows by more than both', [10, 10, 12, 15], false],
	])('The check recognizes memory that %s.', (_, quarters, expected) => {
		const trend = trendOf(repeated(quarters));
		expect(trend?.quarters).toEqual(quarters);
		expect(trend && isFlat(trend, tolerance)).toBe(expected);
	});
});
