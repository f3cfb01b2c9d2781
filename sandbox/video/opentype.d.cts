/** What is used of opentype.js; the types of others want those of a browser, which then hold everywhere. */
declare module 'opentype.js' {
	export interface Glyph {
		advanceWidth?: number;
		getPath(x: number, y: number, size: number): { toPathData(decimals: number): string };
	}

	export interface Font {
		unitsPerEm: number;
		charToGlyph(character: string): Glyph;
		/** 0 where the font lacks the character. */
		charToGlyphIndex(character: string): number;
	}

	export function parse(file: ArrayBuffer): Font;
}
