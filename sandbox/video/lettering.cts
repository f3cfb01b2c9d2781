import { readFileSync } from 'node:fs';
import { type Font, parse, type PathCommand } from 'opentype.js';
import sharp from 'sharp';

interface Area {
	width: number;
	height: number;
}

interface Box extends Area {
	left: number;
	top: number;
}

export interface Placement {
	/** The size of the picture. */
	canvas: Area;
	/** The area of the text. */
	box: Box;
	maxLines: number;
	/** The maximum height of a line, in pixels. */
	maxHeight: number;
}

/** The files of Noto Sans. Characters that are in none of them are drawn as a box. */
const SUBSETS = [
	'latin',
	'latin-ext',
	'cyrillic',
	'cyrillic-ext',
	'greek',
	'greek-ext',
	'vietnamese',
	'devanagari',
];
const LINE_HEIGHT = 1.25;
const BASELINE = 0.95;

/** Draws a text as large as possible, in as many lines as that takes. Returns one byte of opacity per pixel. */
export async function drawText(text: string, placement: Placement): Promise<Uint8Array> {
	const { canvas, box, maxLines, maxHeight } = placement;
	const layouts = Array.from({ length: maxLines }, (_, count) => {
		const lines = wrap(text, count + 1);
		const widest = Math.max(...lines.map((line) => widthOf(line)), 0.1);
		const size = Math.min(box.width / widest, box.height / lines.length / LINE_HEIGHT);
		return { lines, size: Math.min(size, maxHeight) };
	});
	const { lines, size } = layouts.reduce((best, each) => (each.size > best.size ? each : best));
	const top = box.top + (box.height - lines.length * size * LINE_HEIGHT) / 2;
	const paths = lines.map((line, number) => {
		const left = box.left + (box.width - widthOf(line) * size) / 2;
		return pathOf(line, left, top + size * (number * LINE_HEIGHT + BASELINE), size);
	});
	const { width, height } = canvas;
	const svg = `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}"><rect width="100%" height="100%"/><path fill="#fff" d="${paths.join('')}"/></svg>`;
	return await sharp(Buffer.from(svg)).removeAlpha().extractChannel('red').raw().toBuffer();
}

/** Wraps a text into about `lines` lines of similar length, at spaces if it has any. */
function wrap(text: string, count: number): string[] {
	const longest = Math.ceil(Array.from(text).length / count);
	const lines: string[] = [];
	for (const word of text.split(/\s+/).filter(Boolean)) {
		const last = lines.at(-1);
		if (last !== undefined && Array.from(`${last} ${word}`).length <= longest + 1) {
			lines[lines.length - 1] = `${last} ${word}`;
			continue;
		}
		const letters = Array.from(word);
		while (letters.length > 0) lines.push(letters.splice(0, Math.max(1, longest)).join(''));
	}
	return lines.length === 0 ? [''] : lines;
}

/** For a font size of 1. */
function widthOf(line: string): number {
	return Array.from(line).reduce((sum, character) => sum + advanceOf(character), 0);
}

function advanceOf(character: string): number {
	const font = fontFor(character);
	return (font.charToGlyph(character).advanceWidth ?? font.unitsPerEm) / font.unitsPerEm;
}

function pathOf(line: string, left: number, baseline: number, size: number): string {
	let x = left;
	return Array.from(line, (character) => {
		const path = fontFor(character).charToGlyph(character).getPath(x, baseline, size);
		x += advanceOf(character) * size;
		return path.commands.map(writeCommand).join('');
	}).join('');
}

/** The library's own serialization turns some numbers into NaN. */
function writeCommand({ type, x1, y1, x2, y2, x, y }: PathCommand): string {
	const numbers = [x1, y1, x2, y2, x, y].filter((number) => number !== undefined);
	return type + numbers.map((number) => number.toFixed(2)).join(' ');
}

const fonts = new Map<string, Font>();

function fontFor(character: string): Font {
	const subset = SUBSETS.find((each) => fontOf(each).charToGlyphIndex(character) > 0);
	return fontOf(subset ?? 'latin');
}

function fontOf(subset: string): Font {
	const known = fonts.get(subset);
	if (known) return known;
	const name = `@fontsource/noto-sans/files/noto-sans-${subset}-700-normal.woff`;
	const font = parse(new Uint8Array(readFileSync(require.resolve(name))).buffer);
	fonts.set(subset, font);
	return font;
}
