import { inTurns, median, ratios, summarize } from '../../bench/report/statistics.cts';

describe('median', () => {
	it.each<[string, number[], number]>([
		['one value', [7], 7],
		['an odd number of values, in any order', [9, 1, 5], 5],
		['an even number of values, as the mean of the two in the middle', [4, 1, 3, 2], 2.5],
		['values of which one lies far off', [1, 1, 1000], 1],
		['negative values', [-3, -1, -2], -2],
	])('is the middle of %s', (_, values, middle) => {
		expect(median(values)).toBe(middle);
	});

	it('is an error where there is no value', () => {
		expect(() => median([])).toThrow('no median');
	});

	it('leaves its values in their order', () => {
		const values = [3, 1, 2];
		median(values);
		expect(values).toEqual([3, 1, 2]);
	});
});

describe('summarize', () => {
	it('gives the median between the least and the most', () => {
		expect(summarize([5, 1, 3])).toEqual({ median: 3, least: 1, most: 5 });
	});
});

describe('ratios', () => {
	it('pair the values of the same repetition, so that a drift of both cancels out', () => {
		expect(ratios([10, 20, 40], [5, 10, 20])).toEqual([2, 2, 2]);
	});

	it('are an error where a repetition is missing', () => {
		expect(() => ratios([1, 2, 3], [1, 2])).toThrow('3 and 2 values cannot be paired');
	});
});

describe('inTurns', () => {
	it.each<[number, string[]]>([
		[0, ['a', 'b', 'c']],
		[1, ['b', 'c', 'a']],
		[2, ['c', 'a', 'b']],
		[3, ['a', 'b', 'c']],
	])('begins with another contender in repetition %i', (repetition, order) => {
		expect(inTurns(['a', 'b', 'c'], repetition)).toEqual(order);
	});
});
