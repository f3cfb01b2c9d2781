import { once } from 'node:events';
import { type IncomingMessage, request } from 'node:http';
import { json } from 'node:stream/consumers';
import { Readable } from 'node:stream';
import FormData from 'form-data';
import { randomPayload } from '../../sandbox/pictures.cts';

interface Sent {
	jobid: string;
	/** How much more memory the process held while it was sent, at most. */
	grownBytes: number;
}

/** Submits a message image of this many bytes, a PNG signature and noise, without holding it in memory. */
export async function sendHugePicture(
	{ baseUrl, apiToken }: { baseUrl: string; apiToken: string },
	bytes: number,
): Promise<Sent> {
	const held = () => process.memoryUsage().arrayBuffers;
	const before = held();
	let most = before;
	function* picture(): Generator<Buffer> {
		yield Buffer.from('89504e470d0a1a0a', 'hex');
		for (const chunk of randomPayload(bytes)) {
			most = Math.max(most, held());
			yield chunk;
		}
	}
	const form = new FormData();
	form.append('prompt', 'waves');
	form.append('message', Readable.from(picture(), { objectMode: false }), {
		filename: 'message.png',
		contentType: 'image/png',
	});
	const sending = request(`${baseUrl}/v1/pika/encrypt_image`, {
		method: 'POST',
		headers: { ...form.getHeaders(), authorization: `Bearer ${apiToken}` },
	});
	form.pipe(sending);
	const [response] = (await once(sending, 'response')) as [IncomingMessage];
	const { jobid } = (await json(response)) as { jobid: string };
	return { jobid, grownBytes: most - before };
}
