const LATIN1 = 'latin1';

export const SIGNATURE_BYTES = 12;

/** The MIME type that a file's first bytes speak of: PNG, JPEG, WebP or GIF; undefined for anything else. */
export function imageTypeOf(firstBytes: Buffer): string | undefined {
	const text = firstBytes.toString(LATIN1, 0, SIGNATURE_BYTES);
	if (text.startsWith('\x89PNG\r\n\x1a\n')) return 'image/png';
	if (text.startsWith('\xff\xd8\xff')) return 'image/jpeg';
	if (text.startsWith('GIF87a') || text.startsWith('GIF89a')) return 'image/gif';
	if (text.startsWith('RIFF') && text.startsWith('WEBP', 8)) return 'image/webp';
	return undefined;
}
