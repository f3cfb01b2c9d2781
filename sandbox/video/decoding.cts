import sharp from 'sharp';
import { MAX_DECODING_SECONDS, MAX_PICTURE_PIXELS, UnusablePicture } from './limits.cts';
import type { Pixels } from './scene.cts';
import { type Grid, type Image, shapeOf } from './shape.cts';

const FORMATS = ['png', 'jpeg', 'webp', 'gif'];
/** Everything is derived from a copy of this size, so that a large picture is decoded only once. */
const COPY = { width: 640, height: 640 };
const THUMBNAIL = { width: 160, height: 160 };
/** The space around a hidden shape. Without it, a picture that fills the frame would have no outline. */
const MARGIN = 0.06;

/** A decoded picture, scaled down. */
export class Picture {
	private constructor(private readonly image: Image) {}

	/** Decodes a PNG, JPEG, WebP or GIF (its first frame), the right way up. Throws UnusablePicture. */
	static async decode(bytes: Buffer): Promise<Picture> {
		try {
			const input = sharp(bytes, {
				limitInputPixels: MAX_PICTURE_PIXELS,
				failOn: 'error',
				sequentialRead: true,
			});
			const { format } = await input.metadata();
			if (!FORMATS.includes(format)) {
				throw new UnusablePicture(`It is ${format}, not PNG, JPEG, WebP or GIF`);
			}
			const { data, info } = await input
				.autoOrient()
				.resize({ ...COPY, fit: 'inside', withoutEnlargement: true })
				.toColourspace('srgb')
				.ensureAlpha()
				.timeout({ seconds: MAX_DECODING_SECONDS })
				.raw()
				.toBuffer({ resolveWithObject: true });
			return new Picture({ width: info.width, height: info.height, data });
		} catch (error) {
			if (error instanceof UnusablePicture) throw error;
			const reason = error instanceof Error ? error.message : String(error);
			throw new UnusablePicture(`It cannot be decoded (${reason})`, { cause: error });
		}
	}

	/** The shape of the picture, centered in a grid. */
	async shape(grid: Grid): Promise<Uint8Array> {
		const { data, info } = await this.copy(await this.trimmed())
			.resize({
				width: Math.round(grid.columns * (1 - 2 * MARGIN)),
				height: Math.round(grid.rows * (1 - 2 * MARGIN)),
				fit: 'inside',
			})
			.raw()
			.toBuffer({ resolveWithObject: true });
		return shapeOf({ width: info.width, height: info.height, data }, grid);
	}

	/** The colours of the picture, cropped to the given size. */
	async colours(width: number, height: number): Promise<Pixels> {
		const data = await this.copy()
			.flatten({ background: '#808080' })
			.resize({ width, height, fit: 'cover' })
			.removeAlpha()
			.raw()
			.toBuffer();
		return { width, height, data };
	}

	/** A small WebP for the page. */
	async thumbnail(): Promise<Buffer> {
		return await this.copy()
			.resize({ ...THUMBNAIL, fit: 'inside' })
			.webp()
			.toBuffer();
	}

	/** Crops a border of a single colour, so that the subject is as large as possible. */
	private async trimmed(): Promise<Image> {
		const { data, info } = await this.copy().trim().raw().toBuffer({ resolveWithObject: true });
		return { width: info.width, height: info.height, data };
	}

	private copy({ width, height, data } = this.image) {
		return sharp(data, { raw: { width, height, channels: 4 } });
	}
}
