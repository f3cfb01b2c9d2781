import getPort, { clearLockedPorts } from 'get-port';

/** A free port on 127.0.0.1: the preferred one if it is free, otherwise any. */
export async function findFreePort(preferred?: number): Promise<number> {
	// get-port does not return a port again for half a minute, but a restarted program needs the same one.
	if (preferred) clearLockedPorts();
	return await getPort({ host: '127.0.0.1', port: preferred });
}
