import { backgroundOf } from './background.cts';
import { randomFrom, type Random } from './random.cts';
import { CELL, type HiddenScene } from './scene.cts';

/** How much lighter or darker than the background the cells are. */
const CONTRAST = 56;
/** The share of its contrast that the background keeps, so that cells can be both lighter and darker. */
const SOFTENING = 0.4;
const MIDDLE = 126;

/**
 * The frames of a video in which only motion shows the shape, as YUV 4:2:0.
 * Every row of cells moves one cell per frame: to the right inside the shape, to the left outside. A cell that would
 * come from the other side of an edge is drawn afresh, so every frame, looked at alone, is a grid of independent
 * random cells with no edge in it.
 */
export function* hiddenFrames(scene: HiddenScene): Generator<Uint8Array> {
	const { width, height, frames, shape } = scene;
	const columns = width / CELL;
	const random = randomFrom(scene.seed);
	const { y, u, v } = backgroundOf(scene, width, height);
	const base = y.map((luma) => MIDDLE + (luma - MIDDLE) * SOFTENING);
	const frame = new Uint8Array((width * height * 3) / 2);
	frame.set(u, width * height);
	frame.set(v, width * height + u.length);
	let cells = Int8Array.from(shape, () => drawCell(random));
	for (let number = 0; number < frames; number += 1) {
		if (number > 0) cells = moved(cells, shape, columns, random);
		for (let row = 0, at = 0; row < height; row += 1) {
			const cellRow = Math.floor(row / CELL) * columns;
			for (let column = 0; column < width; column += 1, at += 1) {
				frame[at] = (base[at] ?? 0) + (cells[cellRow + Math.floor(column / CELL)] ?? 0);
			}
		}
		yield frame;
	}
}

function moved(
	cells: Int8Array,
	shape: Uint8Array,
	columns: number,
	random: Random,
): Int8Array<ArrayBuffer> {
	return Int8Array.from(cells, (_cell, at) => {
		const isInside = shape[at];
		const from = isInside ? at - 1 : at + 1;
		const isSameRow = Math.floor(from / columns) === Math.floor(at / columns);
		return isSameRow && shape[from] === isInside ? (cells[from] ?? 0) : drawCell(random);
	});
}

function drawCell(random: Random): number {
	return Math.round((2 * random.next() - 1) * CONTRAST);
}
