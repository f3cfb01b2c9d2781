import { randomFrom } from './random.cts';
import type { Pixels, Scene } from './scene.cts';

/** The planes of a YUV 4:2:0 picture: full-size luma and half-size chroma. */
export interface Yuv {
	width: number;
	height: number;
	y: Uint8Array;
	u: Uint8Array;
	v: Uint8Array;
}

type Rgb = readonly [red: number, green: number, blue: number];

const GRID_WIDTH = 7;
const GRID_HEIGHT = 5;

/** The scene's background, stretched to this size. */
export function backgroundOf(scene: Scene, width: number, height: number): Yuv {
	return toYuv(scene.background ?? texture(scene.textureSeed), width, height);
}

/** A coarse grid of three related colours. Stretched over a frame, it is a soft texture. */
function texture(seed: string): Pixels {
	const random = randomFrom(seed);
	const hue = random.next();
	const palette = [hue, hue + 0.12, hue + 0.45].map((each) =>
		rgbOfHue(each % 1, 0.35 + 0.5 * random.next()),
	);
	const data = new Uint8Array(GRID_WIDTH * GRID_HEIGHT * 3);
	for (let at = 0; at < data.length; at += 3) {
		const colour = palette[Math.floor(random.next() * palette.length)] ?? [128, 128, 128];
		const light = 0.6 + 0.4 * random.next();
		data.set(
			colour.map((channel) => Math.round(channel * light)),
			at,
		);
	}
	return { width: GRID_WIDTH, height: GRID_HEIGHT, data };
}

function rgbOfHue(hue: number, saturation: number): Rgb {
	const channel = (offset: number) => {
		const distance = Math.abs(((((hue + offset) % 1) + 1) % 1) * 6 - 3) - 1;
		return 255 * (1 - saturation + saturation * Math.min(1, Math.max(0, distance)));
	};
	return [channel(0), channel(2 / 3), channel(1 / 3)];
}

/** Stretches with bilinear interpolation and converts with BT.601's limited range. */
function toYuv(pixels: Pixels, width: number, height: number): Yuv {
	const y = new Uint8Array(width * height);
	const u = new Uint8Array((width * height) / 4);
	const v = new Uint8Array((width * height) / 4);
	for (let row = 0; row < height; row += 1) {
		for (let column = 0; column < width; column += 1) {
			const [red, green, blue] = colourAt(pixels, column / (width - 1), row / (height - 1));
			y[row * width + column] = 16 + 0.257 * red + 0.504 * green + 0.098 * blue;
			if (row % 2 === 1 || column % 2 === 1) continue;
			const at = ((row / 2) * width) / 2 + column / 2;
			u[at] = 128 - 0.148 * red - 0.291 * green + 0.439 * blue;
			v[at] = 128 + 0.439 * red - 0.368 * green - 0.071 * blue;
		}
	}
	return { width, height, y, u, v };
}

function colourAt({ width, height, data }: Pixels, x: number, y: number): Rgb {
	const left = Math.min(Math.floor(x * (width - 1)), Math.max(0, width - 2));
	const top = Math.min(Math.floor(y * (height - 1)), Math.max(0, height - 2));
	const across = x * (width - 1) - left;
	const down = y * (height - 1) - top;
	const channel = (index: number) => {
		const at = (row: number, column: number) =>
			data[(Math.min(row, height - 1) * width + Math.min(column, width - 1)) * 3 + index] ?? 0;
		const upper = at(top, left) * (1 - across) + at(top, left + 1) * across;
		const lower = at(top + 1, left) * (1 - across) + at(top + 1, left + 1) * across;
		return upper * (1 - down) + lower * down;
	};
	return [channel(0), channel(1), channel(2)];
}
