import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { buffer } from 'node:stream/consumers';

/** How a server handles a request: a response, or the end of the connection. */
export type Behaviour =
	| { kind: 'answer'; status: number; headers: Record<string, string>; body: string }
	| { kind: 'cut'; after: 'the request' | 'half an answer' };

export interface HostileApi {
	baseUrl: string;
	/** Sets the behavior for the next requests in turn; the last one stays. */
	behave: (behaviours: readonly Behaviour[]) => void;
	/** The requests since the last `behave`, with their results. */
	exchanges: { method: string; path: string; behaviour: Behaviour }[];
	stop: () => Promise<void>;
}

/** A server that responds as the test requires, whatever the request is. */
export async function startHostileApi(): Promise<HostileApi> {
	let behaviours: readonly Behaviour[] = [];
	const exchanges: HostileApi['exchanges'] = [];
	const answer = async (request: IncomingMessage, response: ServerResponse) => {
		await buffer(request).catch(() => undefined);
		const behaviour = behaviours[Math.min(exchanges.length, behaviours.length - 1)];
		if (!behaviour) throw new Error('No behaviour is left');
		const [path = ''] = (request.url ?? '').split('?');
		exchanges.push({ method: request.method ?? '', path, behaviour });
		if (behaviour.kind === 'answer') {
			const { status, headers, body } = behaviour;
			response.writeHead(status, headers);
			response.end(body);
		} else if (behaviour.after === 'the request') {
			request.socket.destroy();
		} else {
			response.writeHead(200, { 'content-length': 500 });
			response.write('{"jobid":', () => request.socket.destroy());
		}
	};
	const server = createServer((request, response) => void answer(request, response));
	server.listen(0, '127.0.0.1');
	await once(server, 'listening');
	// A server that listens on a port has an address with one.
	const { port } = server.address() as AddressInfo;
	return {
		baseUrl: `http://127.0.0.1:${port}`,
		exchanges,
		behave: (next) => {
			behaviours = next;
			exchanges.length = 0;
		},
		stop: async () => {
			server.closeAllConnections();
			server.close();
			await once(server, 'close');
		},
	};
}
