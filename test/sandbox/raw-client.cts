import { createHash } from 'node:crypto';
import { request } from 'node:http';
import { connect } from 'node:net';

/** In lowercase hex. */
export function sha256(bytes: Uint8Array): string {
	return createHash('sha256').update(bytes).digest('hex');
}

/**
 * Sends the beginning of an upload of `declaredBytes` and never the rest; gives all that was answered
 * once the server, or with `givesUp` the client, closes the connection.
 */
export async function sendPartOfUpload(
	baseUrl: string,
	apiToken: string,
	declaredBytes: number,
	givesUp = false,
): Promise<string> {
	const { hostname, port } = new URL(baseUrl);
	return await new Promise((resolve, reject) => {
		const socket = connect(Number(port), hostname);
		let answer = '';
		socket.on('error', (error) => {
			// A response that arrived before the reset counts.
			if (answer === '') reject(error);
		});
		socket.on('data', (chunk) => (answer += chunk.toString()));
		socket.on('close', () => {
			resolve(answer);
		});
		socket.write(
			[
				'POST /v1/pika/encrypt_image HTTP/1.1',
				`Host: ${hostname}:${port}`,
				`Authorization: Bearer ${apiToken}`,
				'Content-Type: multipart/form-data; boundary=edge',
				`Content-Length: ${declaredBytes}`,
				'',
				'--edge',
				'Content-Disposition: form-data; name="message"; filename="message.png"',
				'Content-Type: image/png',
				'',
				'x'.repeat(declaredBytes / 2),
			].join('\r\n'),
			() => {
				if (givesUp) socket.destroy();
			},
		);
	});
}

export interface RawRequest {
	method?: string;
	headers?: Record<string, string>;
	body?: string;
}

export interface RawAnswer {
	status: number;
	body: string;
	/** The name and value of the first cookie in the response. */
	cookie?: string;
}

/** Sends a request with exactly these headers. Unlike `fetch`, it can set `Host` and browser headers. */
export async function ask(
	url: string,
	{ method = 'GET', headers = {}, body = '' }: RawRequest = {},
): Promise<RawAnswer> {
	return await new Promise((resolve, reject) => {
		const sent = request(url, { method, headers, agent: false }, (answer) => {
			let text = '';
			answer.setEncoding('utf8');
			answer.on('data', (chunk: string) => (text += chunk));
			answer.on('end', () => {
				const [cookie] = answer.headers['set-cookie'] ?? [];
				const [pair] = cookie?.split(';') ?? [];
				resolve({ status: answer.statusCode ?? 0, body: text, cookie: pair });
			});
		});
		sent.on('error', reject);
		sent.end(body);
	});
}
