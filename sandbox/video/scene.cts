/** Pixels along one side of a cell: the grain of the moving texture, and the resolution of a hidden shape. */
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
	/** Decides everything random in the video: the same scene gives the same bytes. */
	seed: string;
	/** Colours of the background, stretched over the frame; without it, a texture drawn from `textureSeed`. */
	background?: Pixels;
	textureSeed: string;
}

/** A shape that only motion shows. */
export interface HiddenScene extends SceneBase {
	kind: 'hidden';
	/** One byte per cell, row by row: 1 inside the shape. */
	shape: Uint8Array;
}

/** A picture and a text for all to see, in motion. */
export interface OpenScene extends SceneBase {
	kind: 'open';
	/** Opacity of the text, one byte per pixel of a frame. */
	lettering?: Uint8Array;
}

/** All that a video is drawn from: plain data, so that a worker thread can be handed it. */
export type Scene = HiddenScene | OpenScene;
