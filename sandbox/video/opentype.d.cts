/** What is used of opentype.js; the types of others want those of a browser, which then hold everywhere. */
declare module 'opentype.js' {
	export interface Glyph {
		advanceWidth?: number;
		getPath(x: number, y: number, size: number): { commands: PathCommand[] };
	}

	/** As in SVG; control points are there where the type has them. */
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
		/** 0 where the font lacks the character. */
		charToGlyphIndex(character: string): number;
	}

	export function parse(file: ArrayBuffer): Font;
}
