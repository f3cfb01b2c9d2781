import { inTurns, median, ratios, summarize } from '../../bench/report/statistics.cts';

describe('median', () => {
	it.each<[string, number[], number]>([
		['one value', [7], 7],
		['an odd number of values, in any order', [9, 1, 5], 5],
		['an even number of values, as the mean of the two in the middle', [4, 1, 3, 2], 2.5],
		['values of which one lies far off', [1, 1, 1000], 1],
		['negative values', [-3, -1, -2], -2],
	])('The median is the middle of %s.', (_, values, middle) => {
		expect(median(values)).toBe(middle);
	});

	it('The median of no values is an error.', () => {
		expect(() => median([])).toThrow('no median');
	});

	it('Calculating a median keeps the order of the values.', () => {
		const values = [3, 1, 2];
		median(values);
		expect(values).toEqual([3, 1, 2]);
	});
});

describe('summarize', () => {
	it('A summary contains the minimum, the median and the maximum.', () => {
		expect(summarize([5, 1, 3])).toEqual({ median: 3, least: 1, most: 5 });
	});
});

describe('ratios', () => {
	it('Ratios pair the values of a repetition, so that a common drift cancels out.', () => {
		expect(ratios([10, 20, 40], [5, 10, 20])).toEqual([2, 2, 2]);
	});

	it('Ratios with a missing repetition are an error.', () => {
		expect(() => ratios([1, 2, 3], [1, 2])).toThrow('3 and 2 values cannot be paired');
	});
});

describe('inTurns', () => {
	it.each<[number, string[]]>([
		[0, ['a', 'b', 'c']],
		[1, ['b', 'c', 'a']],
		[2, ['c', 'a', 'b']],
		[3, ['a', 'b', 'c']],
	])('The order of the contenders changes in repetition %i.', (repetition, order) => {
		expect(inTurns(['a', 'b', 'c'], repetition)).toEqual(order);
	});
});
