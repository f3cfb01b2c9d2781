import type { Film } from './frames.cts';

/** A value per square block of a frame, row by row. */
export interface Map2d {
	columns: number;
	rows: number;
	values: Float64Array;
}

const LONGEST_SHIFT = 4;
/** More frames give no more information. */
const COMPARED_FRAMES = 16;

/** The direction of each block: 1 right, -1 left, by the shift that best matches the next frame. */
export function motionOf({ width, height, frames }: Film, block = 4): Map2d {
	const columns = width / block;
	const rows = height / block;
	const shifts = 2 * LONGEST_SHIFT + 1;
	const costs = new Float64Array(columns * rows * shifts);
	for (let number = 1; number < Math.min(frames.length, COMPARED_FRAMES); number += 1) {
		const before = frames[number - 1] ?? [];
		const frame = frames[number] ?? [];
		for (let at = LONGEST_SHIFT; at < width * height - LONGEST_SHIFT; at += 1) {
			const column = Math.floor((at % width) / block);
			const row = Math.floor(at / width / block);
			for (let shift = 0; shift < shifts; shift += 1) {
				const difference = (frame[at] ?? 0) - (before[at + LONGEST_SHIFT - shift] ?? 0);
				const cost = (row * columns + column) * shifts + shift;
				costs[cost] = (costs[cost] ?? 0) + difference ** 2;
			}
		}
	}
	const values = Float64Array.from({ length: columns * rows }, (_, cell) => {
		const own = costs.subarray(cell * shifts, (cell + 1) * shifts);
		return Math.sign(own.indexOf(Math.min(...own)) - LONGEST_SHIFT);
	});
	return { columns, rows, values };
}

/** One measure of the pixels of every block of one frame. */
export function blocksOf(
	{ width, height }: Pick<Film, 'width' | 'height'>,
	frame: Uint8Array,
	measure: (pixels: number[]) => number,
	block = 4,
): Map2d {
	const columns = width / block;
	const rows = height / block;
	const values = Float64Array.from({ length: columns * rows }, (_, cell) => {
		const left = (cell % columns) * block;
		const top = Math.floor(cell / columns) * block;
		const pixels = Array.from({ length: block * block }, (_, pixel) => {
			const x = left + (pixel % block);
			const y = top + Math.floor(pixel / block);
			return frame[y * width + x] ?? 0;
		});
		return measure(pixels);
	});
	return { columns, rows, values };
}

export function mean(values: ArrayLike<number>): number {
	return Array.from(values).reduce((sum, value) => sum + value, 0) / values.length;
}

export function variance(values: ArrayLike<number>): number {
	const middle = mean(values);
	return mean(Array.from(values, (value) => (value - middle) ** 2));
}

/** Pearson's correlation, 0 if one of the two does not vary. */
export function correlation(one: ArrayLike<number>, other: ArrayLike<number>): number {
	const [oneMean, otherMean] = [mean(one), mean(other)];
	const products = Array.from(
		one,
		(value, at) => (value - oneMean) * ((other[at] ?? 0) - otherMean),
	);
	const scale = Math.sqrt(variance(one) * variance(other));
	return scale === 0 ? 0 : mean(products) / scale;
}
