import {
	type Measurement,
	ratioOf,
	withRatioAtLeast,
	withRatioAtMost,
	withValueAtMost,
} from '../../bench/report/measurement.cts';

const upload: Measurement = {
	section: 'upload',
	what: 'Upload time, one image of 1 MB',
	unit: 'ms',
	ours: { name: 'Pika', values: [20, 10, 30] },
	theirs: { name: 'HTTP Request', values: [20, 20, 20] },
};
const alone: Measurement = { ...upload, theirs: undefined };

describe('ratioOf', () => {
	it('The ratio summarizes the ratios of all repetitions.', () => {
		expect(ratioOf(upload)).toEqual({ median: 1, least: 0.5, most: 1.5 });
	});

	it.each<[string, Measurement]>([
		['where nothing is compared', alone],
		['where it would divide by nothing', { ...upload, theirs: { name: 'x', values: [1, 0, 1] } }],
	])('There is no ratio %s.', (_, measurement) => {
		expect(ratioOf(measurement)).toBeUndefined();
	});
});

describe('a target', () => {
	it.each<[string, Measurement, boolean]>([
		['its ratio is at the limit', withRatioAtMost(upload, 1), true],
		['its ratio is below it', withRatioAtMost(upload, 1.1), true],
		['its ratio is at the least', withRatioAtLeast(upload, 1), true],
		['its value is at the limit', withValueAtMost(alone, 20), true],
	])('A target is met if %s.', (_, { target }, isMet) => {
		expect(target?.isMet).toBe(isMet);
	});

	it.each<[string, Measurement]>([
		['its ratio is above the limit', withRatioAtMost(upload, 0.99)],
		['its ratio is below the least', withRatioAtLeast(upload, 1.01)],
		['its value is above the limit', withValueAtMost(upload, 19)],
		['there is no ratio', withRatioAtMost(alone, 1)],
	])('A target is not met if %s.', (_, { target }) => {
		expect(target?.isMet).toBe(false);
	});

	it('The text of a target contains its limit.', () => {
		expect(withRatioAtMost(upload, 1.15).target?.text).toBe('ratio at most 1.15');
		expect(withValueAtMost(upload, 30).target?.text).toBe('at most 30 ms');
	});
});
