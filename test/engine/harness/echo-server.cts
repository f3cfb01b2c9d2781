import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { buffer } from 'node:stream/consumers';

export interface EchoedRequest {
	method: string;
	path: string;
	headers: IncomingMessage['headers'];
	body: Buffer;
}

export interface EchoServer {
	url: string;
	requests: EchoedRequest[];
	/** Resolves when the next request is recorded. */
	nextRequest(): Promise<void>;
	close(): Promise<void>;
}

/** A server that answers with the body it was sent; `/status/<code>` answers with that status, `/hang` never. */
export async function startEchoServer(): Promise<EchoServer> {
	const requests: EchoedRequest[] = [];
	const answer = async (request: IncomingMessage, response: ServerResponse) => {
		const { method = '', url: path = '', headers } = request;
		const body = await buffer(request);
		requests.push({ method, path, headers, body });
		server.emit('recorded');
		if (path === '/hang') return;
		const status = Number(/^\/status\/(\d+)/.exec(path)?.[1] ?? 200);
		response.writeHead(status, {
			'content-type': headers['content-type'] ?? 'application/octet-stream',
		});
		response.end(body);
	};
	const server = createServer((request, response) => void answer(request, response));
	await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
	// A server that listens on a port has an address with one.
	const { port } = server.address() as AddressInfo;
	return {
		url: `http://127.0.0.1:${port}`,
		requests,
		nextRequest: async () => {
			await once(server, 'recorded');
		},
		close: async () => {
			server.closeAllConnections();
			await new Promise((resolve) => server.close(resolve));
		},
	};
}
