import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';

/** What happened at the gate; a request is answered when this is done. */
export type OnRequest = (url: URL, at: number) => Promise<void>;

/** A server of ours that workflows call, so that we know where they are, and can hold them there. */
export class Gate {
	readonly #server: Server;

	/** What the next requests do. */
	onRequest: OnRequest = async () => {
		await Promise.resolve();
	};

	private constructor() {
		this.#server = createServer((request, response) => {
			const url = new URL(request.url ?? '/', 'http://gate');
			void this.onRequest(url, Date.now()).then(
				() => response.setHeader('content-type', 'text/plain').end('open'),
				(error: unknown) => response.writeHead(500).end(String(error)),
			);
		});
	}

	static async open(): Promise<Gate> {
		const gate = new Gate();
		gate.#server.listen(0, '127.0.0.1');
		await once(gate.#server, 'listening');
		return gate;
	}

	get url(): string {
		return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
	}

	async close(): Promise<void> {
		this.#server.close();
		this.#server.closeAllConnections();
		await once(this.#server, 'close');
	}
}
