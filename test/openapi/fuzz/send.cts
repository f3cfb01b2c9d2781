import http from 'node:http';

export interface RawRequest {
	method: string;
	/** Path and query, as they go over the wire. */
	target: string;
	headers: Record<string, string>;
	body?: Buffer;
}

export interface RawAnswer {
	status: number;
	contentType: string | null;
	body: string;
}

/** Sends a request unchanged, valid or not. Rejects if no response comes. */
export async function send(baseUrl: string, request: RawRequest): Promise<RawAnswer> {
	const { hostname, port } = new URL(baseUrl);
	const { method, target: path, body } = request;
	// For some methods, Node does not send the length of the body.
	const length = body && { 'content-length': body.length };
	const headers = { ...request.headers, ...length };
	return await new Promise((resolve, reject) => {
		const sent = http.request({ hostname, port, method, path, headers }, (response) => {
			const chunks: Buffer[] = [];
			response.on('data', (chunk: Buffer) => chunks.push(chunk));
			response.on('error', reject);
			response.on('end', () => {
				resolve({
					status: response.statusCode ?? 0,
					contentType: response.headers['content-type'] ?? null,
					body: Buffer.concat(chunks).toString(),
				});
			});
		});
		sent.on('error', reject);
		sent.end(body);
	});
}
