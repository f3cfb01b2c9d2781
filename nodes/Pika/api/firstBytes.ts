import type { BinaryContent } from './binary';

type ByteStream = Exclude<BinaryContent, Buffer>;

/** True for what n8n returns if the answer is requested as a stream. */
export function isByteStream(body: unknown): body is ByteStream {
	return (
		typeof body === 'object' &&
		body !== null &&
		!Buffer.isBuffer(body) &&
		'unshift' in body &&
		'destroy' in body
	);
}

async function more(stream: ByteStream): Promise<void> {
	if (stream.readableEnded) return;
	const events = ['readable', 'end', 'close'] as const;
	await new Promise<void>((resolve, reject) => {
		const finish = (error?: Error) => {
			for (const event of events) stream.off(event, finish);
			stream.off('error', finish);
			if (error) reject(error);
			else resolve();
		};
		for (const event of events) stream.once(event, finish);
		stream.once('error', finish);
	});
}

export interface FirstBytes {
	bytes: Buffer;
	/** The whole content: the stream, or its bytes if it has already ended. */
	content: BinaryContent;
}

/** Reads the beginning of a stream, and puts it back. */
export async function readFirstBytes(stream: ByteStream, count: number): Promise<FirstBytes> {
	const chunks: Buffer[] = [];
	let length = 0;
	while (length < count) {
		const chunk: unknown = stream.read();
		if (Buffer.isBuffer(chunk)) {
			chunks.push(chunk);
			length += chunk.length;
		} else if (stream.readableEnded || stream.destroyed) {
			break;
		} else {
			await more(stream);
		}
	}
	const read = Buffer.concat(chunks);
	const bytes = read.subarray(0, count);
	// Nothing can be put back into a stream that has ended.
	if (length < count) return { bytes, content: read };
	stream.unshift(read);
	return { bytes, content: stream };
}
