import sharp from 'sharp';
import { randomFrom } from '../../sandbox/video/random.cts';
import type { Map2d } from './motion.cts';

/** A pattern of dark squares, ten by six, that no border could be cut from. */
export type Pattern = readonly (readonly boolean[])[];

export type PatternFormat = 'png' | 'jpeg' | 'webp' | 'gif';

const COLUMNS = 10;
const ROWS = 6;
const SQUARE = 32;
const DENSITY = 0.45;
/** Less than half: what the border has more of counts as the background. */
const BORDER_DENSITY = 0.15;
/** The part of a frame on each side of a hidden picture. */
const MARGIN = 0.06;

/** Another pattern for every seed. */
export function patternOf(seed: string): Pattern {
	const random = randomFrom(seed);
	const rows = Array.from({ length: ROWS }, (_row, y) =>
		Array.from({ length: COLUMNS }, (_square, x) => {
			const isBorder = x === 0 || y === 0 || x === COLUMNS - 1 || y === ROWS - 1;
			return random.next() < (isBorder ? BORDER_DENSITY : DENSITY);
		}),
	);
	// One dark square on each side, and a light corner, which determines the color of a border.
	const dark = [
		[0, 4],
		[ROWS - 1, 6],
		[2, 0],
		[3, COLUMNS - 1],
	];
	return rows.map((row, y) =>
		row.map((isDark, x) =>
			x + y === 0 ? false : isDark || dark.some(([b, a]) => a === x && b === y),
		),
	);
}

/** The pattern as a picture: dark on light or, with an alpha channel, dark on transparent. */
export async function pictureOf(
	pattern: Pattern,
	format: PatternFormat = 'png',
	background: 'white' | 'transparent' = 'white',
): Promise<Blob> {
	const alpha = background === 'white' ? 1 : 0;
	const squares = pattern.flatMap((row, y) =>
		row.flatMap((isDark, x) => {
			const square = { width: SQUARE, height: SQUARE, channels: 4 as const };
			const input = { create: { ...square, background: '#123' } };
			return isDark ? [{ input, left: x * SQUARE, top: y * SQUARE }] : [];
		}),
	);
	const bytes = await sharp({
		create: {
			width: COLUMNS * SQUARE,
			height: ROWS * SQUARE,
			channels: 4,
			background: { r: 255, g: 255, b: 255, alpha },
		},
	})
		.composite(squares)
		.toFormat(format)
		.toBuffer();
	return new Blob([new Uint8Array(bytes)], { type: `image/${format}` });
}

/** The pattern as it appears in a frame: 1 in dark squares. */
export function layOut(
	pattern: Pattern,
	{ columns, rows }: Pick<Map2d, 'columns' | 'rows'>,
): Float64Array {
	const within = (place: number, places: number, squares: number) =>
		Math.floor((((place + 0.5) / places - MARGIN) / (1 - 2 * MARGIN)) * squares);
	return Float64Array.from({ length: columns * rows }, (_, at) => {
		const x = within(at % columns, columns, COLUMNS);
		const y = within(Math.floor(at / columns), rows, ROWS);
		return pattern[y]?.[x] ? 1 : 0;
	});
}

/** 1 if the neighbor to the right or below differs. */
export function edgesOf(map: Float64Array, { columns }: Pick<Map2d, 'columns'>): Float64Array {
	return map.map((value, at) =>
		[at + 1, at + columns].some((other) => (map[other] ?? value) !== value) ? 1 : 0,
	);
}
