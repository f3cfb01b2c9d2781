import type { RecordedRequest } from './exchanges.cts';

/** What a video was made from: the data of its job's submission. */
export interface Stamp {
	verb: string;
	/** The text fields, without secrets. */
	fields: Record<string, string>;
	/** The SHA-256 of each file, in lowercase hex. */
	files: Record<string, string>;
}

const HEADER_BYTES = 8;
const MARK = 'pika-sandbox ';
// The Discord token, and the URL whose signature can resume an n8n execution.
const SECRET_FIELDS = new Set(['discord', 'replyUrl']);

export function stampOf(
	verb: string,
	{ fields, files }: Pick<RecordedRequest, 'fields' | 'files'>,
): Stamp {
	return {
		verb,
		fields: Object.fromEntries(Object.entries(fields).filter(([name]) => !SECRET_FIELDS.has(name))),
		files: Object.fromEntries(Object.entries(files).map(([name, { sha256 }]) => [name, sha256])),
	};
}

/** The MP4, followed by a "free" box with the stamp, which players skip. */
export function stamped(video: Buffer, stamp: Stamp): Buffer {
	const content = Buffer.from(MARK + JSON.stringify(stamp));
	const header = Buffer.alloc(HEADER_BYTES);
	header.writeUInt32BE(HEADER_BYTES + content.length);
	header.write('free', 4);
	return Buffer.concat([video, header, content]);
}

/** The stamp of the MP4; undefined if there is none. */
export function readStamp(video: Buffer): Stamp | undefined {
	for (let at = 0; at + HEADER_BYTES <= video.length; ) {
		const size = video.readUInt32BE(at);
		const content = video.subarray(at + HEADER_BYTES, at + size);
		const isFree = video.toString('latin1', at + 4, at + HEADER_BYTES) === 'free';
		if (isFree && content.toString('latin1', 0, MARK.length) === MARK) {
			// Only `stamped` writes this marker.
			return JSON.parse(content.toString('utf8', MARK.length)) as Stamp;
		}
		// Sizes 0 and 1 have special meanings. The sandbox does not write such boxes.
		if (size < HEADER_BYTES) return undefined;
		at += size;
	}
	return undefined;
}
