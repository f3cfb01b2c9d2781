import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface HangingServer {
	baseUrl: string;
	stop(): Promise<void>;
}

/** A server that accepts every request and never ends its response; if it trickles, it sends a space now and then. */
export async function startHanging(trickles: boolean): Promise<HangingServer> {
	const timers: NodeJS.Timeout[] = [];
	const server = createServer((_request, response) => {
		if (!trickles) return;
		response.writeHead(200, { 'content-type': 'application/json' });
		timers.push(setInterval(() => response.write(' '), 50));
	});
	await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
	return {
		baseUrl: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
		stop: async () => {
			for (const timer of timers) clearInterval(timer);
			server.closeAllConnections();
			await new Promise((closed) => server.close(closed));
		},
	};
}
