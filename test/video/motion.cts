import type { Film } from './frames.cts';

/** A value per square block of a frame, row by row. */
export interface Map2d {
	columns: number;
	rows: number;
	values: Float64Array;
}

const LONGEST_SHIFT = 4;

/** Where each block moves to, in pixels to the right per frame: the shift at which it is most like the next frame. */
export function motionOf({ width, height, frames }: Film, block = 4): Map2d {
	const columns = width / block;
	const rows = height / block;
	const differences = shifts().map(() => new Float64Array(columns * rows));
	for (const [number, frame] of frames.slice(1).entries()) {
		const before = frames[number] ?? frame;
		for (let y = 0; y < height; y += 1) {
			for (let x = LONGEST_SHIFT; x < width - LONGEST_SHIFT; x += 1) {
				const at = y * width + x;
				const cell = Math.floor(y / block) * columns + Math.floor(x / block);
				for (const [index, difference] of differences.entries()) {
					const was = before[at - (index - LONGEST_SHIFT)] ?? 0;
					difference[cell] = (difference[cell] ?? 0) + ((frame[at] ?? 0) - was) ** 2;
				}
			}
		}
	}
	const values = Float64Array.from({ length: columns * rows }, (_, cell) => {
		const costs = differences.map((difference) => difference[cell] ?? 0);
		return costs.indexOf(Math.min(...costs)) - LONGEST_SHIFT;
	});
	return { columns, rows, values };
}

function shifts(): number[] {
	return Array.from({ length: 2 * LONGEST_SHIFT + 1 }, (_, index) => index - LONGEST_SHIFT);
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

/** Pearson's correlation, 0 where one of the two does not vary. */
export function correlation(one: ArrayLike<number>, other: ArrayLike<number>): number {
	const [oneMean, otherMean] = [mean(one), mean(other)];
	const products = Array.from(
		one,
		(value, at) => (value - oneMean) * ((other[at] ?? 0) - otherMean),
	);
	const scale = Math.sqrt(variance(one) * variance(other));
	return scale === 0 ? 0 : mean(products) / scale;
}
