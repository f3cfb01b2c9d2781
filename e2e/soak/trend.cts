/** One measurement: when, in milliseconds since 1970, and how much. */
export interface Sample {
	at: number;
	value: number;
}

export interface Trend {
	samples: number;
	/** Medians of the quarters of the time that was measured. */
	quarters: [number, number, number, number];
	/** By least squares over all samples. */
	slopePerHour: number;
}

export interface Tolerance {
	/** Of the second quarter's median. */
	share: number;
	/** What counts as noise whatever the share. */
	atLeast: number;
}

const HOUR_MILLISECONDS = 3_600_000;
const FEWEST_PER_QUARTER = 3;

/** The middle value, or the mean of the two in the middle; NaN of none. */
export function median(values: readonly number[]): number {
	const sorted = [...values].sort((one, other) => one - other);
	const middle = Math.floor(sorted.length / 2);
	const upper = sorted[middle] ?? NaN;
	return sorted.length % 2 === 1 ? upper : ((sorted[middle - 1] ?? NaN) + upper) / 2;
}

/** How much the value grows in an hour, by least squares; NaN where all samples are of one moment. */
export function slopePerHour(samples: readonly Sample[]): number {
	const meanAt = mean(samples.map(({ at }) => at));
	const meanValue = mean(samples.map(({ value }) => value));
	const covariance = sum(samples.map(({ at, value }) => (at - meanAt) * (value - meanValue)));
	const variance = sum(samples.map(({ at }) => (at - meanAt) ** 2));
	return (covariance / variance) * HOUR_MILLISECONDS;
}

/** Undefined where a quarter of the time has too few samples for a median that means something. */
export function trendOf(samples: readonly Sample[]): Trend | undefined {
	const times = samples.map(({ at }) => at);
	const begin = Math.min(...times);
	const quarter = (Math.max(...times) - begin) / 4;
	const quarters = [0, 1, 2, 3].map((i) =>
		samples.filter(({ at }) => Math.min(3, Math.floor((at - begin) / quarter)) === i),
	);
	if (quarters.some(({ length }) => length < FEWEST_PER_QUARTER)) return undefined;
	const medians = quarters.map((some) => median(some.map(({ value }) => value)));
	const [first = NaN, second = NaN, third = NaN, last = NaN] = medians;
	return {
		samples: samples.length,
		quarters: [first, second, third, last],
		slopePerHour: slopePerHour(samples),
	};
}

/**
 * Whether the last quarter is no higher than the second, within the tolerance. The first one is left out: caches fill
 * and code is compiled in it. Medians, because a single full collection or a burst of uploads says nothing.
 */
export function isFlat({ quarters }: Trend, { share, atLeast }: Tolerance): boolean {
	const [, second, , last] = quarters;
	return last - second <= Math.max(second * share, atLeast);
}

function sum(values: readonly number[]): number {
	return values.reduce((total, value) => total + value, 0);
}

function mean(values: readonly number[]): number {
	return sum(values) / values.length;
}
