import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { setImmediate } from 'node:timers/promises';
import type { FastifyInstance } from 'fastify';
import { z } from 'zod';

const ASSETS = join(__dirname, 'assets');
const CHUNK_BYTES = 64 * 1024;
const HASH_TURN_CHUNKS = 128;
const MAX_PAYLOAD_BYTES = 1024 ** 3;

const TYPES: Record<string, { type: string; magic: Buffer }> = {
	png: { type: 'image/png', magic: Buffer.from('89504e470d0a1a0a', 'hex') },
	jpg: { type: 'image/jpeg', magic: Buffer.from('ffd8ffe000104a46494600', 'hex') },
	webp: { type: 'image/webp', magic: Buffer.from('RIFF\0\0\0\0WEBPVP8 ', 'latin1') },
	gif: { type: 'image/gif', magic: Buffer.from('GIF89a', 'latin1') },
};

const querySchema = z.object({
	payload: z.coerce.number().int().min(0).max(MAX_PAYLOAD_BYTES).default(1),
});

/** Pseudorandom bytes in chunks, always the same ones. No two chunks are equal. */
export function* randomPayload(bytes: number): Generator<Buffer> {
	for (let start = 0, chunk = 0; start < bytes; start += CHUNK_BYTES, chunk += 1) {
		const piece = Buffer.from(NOISE.subarray(0, Math.min(CHUNK_BYTES, bytes - start)));
		if (piece.length >= 4) piece.writeUInt32BE(chunk);
		yield piece;
	}
}

/** Serves the example pictures under /sandbox/pictures/, and generated ones of any size up to 1 GiB. */
export function pictureRoutes(server: FastifyInstance): void {
	for (const name of readdirSync(ASSETS)) {
		const type = typeOf(name);
		if (!type) continue;
		const bytes = readFileSync(join(ASSETS, name));
		const sha256 = createHash('sha256').update(bytes).digest('hex');
		server.get(`/sandbox/pictures/${name}`, (request, reply) => {
			reply.headers({ etag: `"${sha256}"`, 'x-sha256': sha256 });
			if (request.headers['if-none-match'] === `"${sha256}"`) return reply.code(304).send();
			return reply.type(type.type).send(bytes);
		});
	}
	const known = new Map<string, Promise<string>>();
	for (const [extension, { type, magic }] of Object.entries(TYPES)) {
		server.get(`/sandbox/pictures/generated.${extension}`, async (request, reply) => {
			const query = querySchema.safeParse(request.query);
			if (!query.success) {
				return await reply.code(400).send({ error: 'payload is a number of bytes up to 1 GiB' });
			}
			const { payload } = query.data;
			const key = `${extension} ${payload}`;
			const sha256 = known.get(key) ?? hashOf(magic, payload);
			known.set(key, sha256);
			reply.headers({ 'content-length': magic.length + payload, 'x-sha256': await sha256 });
			const picture = Readable.from(generated(magic, payload), { objectMode: false });
			return await reply.type(type).send(picture);
		});
	}
}

function* generated(magic: Buffer, payload: number): Generator<Buffer> {
	yield magic;
	yield* randomPayload(payload);
}

async function hashOf(magic: Buffer, payload: number): Promise<string> {
	const hash = createHash('sha256');
	let chunks = 0;
	for (const chunk of generated(magic, payload)) {
		hash.update(chunk);
		chunks += 1;
		// Hashing hundreds of megabytes must not block other requests.
		if (chunks % HASH_TURN_CHUNKS === 0) await setImmediate();
	}
	return hash.digest('hex');
}

function typeOf(name: string): { type: string } | undefined {
	return TYPES[name.slice(name.lastIndexOf('.') + 1)];
}

/** Incompressible bytes from xorshift32 with a fixed seed. */
const NOISE = (() => {
	const noise = Buffer.alloc(CHUNK_BYTES);
	let state = 0x9e3779b9;
	for (let offset = 0; offset < CHUNK_BYTES; offset += 4) {
		state ^= state << 13;
		state ^= state >>> 17;
		state ^= state << 5;
		noise.writeUInt32LE(state >>> 0, offset);
	}
	return noise;
})();
