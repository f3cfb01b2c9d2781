/** The middle of the values, or of an even number of them the mean of the two in the middle. */
export function median(values: readonly number[]): number {
	if (values.length === 0) throw new Error('There is no median of nothing.');
	const sorted = [...values].sort((one, other) => one - other);
	const middle = sorted.length / 2;
	const below = sorted[Math.ceil(middle) - 1] ?? NaN;
	const above = sorted[Math.floor(middle)] ?? NaN;
	return (below + above) / 2;
}

export interface Summary {
	median: number;
	least: number;
	most: number;
}

/** The median, and how far the values lie apart. */
export function summarize(values: readonly number[]): Summary {
	return { median: median(values), least: Math.min(...values), most: Math.max(...values) };
}

/** Each value over the other of the same repetition, so that what drifts from one repetition to the next cancels out. */
export function ratios(ours: readonly number[], theirs: readonly number[]): number[] {
	if (ours.length !== theirs.length) {
		throw new Error(`${ours.length} and ${theirs.length} values cannot be paired.`);
	}
	return ours.map((value, i) => value / (theirs[i] ?? NaN));
}

/** The same contenders in another order with each repetition, so that none is always first. */
export function inTurns<T>(contenders: readonly T[], repetition: number): T[] {
	const first = repetition % contenders.length;
	return [...contenders.slice(first), ...contenders.slice(0, first)];
}
