import { H264Decoder } from 'h264decoder';
// By its path: the tests' TypeScript resolves modules in a way that does not know a package's exports.
import { BoxParser, createFile, MP4BoxBuffer } from '../../node_modules/mp4box/dist/mp4box.all.cjs';

export interface Film {
	width: number;
	height: number;
	/** One byte per pixel, row by row. */
	frames: Uint8Array[];
}

const START_CODE = [0, 0, 0, 1];
const LENGTH_BYTES = 4;

/** Decodes the lightness of every frame of an H.264 video in an MP4. */
export function decode(video: Uint8Array): Film {
	const file = createFile(true);
	file.appendBuffer(MP4BoxBuffer.fromArrayBuffer(new Uint8Array(video).buffer, 0), true);
	const [track] = file.moov.traks;
	if (!track) throw new Error('The MP4 has no track');
	const decoder = new H264Decoder();
	const settings = track.mdia.minf.stbl.stsd.entries[0]?.boxes?.find(
		(box) => box instanceof BoxParser.box.avcC,
	);
	for (const { data } of [...(settings?.SPS ?? []), ...(settings?.PPS ?? [])]) {
		decoder.decode(Uint8Array.from([...START_CODE, ...data]));
	}
	const frames: Uint8Array[] = [];
	for (const { offset, size } of file.getTrackSamplesInfo(track.tkhd.track_id)) {
		for (const unit of units(Buffer.from(video.subarray(offset, offset + size)))) {
			if (decoder.decode(unit) !== H264Decoder.PIC_RDY) continue;
			frames.push(decoder.pic.slice(0, decoder.width * decoder.height));
		}
	}
	return { width: decoder.width, height: decoder.height, frames };
}

/** The NAL units of a sample, each with the start code that the decoder needs. */
function* units(sample: Buffer): Generator<Uint8Array> {
	for (let at = 0; at < sample.length; ) {
		const start = at + LENGTH_BYTES;
		at = start + sample.readUInt32BE(at);
		yield Uint8Array.from([...START_CODE, ...sample.subarray(start, at)]);
	}
}

/** What a player reads before it plays. */
export function describeVideo(video: Uint8Array) {
	const file = createFile(true);
	file.appendBuffer(MP4BoxBuffer.fromArrayBuffer(new Uint8Array(video).buffer, 0), true);
	const { duration, timescale, tracks } = file.getInfo();
	return {
		boxes: file.boxes.map(({ type }) => type),
		codec: tracks[0]?.codec,
		keyFrames: file.moov.traks[0]?.mdia.minf.stbl.stss.sample_numbers,
		seconds: duration / timescale,
	};
}
