import dns from 'node:dns';
import { once } from 'node:events';
import { createServer, type RequestListener } from 'node:http';
import https from 'node:https';
import net, { type AddressInfo, type Socket } from 'node:net';
import tls, { type TlsOptions } from 'node:tls';

import { generate, type GenerateResult } from 'selfsigned';

const LOOPBACK = '127.0.0.1';
/** Hosts below this name are public for the node and lead to this machine. */
const PUBLIC_ENDING = '.useapi-test.net';

export interface Listening {
	port: number;
	/** The connections that are open. */
	open: Set<Socket>;
	/** Resolves when no connection is open. */
	closed: () => Promise<void>;
}

let authority: GenerateResult | undefined;
const servers: { server: net.Server; open: Set<Socket> }[] = [];

/**
 * Makes public names lead to this machine and Node trust a test authority, in the tests of the surrounding file. Closes
 * the servers that a test started.
 */
export function useInternet(): void {
	beforeAll(async () => {
		authority = await generate([{ name: 'commonName', value: 'Authority of the tests' }], {
			keyType: 'ec',
			algorithm: 'sha256',
			extensions: [{ name: 'basicConstraints', cA: true, critical: true }],
		});
	});
	beforeEach(() => {
		const { lookup } = dns;
		const looksUp = (hostname: string, ...rest: unknown[]) => {
			const host = hostname.endsWith(PUBLIC_ENDING) ? LOOPBACK : hostname;
			Reflect.apply(lookup, dns, [host, ...rest]);
		};
		jest.spyOn(dns, 'lookup').mockImplementation(looksUp as unknown as typeof dns.lookup);
		const { connect } = tls;
		const trusts = (options: object, ...rest: unknown[]): unknown =>
			Reflect.apply(connect, tls, [{ ...options, ca: authority?.cert }, ...rest]);
		jest.spyOn(tls, 'connect').mockImplementation(trusts as typeof tls.connect);
	});
	afterEach(async () => {
		jest.restoreAllMocks();
		await Promise.all(servers.splice(0).map(end));
	});
}

async function end({ server, open }: (typeof servers)[number]): Promise<void> {
	for (const socket of open) socket.destroy();
	server.close();
	await once(server, 'close');
}

async function listen(server: net.Server, host = LOOPBACK): Promise<Listening> {
	const open = new Set<Socket>();
	server.on('connection', (socket: Socket) => {
		open.add(socket);
		socket.on('error', () => undefined);
		socket.once('close', () => {
			open.delete(socket);
			server.emit('disconnected');
		});
	});
	server.on('tlsClientError', () => undefined);
	servers.push({ server, open });
	await new Promise<void>((resolve) => {
		server.listen(0, host, resolve);
	});
	const closed = async () => {
		while (open.size > 0) await once(server, 'disconnected');
	};
	// A server that listens on a port has an address with one.
	return { port: (server.address() as AddressInfo).port, open, closed };
}

/** A server without TLS. */
export async function startHttp(answer: RequestListener): Promise<Listening> {
	return await listen(createServer(answer));
}

/** The kinds of certificates; all but `trusted` are invalid here. */
export type Certificate =
	| 'trusted'
	| 'self-signed'
	| 'expired'
	| 'not yet valid'
	| 'of another host';

const certificates = new Map<Certificate, Promise<GenerateResult>>();

async function certificateOf(kind: Certificate): Promise<GenerateResult> {
	const made = certificates.get(kind) ?? makeCertificate(kind);
	certificates.set(kind, made);
	return await made;
}

async function makeCertificate(kind: Certificate): Promise<GenerateResult> {
	const day = (offset: number) => new Date(Date.now() + offset * 86_400_000);
	const [from, until] = kind === 'expired' ? [-9, -2] : kind === 'not yet valid' ? [2, 9] : [-2, 9];
	const host = kind === 'of another host' ? 'elsewhere.useapi-test.net' : `*${PUBLIC_ENDING}`;
	const isOurs = kind !== 'of another host';
	return await generate([{ name: 'commonName', value: host }], {
		keyType: 'ec',
		algorithm: 'sha256',
		notBeforeDate: day(from),
		notAfterDate: day(until),
		...(kind !== 'self-signed' &&
			authority && { ca: { key: authority.private, cert: authority.cert } }),
		extensions: [
			{
				name: 'subjectAltName',
				altNames: [
					{ type: 2, value: host },
					...(isOurs ? [{ type: 7 as const, ip: LOOPBACK }] : []),
				],
			},
		],
	});
}

/** A server with TLS, whose certificate Node accepts unless another kind is requested. */
export async function startHttps(
	answer: RequestListener,
	certificate: Certificate = 'trusted',
	options: TlsOptions = {},
): Promise<Listening> {
	const { private: key, cert } = await certificateOf(certificate);
	return await listen(https.createServer({ key, cert, ...options }, answer));
}

/** A server that handles each connection as the test requires. */
export async function startRaw(onConnection: (socket: Socket) => void): Promise<Listening> {
	return await listen(net.createServer(onConnection));
}

/** The URL of a server under a public name. */
export function publicUrl({ port }: Listening, name = 'api'): string {
	return `https://${name}${PUBLIC_ENDING}:${port}`;
}

/** Sends requests to public names through this proxy, until the test is over. */
export function useProxy({ port }: Listening): void {
	jest.replaceProperty(process, 'env', {
		...process.env,
		HTTPS_PROXY: `http://${LOOPBACK}:${port}`,
	});
}

/** A connection to a server of these tests, for a proxy. */
export function connectTo({ port }: Listening): Socket {
	return net.connect(port, LOOPBACK).on('error', () => undefined);
}
