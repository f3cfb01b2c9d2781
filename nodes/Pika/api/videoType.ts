/** How many bytes are needed to recognize a type: the first packet of MPEG-TS is longer than any signature. */
export const SIGNATURE_BYTES = 256;

const FTYP_BRAND_AT = 8;
const TS_PACKET_BYTES = 188;
const TS_SYNC = 0x47;
const WEBP_FLAGS_AT = 20;
const WEBP_ANIMATION = 0x02;

/** Files of the ISO family begin with a box; old QuickTime files with any of these. */
const FIRST_BOX = /^(moov|mdat|free|wide|skip|pnot|styp|moof|sidx)$/;
/** Brands of the same family that stand for images. */
const PICTURE_BRAND = /^(avif|heic|heix|heim|heis|mif1|miaf|jpeg)/;

const SIGNATURES: Array<[start: string, type: string]> = [
	['\x1a\x45\xdf\xa3', 'video/webm'],
	['GIF87a', 'image/gif'],
	['GIF89a', 'image/gif'],
	['FLV\x01', 'video/x-flv'],
	['OggS', 'video/ogg'],
	['\x30\x26\xb2\x75\x8e\x66\xcf\x11', 'video/x-ms-wmv'],
	['\x00\x00\x01\xba', 'video/mpeg'],
	['\x00\x00\x01\xb3', 'video/mpeg'],
];

/** Files that begin like this are not videos, whatever type a server declares. */
const OTHER_FILES = [
	'\x89PNG',
	'\xff\xd8\xff',
	'%PDF',
	'PK\x03\x04',
	'\x1f\x8b',
	'BM',
	'II*\x00',
	'MM\x00*',
	'ID3',
];

/** HTML, JSON and other text contain no control characters except white space. */
function isText(bytes: Buffer): boolean {
	return bytes.every((byte) => byte >= 0x20 || (byte >= 0x09 && byte <= 0x0d) || byte === 0x1b);
}

/** A box begins with its length, in bytes that do not occur in text. */
function isoType(bytes: Buffer, text: string): string | undefined {
	if (isText(bytes.subarray(0, 4))) return undefined;
	const box = text.slice(4, 8);
	const brand = text.slice(FTYP_BRAND_AT, FTYP_BRAND_AT + 4);
	if (box === 'ftyp' && PICTURE_BRAND.test(brand)) return undefined;
	if (box === 'ftyp') return brand === 'qt  ' ? 'video/quicktime' : 'video/mp4';
	return FIRST_BOX.test(box) ? 'video/quicktime' : undefined;
}

function riffType(bytes: Buffer, text: string): string | undefined {
	if (!text.startsWith('RIFF')) return undefined;
	if (text.startsWith('AVI ', 8)) return 'video/x-msvideo';
	const isAnimated =
		text.startsWith('WEBPVP8X', 8) && ((bytes[WEBP_FLAGS_AT] ?? 0) & WEBP_ANIMATION) > 0;
	return isAnimated ? 'image/webp' : undefined;
}

/** The type of a video or an animated image by its first bytes; undefined if they do not tell. */
export function videoTypeOf(firstBytes: Buffer): string | undefined {
	const text = firstBytes.toString('latin1');
	const known = SIGNATURES.find(([start]) => text.startsWith(start));
	const isTs = firstBytes[0] === TS_SYNC && firstBytes[TS_PACKET_BYTES] === TS_SYNC;
	return (
		known?.[1] ??
		isoType(firstBytes, text) ??
		riffType(firstBytes, text) ??
		(isTs ? 'video/mp2t' : undefined)
	);
}

/** What a file is that cannot be a video, as text; undefined if it may be one. */
export function otherContent(firstBytes: Buffer): string | undefined {
	if (firstBytes.length === 0) return 'nothing';
	if (videoTypeOf(firstBytes)) return undefined;
	const text = firstBytes
		.toString('latin1')
		.replace(/^\xef\xbb\xbf/, '')
		.trimStart();
	if (/^<(!doctype html|html|head|body|\?xml|[a-z]+[\s>])/i.test(text)) return 'a web page';
	if (/^[[{]/.test(text) && isText(firstBytes)) return 'JSON';
	if (isText(firstBytes)) return 'a text';
	const isOther = OTHER_FILES.some((start) => text.startsWith(start)) || text.startsWith('WAVE', 8);
	return isOther ? 'another kind of file' : undefined;
}
