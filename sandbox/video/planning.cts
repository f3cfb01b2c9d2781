import { createHash } from 'node:crypto';
import { Picture } from './decoding.cts';
import { MAX_PICTURE_BYTES, UnusablePicture } from './limits.cts';
import { drawText } from './lettering.cts';
import { seedOf } from './random.cts';
import { CELL, type Scene } from './scene.cts';

/** The parts of a submission that its video is made from. */
export interface VideoInputs {
	/** The endpoint's name. */
	endpoint: string;
	prompt: string;
	/** The text to hide; only for encrypt_text. */
	text: string;
	font: string;
	/** Uploaded files by field name; undefined if a file was too large to keep. */
	files: Record<string, Buffer | undefined>;
}

export interface VideoSize {
	width: number;
	frames: number;
}

export interface Thumbnails {
	message?: Buffer;
	image?: Buffer;
}

const ASPECT = 3 / 5;
/** The colours of a hidden video are blurred: one colour for this many pixels. */
const SOFTNESS = 4;
const MAX_HIDDEN_LINES = 4;
const MAX_VISIBLE_LINES = 3;
const MAX_VISIBLE_CHARACTERS = 90;

/** Decodes the pictures and lays out the video. Throws UnusablePicture. */
export async function plan(
	inputs: VideoInputs,
	{ width, frames }: VideoSize,
): Promise<{ scene: Scene; thumbnails: Thumbnails }> {
	const { endpoint, prompt, text, font, files } = inputs;
	const height = width * ASPECT;
	const pictures = {
		message: await pictureIn(files, 'message'),
		image: await pictureIn(files, 'image'),
	};
	const hashes = Object.entries(files).map(([name, bytes]) => `${name} ${sha256(bytes)}`);
	const base = {
		width,
		height,
		frames,
		seed: seedOf(endpoint, prompt, text, font, ...hashes.sort()),
		textureSeed: prompt,
	};
	const thumbnails: Thumbnails = {};
	if (pictures.message) thumbnails.message = await pictures.message.thumbnail();
	if (pictures.image) thumbnails.image = await pictures.image.thumbnail();

	const grid = { columns: width / CELL, rows: height / CELL };
	const shape = (await pictures.message?.shape(grid)) ?? (await textShape(text, grid));
	const detail = shape ? SOFTNESS : 2;
	const background = await pictures.image?.colours(width / detail, height / detail);
	const colours = background ? { background } : {};
	if (shape) return { scene: { kind: 'hidden', ...base, ...colours, shape }, thumbnails };
	const lettering = await caption(prompt, width, height);
	return {
		scene: { kind: 'open', ...base, ...colours, ...(lettering ? { lettering } : {}) },
		thumbnails,
	};
}

async function pictureIn(
	files: VideoInputs['files'],
	name: 'message' | 'image',
): Promise<Picture | undefined> {
	if (!(name in files)) return undefined;
	const bytes = files[name];
	try {
		if (!bytes) throw new UnusablePicture(`It has more than ${MAX_PICTURE_BYTES} bytes`);
		return await Picture.decode(bytes);
	} catch (error) {
		if (!(error instanceof UnusablePicture)) throw error;
		const which = name === 'message' ? 'message image' : 'reference image';
		throw new UnusablePicture(`The sandbox cannot use the ${which}: ${error.message}`);
	}
}

async function textShape(
	text: string,
	{ columns, rows }: { columns: number; rows: number },
): Promise<Uint8Array | undefined> {
	if (text.trim() === '') return undefined;
	const margin = Math.round(rows / 12);
	const opacity = await drawText(text, {
		canvas: { width: columns, height: rows },
		box: { left: margin, top: margin, width: columns - 2 * margin, height: rows - 2 * margin },
		maxLines: MAX_HIDDEN_LINES,
		maxHeight: rows,
	});
	return opacity.map((value) => (value < 128 ? 0 : 1));
}

/** The prompt in the lower third. */
async function caption(
	prompt: string,
	width: number,
	height: number,
): Promise<Uint8Array | undefined> {
	if (prompt.trim() === '') return undefined;
	const letters = Array.from(prompt.trim());
	const isCut = letters.length > MAX_VISIBLE_CHARACTERS;
	return await drawText(isCut ? `${letters.slice(0, MAX_VISIBLE_CHARACTERS).join('')}…` : prompt, {
		canvas: { width, height },
		box: { left: width / 20, top: height * 0.6, width: width * 0.9, height: height * 0.35 },
		maxLines: MAX_VISIBLE_LINES,
		maxHeight: height / 6,
	});
}

function sha256(bytes: Buffer = Buffer.alloc(0)): string {
	return createHash('sha256').update(bytes).digest('hex');
}
