import { once } from 'node:events';
import { createServer } from 'node:net';

/** A port that nothing listens on at 127.0.0.1: the preferred one if it is free, else any. */
export async function findFreePort(preferred = 0): Promise<number> {
	const server = createServer();
	try {
		server.listen(preferred, '127.0.0.1');
		await once(server, 'listening');
	} catch (error) {
		if (preferred === 0) throw error;
		return await findFreePort();
	}
	const address = server.address();
	server.close();
	await once(server, 'close');
	if (address === null || typeof address === 'string') throw new Error('No free port was found.');
	return address.port;
}
