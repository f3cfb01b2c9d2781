import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { createReadStream } from 'node:fs';
import { type IncomingMessage, request } from 'node:http';
import { pipeline } from 'node:stream/promises';
import type { BareUpload } from './bare-uploader.mts';

async function upload({ url, token, fields, file, size }: BareUpload): Promise<void> {
	const boundary = randomUUID();
	const texts = Object.entries(fields).map(
		([name, value]) =>
			`--${boundary}\r\nContent-Disposition: form-data; name="${name}"\r\n\r\n${value}\r\n`,
	);
	const head = `${texts.join('')}--${boundary}\r\nContent-Disposition: form-data; name="message"; filename="message.png"\r\nContent-Type: image/png\r\n\r\n`;
	const tail = `\r\n--${boundary}--\r\n`;
	const post = request(url, {
		method: 'POST',
		headers: {
			authorization: `Bearer ${token}`,
			'content-type': `multipart/form-data; boundary=${boundary}`,
			'content-length': head.length + size + tail.length,
		},
	});
	const answered = once(post, 'response') as Promise<[IncomingMessage]>;
	post.write(head);
	await pipeline(createReadStream(file), post, { end: false });
	post.end(tail);
	const [response] = await answered;
	response.resume();
	await once(response, 'end');
	if (response.statusCode !== 200) throw new Error(`Answered ${response.statusCode ?? 'nothing'}`);
}

/**
 * Sends a file as one multipart part from disk to socket with nothing but Node's own streams: no upload from Node can do
 * with less.
 */
export async function uploadBare(
	wanted: BareUpload,
): Promise<{ startedAt: number; milliseconds: number }> {
	const startedAt = Date.now();
	const before = performance.now();
	let left = wanted.count;
	const lane = async () => {
		while (left > 0) {
			left -= 1;
			await upload(wanted);
		}
	};
	await Promise.all(Array.from({ length: wanted.atOnce }, lane));
	return { startedAt, milliseconds: performance.now() - before };
}
