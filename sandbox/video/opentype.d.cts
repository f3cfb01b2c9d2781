/** The parts of opentype.js in use. Its published types would add the browser's types to the whole project. */
declare module 'opentype.js' {
	export interface Glyph {
		advanceWidth?: number;
		getPath(x: number, y: number, size: number): { commands: PathCommand[] };
	}

	/** As in SVG. Control points are present if the type has them. */
	export interface PathCommand {
		type: 'M' | 'L' | 'C' | 'Q' | 'Z';
		x1?: number;
		y1?: number;
		x2?: number;
		y2?: number;
		x?: number;
		y?: number;
	}

	export interface Font {
		unitsPerEm: number;
		charToGlyph(character: string): Glyph;
		/** 0 if the font does not contain the character. */
		charToGlyphIndex(character: string): number;
	}

	export function parse(file: ArrayBuffer): Font;
}
