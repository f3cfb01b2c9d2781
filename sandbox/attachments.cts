import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import type { FastifyInstance } from 'fastify';
import { randomPayload } from './pictures.cts';
import type { Settings } from './settings.cts';
import { stamped, type Stamp } from './stamp.cts';
import type { Video } from './video/studio.cts';

/** Guess: the properties other than url, filename and content_type are those of Discord. */
export interface Attachment {
	id: string;
	filename: string;
	size: number;
	url: string;
	proxy_url: string;
	width: number;
	height: number;
	content_type: string;
}

const CLIP = readFileSync(join(__dirname, 'assets', 'video.mp4'));
const CANNED_VIDEO: Video = {
	width: 320,
	height: 180,
	size: CLIP.length,
	bytes: () => Promise.resolve(CLIP),
};
const FREE_BOX_HEADER_BYTES = 8;
const EXPIRED = 'This content is no longer available.';

/** Creates and serves links that expire, like those of Discord's CDN (docs/api-contract.md, "Video links"). */
export class Attachments {
	private readonly key = randomBytes(32);
	private readonly videos = new Map<string, Video>();
	private count = 0;

	constructor(private readonly settings: Settings) {}

	/** Guess: the link is created once, at the end of the job, and not refreshed by later reads. */
	create(origin: string, stamp: Stamp, unstamped = CANNED_VIDEO): Attachment[] {
		const video = withStamp(unstamped, stamp);
		this.count += 1;
		const id = String(1200000000000000000n + BigInt(this.count));
		const filename = `sandbox_video_${this.count}.mp4`;
		const path = `/attachments/${id}/${filename}`;
		this.videos.set(path, video);
		const now = Math.floor(Date.now() / 1000);
		const ex = Math.floor(now + this.settings.linkSeconds).toString(16);
		const is = now.toString(16);
		const url = `${origin}${path}?ex=${ex}&is=${is}&hm=${this.sign(path, ex, is)}&`;
		return [
			{
				id,
				filename,
				size: video.size + this.paddingBytes(video.size),
				url,
				proxy_url: url,
				width: video.width,
				height: video.height,
				content_type: 'video/mp4',
			},
		];
	}

	routes(server: FastifyInstance): void {
		server.get('/attachments/*', async (request, reply) => {
			const url = new URL(request.raw.url ?? '/', 'http://sandbox');
			const [ex, is, hm] = ['ex', 'is', 'hm'].map((name) => url.searchParams.get(name) ?? '');
			const video = this.videos.get(url.pathname);
			if (!video || !this.isValid(url.pathname, ex ?? '', is ?? '', hm ?? '')) {
				return await reply.code(404).type('text/plain; charset=utf-8').send(EXPIRED);
			}
			const bytes = await video.bytes();
			const padding = this.paddingBytes(bytes.length);
			reply.type('video/mp4').header('content-length', bytes.length + padding);
			return await reply.send(Readable.from(padded(bytes, padding), { objectMode: false }));
		});
	}

	/** Deletes all videos, so their links no longer work. */
	clear(): void {
		this.videos.clear();
	}

	private paddingBytes(videoBytes: number): number {
		const padding = this.settings.videoBytes - videoBytes;
		return padding < FREE_BOX_HEADER_BYTES ? 0 : padding;
	}

	private isValid(path: string, ex: string, is: string, hm: string): boolean {
		const expected = Buffer.from(this.sign(path, ex, is));
		const given = Buffer.from(hm);
		if (expected.length !== given.length || !timingSafeEqual(expected, given)) return false;
		return Date.now() < Number.parseInt(ex, 16) * 1000;
	}

	private sign(path: string, ex: string, is: string): string {
		return createHmac('sha256', this.key).update(`${path} ${ex} ${is}`).digest('hex');
	}
}

function withStamp(video: Video, stamp: Stamp): Video {
	const { length } = stamped(Buffer.alloc(0), stamp);
	const bytes = async () => stamped(await video.bytes(), stamp);
	return { ...video, size: video.size + length, bytes };
}

/** The video, followed by a "free" box of `padding` bytes, which players skip. */
function* padded(video: Buffer, padding: number): Generator<Buffer> {
	yield video;
	if (padding === 0) return;
	const header = Buffer.alloc(FREE_BOX_HEADER_BYTES);
	header.writeUInt32BE(padding);
	header.write('free', 4);
	yield header;
	yield* randomPayload(padding - FREE_BOX_HEADER_BYTES);
}
