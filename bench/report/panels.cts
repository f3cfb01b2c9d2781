import type { Measurement } from './measurement.cts';
import { summarize } from './statistics.cts';

/** One small chart: some contenders of one quantity. */
export interface Panel {
	title: string;
	/** In the measurement's unit. */
	bars: Array<{ name: string; value: number; isOurs: boolean }>;
	unit: string;
	isMoreBetter: boolean;
}

/** Measurements of the same quantity in one panel, each contender once. */
export function panelOf(title: string, measurements: readonly Measurement[]): Panel | undefined {
	const [first] = measurements;
	if (!first) return undefined;
	const { unit } = first;
	const all = measurements.flatMap((each) => [each.ours, ...(each.theirs ? [each.theirs] : [])]);
	const own = new Set(measurements.map(({ ours: { name } }) => name));
	const byName = new Map(all.map((each) => [each.name, each]));
	return {
		title,
		unit,
		isMoreBetter: unit === 'per second',
		bars: [...byName.values()].map((each) => ({
			name: each.name,
			value: summarize(each.values).median,
			isOurs: own.has(each.name),
		})),
	};
}
