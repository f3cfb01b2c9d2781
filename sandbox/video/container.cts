import { type Box, BoxParser, createFile, DataStream, MP4BoxBuffer } from 'mp4box';

/** H.264 level 3.0, which a frame of up to 640 × 384 pixels needs; the encoder writes one that is too low. */
const LEVEL = 30;
const LEVEL_IN_SPS = 3;

/**
 * The encoder's MP4 as players want it: its index before the media data, so that it plays while it loads, and a list
 * of key frames, without which players seek to frames that nothing was decoded for. The time of its making is taken out.
 */
export function finished(video: Uint8Array, keyFrameInterval: number): Uint8Array {
	const file = createFile(true);
	file.appendBuffer(MP4BoxBuffer.fromArrayBuffer(new Uint8Array(video).buffer, 0), true);
	const { moov, ftyp } = file;
	const [track] = moov.traks;
	const media = file.boxes.find(({ type }) => type === 'mdat');
	if (!track || media?.start === undefined) throw new Error('The encoder has made no video');
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
	// Written twice: where the media data begins depends on how long the index is.
	const shift = bytesOf(ftyp).length + bytesOf(moov).length - media.start;
	stbl.stco.chunk_offsets = stbl.stco.chunk_offsets.map((offset) => offset + shift);
	return Buffer.concat([bytesOf(ftyp), bytesOf(moov), data]);
}

function bytesOf(box: Box): Uint8Array {
	const stream = new DataStream();
	box.write(stream);
	return new Uint8Array(stream.buffer, 0, stream.byteLength);
}
