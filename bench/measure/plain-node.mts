import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Companion } from './companion.mts';
import type { MemoryGrowth } from './memory-growth.mts';

interface Uploads {
	size: number;
	count: number;
	atOnce: number;
}

/** What the same uploads take in a Node that does nothing else: a file's stream, piped into a request. */
export async function plainUpload(
	node: string,
	{ size, count, atOnce }: Uploads,
): Promise<MemoryGrowth> {
	const folder = await mkdtemp(join(tmpdir(), 'pika-plain-'));
	const file = join(folder, 'image');
	await writeFile(file, Buffer.alloc(size));
	const server = createServer((request, response) => {
		request.resume().once('end', () => response.end());
	});
	await once(server.listen(0, '127.0.0.1'), 'listening');
	const { port } = server.address() as AddressInfo;
	const args = [`http://127.0.0.1:${port}`, file, String(count), String(atOnce)];
	const companion = await Companion.start(node, 'plain-upload.mts', args, ['--expose-gc']);
	try {
		return (await companion.ask('start')) as MemoryGrowth;
	} finally {
		companion.stop();
		server.close();
		await rm(folder, { recursive: true });
	}
}
