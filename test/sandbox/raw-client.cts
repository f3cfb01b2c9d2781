import { createHash } from 'node:crypto';
import { connect } from 'node:net';

/** Lower-case hex. */
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
			// An answer that came before the reset counts.
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
