import { ratios, summarize, type Summary } from './statistics.cts';

export type Unit = 'ms' | 's' | 'MB' | 'kB' | 'per second' | 'calls' | 'executions' | 'files';

/** The values of one contender, one for each repetition. */
export interface Contender {
	name: string;
	values: number[];
}

export interface Target {
	/** In words, for example "at most 1.2". */
	text: string;
	isMet: boolean;
}

/** One quantity, measured on the package and on what it is compared with, in the same repetitions. */
export interface Measurement {
	section: string;
	what: string;
	unit: Unit;
	ours: Contender;
	theirs?: Contender;
	target?: Target;
}

/** Ours over theirs, repetition by repetition; undefined where there is nothing to compare with or nothing to divide by. */
export function ratioOf({ ours, theirs }: Measurement): Summary | undefined {
	if (!theirs || theirs.values.some((value) => value <= 0)) return undefined;
	return summarize(ratios(ours.values, theirs.values));
}

/** The same measurement with a target for the median of its ratio, beside the one that it has. */
export function withRatioAtMost(measurement: Measurement, most: number): Measurement {
	const ratio = ratioOf(measurement);
	const isMet = ratio !== undefined && ratio.median <= most;
	const { target: other } = measurement;
	const texts = [other?.text, `ratio at most ${most}`].filter(Boolean);
	return {
		...measurement,
		target: { text: texts.join(', '), isMet: isMet && other?.isMet !== false },
	};
}

/** The same measurement with a target for the median of its ratio, of which more is better. */
export function withRatioAtLeast(measurement: Measurement, least: number): Measurement {
	const ratio = ratioOf(measurement);
	return {
		...measurement,
		target: {
			text: `ratio at least ${least}`,
			isMet: ratio !== undefined && ratio.median >= least,
		},
	};
}

/** The same measurement with a target for the package's own median. */
export function withValueAtMost(measurement: Measurement, most: number): Measurement {
	const { median } = summarize(measurement.ours.values);
	return {
		...measurement,
		target: { text: `at most ${most} ${measurement.unit}`, isMet: median <= most },
	};
}
