const LATIN1 = 'latin1';

/** How many bytes are needed to recognize a type: an SVG can begin with a long declaration. */
export const START_BYTES = 512;

interface Format {
	/** In the form that follows "is". */
	name: string;
	isImage: boolean;
	/** Receives the first bytes as one character each. */
	isFormatOf: (start: string) => boolean;
}

/** The brands in the first box of a file of the MP4 family. */
function brandsOf(start: string): string {
	return start.startsWith('ftyp', 4) ? start.slice(8, start.charCodeAt(3)) : '';
}

function begins(...beginnings: string[]): Format['isFormatOf'] {
	return (start) => beginnings.some((beginning) => start.startsWith(beginning));
}

function beginsAsText(pattern: RegExp): Format['isFormatOf'] {
	return (start) => pattern.test(start.replace('\xef\xbb\xbf', '').trimStart());
}

function isText(firstBytes: Buffer): boolean {
	try {
		// The last character may be incomplete.
		const text = new TextDecoder('utf-8', { fatal: true }).decode(firstBytes, { stream: true });
		return !/[^\P{Cc}\s]/u.test(text);
	} catch {
		return false;
	}
}

/** The first match counts. */
const OTHER_FORMATS: Format[] = [
	{ name: 'an AVIF image', isImage: true, isFormatOf: (start) => /avi[fs]/.test(brandsOf(start)) },
	{
		name: 'an HEIC image',
		isImage: true,
		isFormatOf: (start) => /hei[cmsx]|hev[cmsx]|mif1|msf1/.test(brandsOf(start)),
	},
	{ name: 'a video', isImage: false, isFormatOf: (start) => start.startsWith('ftyp', 4) },
	{ name: 'a WebM video', isImage: false, isFormatOf: begins('\x1a\x45\xdf\xa3') },
	{
		name: 'a BMP image',
		isImage: true,
		isFormatOf: (start) => start.startsWith('BM') && start.startsWith('\0\0\0\0', 6),
	},
	{ name: 'a TIFF image', isImage: true, isFormatOf: begins('II*\0', 'MM\0*', 'II+\0', 'MM\0+') },
	{ name: 'an icon (ICO)', isImage: true, isFormatOf: begins('\0\0\x01\0') },
	{ name: 'a Photoshop file (PSD)', isImage: true, isFormatOf: begins('8BPS') },
	{
		name: 'a JPEG XL image',
		isImage: true,
		isFormatOf: begins('\xff\x0a', '\0\0\0\x0cJXL '),
	},
	{ name: 'a JPEG 2000 image', isImage: true, isFormatOf: begins('\0\0\0\x0cjP  ') },
	{ name: 'a PDF', isImage: false, isFormatOf: begins('%PDF-') },
	{ name: 'a ZIP archive', isImage: false, isFormatOf: begins('PK\x03\x04') },
	{ name: 'compressed with gzip', isImage: false, isFormatOf: begins('\x1f\x8b') },
	{
		name: 'an HTML page',
		isImage: false,
		isFormatOf: beginsAsText(/^<(?:!doctype html|html|head|body)\b/i),
	},
	{ name: 'an SVG image', isImage: true, isFormatOf: beginsAsText(/^<[^]*<svg\b|^<svg\b/i) },
	{ name: 'JSON', isImage: false, isFormatOf: beginsAsText(/^[{[]/) },
	{
		name: 'the base64 text of an image',
		isImage: false,
		isFormatOf: beginsAsText(/^(?:data:image|iVBORw0KGgo|\/9j\/|R0lGOD|UklGR)/),
	},
];

const TEXT = { name: 'text', isImage: false };

/** The MIME type of a PNG, JPEG, WebP or GIF image by its first bytes; undefined for anything else. */
export function imageTypeOf(firstBytes: Buffer): string | undefined {
	const start = firstBytes.toString(LATIN1, 0, START_BYTES);
	if (start.startsWith('\x89PNG\r\n\x1a\n')) return 'image/png';
	if (start.startsWith('\xff\xd8\xff')) return 'image/jpeg';
	if (start.startsWith('GIF87a') || start.startsWith('GIF89a')) return 'image/gif';
	if (start.startsWith('RIFF') && start.startsWith('WEBP', 8)) return 'image/webp';
	return undefined;
}

/** What a file is that `imageTypeOf` does not recognize; undefined if its first bytes do not tell. */
export function otherFormatOf(firstBytes: Buffer): Pick<Format, 'name' | 'isImage'> | undefined {
	const start = firstBytes.toString(LATIN1, 0, START_BYTES);
	const format = OTHER_FORMATS.find(({ isFormatOf }) => isFormatOf(start));
	return format ?? (isText(firstBytes) ? TEXT : undefined);
}
