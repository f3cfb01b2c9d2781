/** The side of a cell in pixels, which sets the grain of the texture and the resolution of a hidden shape. */
export const CELL = 2;

/** RGB, three bytes per pixel, row by row. */
export interface Pixels {
	width: number;
	height: number;
	data: Uint8Array;
}

interface SceneBase {
	width: number;
	height: number;
	frames: number;
	/** The seed of all random numbers, so that the same scene gives the same bytes. */
	seed: string;
	/** The colours of the background, stretched over the frame. Without it, `textureSeed` gives a texture. */
	background?: Pixels;
	textureSeed: string;
}

/** A shape that is visible only in motion. */
export interface HiddenScene extends SceneBase {
	kind: 'hidden';
	/** One byte per cell, row by row: 1 inside the shape. */
	shape: Uint8Array;
}

/** A picture and a text that are visible and move. */
export interface VisibleScene extends SceneBase {
	kind: 'open';
	/** Opacity of the text, one byte per pixel of a frame. */
	lettering?: Uint8Array;
}

/** Everything that a video is drawn from, as plain data for a worker thread. */
export type Scene = HiddenScene | VisibleScene;
