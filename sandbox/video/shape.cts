/** RGBA, four bytes per pixel, row by row. */
export interface Image {
	width: number;
	height: number;
	data: Uint8Array;
}

export interface Grid {
	columns: number;
	rows: number;
}

const LEVELS = 256;
/** If the lightness of a picture varies by less, the picture has no shape. */
const MIN_CONTRAST = 12;

/**
 * The shape in a picture, as one byte per cell of a grid with the picture in its middle: 1 inside the shape.
 * The shape is the part, dark or light, that the picture's border has less of; of a picture in one colour it is the whole.
 */
export function shapeOf(image: Image, { columns, rows }: Grid): Uint8Array {
	const { width, height } = image;
	const lightness = lightnessOf(image);
	const threshold = otsuThreshold(lightness);
	const isLight = Array.from(lightness, (value) => threshold !== undefined && value > threshold);
	const border = isLight.filter((_, at) => {
		const [x, y] = [at % width, Math.floor(at / width)];
		return x === 0 || y === 0 || x === width - 1 || y === height - 1;
	});
	const isLightOutside = border.filter(Boolean).length * 2 > border.length;
	const left = Math.floor((columns - width) / 2);
	const top = Math.floor((rows - height) / 2);
	const shape = new Uint8Array(columns * rows);
	for (const [at, light] of isLight.entries()) {
		if (threshold !== undefined && light === isLightOutside) continue;
		shape[(top + Math.floor(at / width)) * columns + left + (at % width)] = 1;
	}
	return shape;
}

/** Transparent parts count as white or black, whichever contrasts more with the rest. */
function lightnessOf({ data }: Image): Uint8Array {
	const pixels = Array.from({ length: data.length / 4 }, (_, at) => {
		const [red = 0, green = 0, blue = 0, alpha = 0] = data.subarray(at * 4, at * 4 + 4);
		return { lightness: 0.299 * red + 0.587 * green + 0.114 * blue, opacity: alpha / 255 };
	});
	const opacity = pixels.reduce((sum, pixel) => sum + pixel.opacity, 0);
	const light = pixels.reduce((sum, pixel) => sum + pixel.lightness * pixel.opacity, 0);
	const behind = light > opacity * 128 ? 0 : 255;
	return Uint8Array.from(
		pixels,
		(pixel) => pixel.lightness * pixel.opacity + behind * (1 - pixel.opacity),
	);
}

/** The threshold between dark and light by Otsu's method; undefined if the contrast is too low. */
function otsuThreshold(lightness: Uint8Array): number | undefined {
	const histogram = new Array<number>(LEVELS).fill(0);
	let [darkest, lightest] = [LEVELS, 0];
	for (const value of lightness) {
		histogram[value] = (histogram[value] ?? 0) + 1;
		darkest = Math.min(darkest, value);
		lightest = Math.max(lightest, value);
	}
	if (lightest - darkest < MIN_CONTRAST) return undefined;
	const total = lightness.reduce((sum, value) => sum + value, 0);
	let [dark, darkSum, best, threshold] = [0, 0, -1, 0];
	for (const [level, count] of histogram.entries()) {
		dark += count;
		darkSum += level * count;
		const light = lightness.length - dark;
		if (dark === 0 || light === 0) continue;
		const between = dark * light * (darkSum / dark - (total - darkSum) / light) ** 2;
		if (between > best) [best, threshold] = [between, level];
	}
	return threshold;
}
