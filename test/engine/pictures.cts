import { createHash } from 'node:crypto';

/** Signatures of the four image types; tests choose what follows. */
export const SIGNATURES = {
	'image/png': Buffer.from('89504e470d0a1a0a', 'hex'),
	'image/jpeg': Buffer.from('ffd8ffe0', 'hex'),
	'image/webp': Buffer.from('RIFF\0\0\0\0WEBP', 'latin1'),
	'image/gif': Buffer.from('GIF89a', 'latin1'),
} as const;

export type ImageType = keyof typeof SIGNATURES;

const PATTERN = Buffer.from(Array.from({ length: 4096 }, (_, i) => (i * 31 + (i >> 8)) & 0xff));

/** An image of one type with this many bytes after its signature, the same each time. */
export function picture(type: ImageType, payload: number): Buffer {
	const content = Buffer.alloc(payload);
	for (let at = 0; at < payload; at += PATTERN.length) {
		PATTERN.copy(content, at);
		content.writeUInt8((at / PATTERN.length) & 0xff, at);
	}
	return Buffer.concat([SIGNATURES[type], content]);
}

/** Lower-case hex. */
export function sha256(content: Buffer): string {
	return createHash('sha256').update(content).digest('hex');
}
