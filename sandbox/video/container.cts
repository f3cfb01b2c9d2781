import { type Box, BoxParser, createFile, DataStream, MP4BoxBuffer } from 'mp4box';

/** H.264 level 3.0, required for frames of up to 640 × 384 pixels. The encoder writes a lower level. */
const LEVEL = 30;
const LEVEL_IN_SPS = 3;

/**
 * Adapts the encoder's MP4 to players: the index comes before the media data, so that the video plays while it loads,
 * and a list of key frames lets players seek to frames that they can decode. Creation times are removed.
 */
export function finished(video: Uint8Array, keyFrameInterval: number): Uint8Array {
	const file = createFile(true);
	file.appendBuffer(MP4BoxBuffer.fromArrayBuffer(new Uint8Array(video).buffer, 0), true);
	const { moov, ftyp } = file;
	const [track] = moov.traks;
	const media = file.boxes.find(({ type }) => type === 'mdat');
	if (!track || media?.start === undefined) throw new Error('The encoder returned no video');
	for (const header of [moov.mvhd, track.tkhd, track.mdia.mdhd]) {
		Object.assign(header, { creation_time: 0, modification_time: 0 });
	}
	const { stbl } = track.mdia.minf;
	for (const { boxes = [] } of stbl.stsd.entries) {
		const settings = boxes.find((box) => box instanceof BoxParser.box.avcC);
		if (!settings) continue;
		settings.AVCLevelIndication = LEVEL;
		for (const { data } of settings.SPS) data[LEVEL_IN_SPS] = LEVEL;
	}
	const keyFrames = stbl.addBox(new BoxParser.box.stss());
	keyFrames.sample_numbers = [];
	for (let number = 1; number <= stbl.stsz.sample_sizes.length; number += keyFrameInterval) {
		keyFrames.sample_numbers.push(number);
	}
	const data = video.subarray(media.start, media.start + media.size);
	// Written twice, because the offset of the media data depends on the length of the index.
	const shift = bytesOf(ftyp).length + bytesOf(moov).length - media.start;
	stbl.stco.chunk_offsets = stbl.stco.chunk_offsets.map((offset) => offset + shift);
	return Buffer.concat([bytesOf(ftyp), bytesOf(moov), data]);
}

function bytesOf(box: Box): Uint8Array {
	const stream = new DataStream();
	box.write(stream);
	return new Uint8Array(stream.buffer, 0, stream.byteLength);
}
