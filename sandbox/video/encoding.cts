import { createH264MP4Encoder } from 'h264-mp4-encoder';
import { finished } from './container.cts';

export const FRAME_RATE = 24;
/** The number of frames between key frames, to which players can seek. */
const KEY_FRAME_INTERVAL = 24;
const QUANTIZATION = 28;
const FASTEST = 10;

/** Encodes YUV 4:2:0 frames as H.264 in an MP4. The same frames give the same bytes. */
export async function encode(
	frames: Iterable<Uint8Array>,
	{ width, height }: { width: number; height: number },
): Promise<Uint8Array> {
	const encoder = await createH264MP4Encoder();
	try {
		Object.assign(encoder, {
			width,
			height,
			frameRate: FRAME_RATE,
			quantizationParameter: QUANTIZATION,
			speed: FASTEST,
			groupOfPictures: KEY_FRAME_INTERVAL,
		});
		encoder.initialize();
		for (const frame of frames) encoder.addFrameYuv(frame);
		encoder.finalize();
		const video = encoder.FS.readFile(encoder.outputFilename);
		encoder.FS.unlink(encoder.outputFilename);
		return finished(video, KEY_FRAME_INTERVAL);
	} finally {
		encoder.delete();
	}
}
