import { createServer, connect, type Socket } from 'node:net';
import { once } from 'node:events';
import { provideDebianProgram } from './debian-program.mts';
import type { ProvideOptions } from './node24.mts';
import { runCommand } from './run-command.mts';

/** A separate network on this machine, with its own loopback and one link to the host. */
export interface NetworkNamespace {
	/** The host's address on the link. */
	ourAddress: string;
	/** The namespace's address on the link. */
	address: string;
	/** The command prefix that runs a program in the namespace. */
	prefix: [program: string, ...args: string[]];
	remove: () => Promise<void>;
}

/** Why no network namespace can be made here; undefined if one can. */
export function whyNoNamespaces(): string | undefined {
	if (process.platform !== 'linux') return 'Network namespaces exist on Linux alone';
	return process.getuid?.() === 0 ? undefined : 'Only root can make network namespaces';
}

/** Debian's package iproute2 has the program for it. */
export async function provideIp(options?: ProvideOptions): Promise<string> {
	return await provideDebianProgram({ program: 'ip', debianPackage: 'iproute2' }, options);
}

/** Creates a namespace that only this machine can reach. */
export async function makeNamespace(): Promise<NetworkNamespace> {
	const program = await provideIp();
	// Kept apart from others that run at the same time; the names of links have at most 15 characters.
	const id = String(process.pid);
	const [name, ourLink, link] = [`pika-${id}`, `pika-${id}-o`, `pika-${id}-i`];
	const network = `10.213.${process.pid % 250}`;
	const [ourAddress, address] = [`${network}.1`, `${network}.2`];
	const ip = async (...args: string[]) => await runCommand(program, args, { cwd: '/' });
	// The link goes with it.
	const remove = async () => {
		await ip('netns', 'delete', name);
	};
	await ip('netns', 'add', name);
	try {
		await ip('link', 'add', ourLink, 'type', 'veth', 'peer', 'name', link, 'netns', name);
		await ip('address', 'add', `${ourAddress}/30`, 'dev', ourLink);
		await ip('link', 'set', ourLink, 'up');
		await ip('-n', name, 'address', 'add', `${address}/30`, 'dev', link);
		await ip('-n', name, 'link', 'set', link, 'up');
		await ip('-n', name, 'link', 'set', 'lo', 'up');
	} catch (error) {
		await remove();
		throw error;
	}
	return { ourAddress, address, prefix: [program, 'netns', 'exec', name], remove };
}

export interface Forwarding {
	url: string;
	/** Where connections are forwarded to. */
	to: (port: number) => void;
	stop: () => Promise<void>;
}

/** Forwards connections from one of the host's addresses to a port on loopback, as Docker does for published ports. */
export async function forward(address: string): Promise<Forwarding> {
	let target = 0;
	const open = new Set<Socket>();
	const server = createServer((socket) => {
		const onward = connect(target, '127.0.0.1');
		for (const [one, other] of [
			[socket, onward],
			[onward, socket],
		] as const) {
			open.add(one);
			one.pipe(other);
			one.on('error', () => other.destroy());
			one.on('close', () => {
				open.delete(one);
				other.destroy();
			});
		}
	});
	server.listen(0, address);
	await once(server, 'listening');
	const at = server.address();
	if (at === null || typeof at === 'string') throw new Error('It listens on no port.');
	return {
		url: `http://${address}:${at.port}`,
		to: (port) => {
			target = port;
		},
		stop: async () => {
			for (const socket of open) socket.destroy();
			server.close();
			await once(server, 'close');
		},
	};
}
