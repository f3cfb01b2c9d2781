import http from 'node:http';
import type { AddressInfo } from 'node:net';

export interface ReceivedCall {
	method: string;
	path: string;
	headers: http.IncomingHttpHeaders;
	body: string;
}

export interface Receiver {
	url: string;
	calls: ReceivedCall[];
	stop(): Promise<void>;
}

/** A server that receives callbacks and responds with this status, optionally with a redirect, or as the test requires. */
export async function startReceiver(
	answer: number | http.RequestListener = 200,
	location?: string,
): Promise<Receiver> {
	const calls: ReceivedCall[] = [];
	const server = http.createServer((request, response) => {
		const chunks: Buffer[] = [];
		request.on('data', (chunk: Buffer) => chunks.push(chunk));
		request.on('end', () => {
			calls.push({
				method: request.method ?? '',
				path: request.url ?? '',
				headers: request.headers,
				body: Buffer.concat(chunks).toString(),
			});
			if (typeof answer !== 'number') answer(request, response);
			else response.writeHead(answer, location === undefined ? {} : { location }).end('ok');
		});
	});
	await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
	const { port } = server.address() as AddressInfo;
	return {
		url: `http://127.0.0.1:${port}/callback`,
		calls,
		stop: () =>
			new Promise((resolve) => {
				server.close(() => {
					resolve();
				});
				server.closeAllConnections();
			}),
	};
}
