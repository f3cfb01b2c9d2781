import { otherContent, videoTypeOf } from '../../../nodes/Pika/api/videoType';

const bytes = (...parts: Array<string | number[]>) =>
	Buffer.concat(
		parts.map((part) =>
			typeof part === 'string' ? Buffer.from(part, 'latin1') : Buffer.from(part),
		),
	);
const box = (name: string, rest = '') =>
	bytes([0, 0, 0, 24], name, rest, Array<number>(64).fill(0));
const ts = Buffer.alloc(400, 0xff);
ts[0] = ts[188] = ts[376] = 0x47;

describe('videoTypeOf and otherContent', () => {
	it.each<[string, Buffer, string]>([
		['an MP4', box('ftyp', 'isom'), 'video/mp4'],
		['an MP4 of another brand', box('ftyp', 'mp42'), 'video/mp4'],
		['an M4V', box('ftyp', 'M4V '), 'video/mp4'],
		['a QuickTime film', box('ftyp', 'qt  '), 'video/quicktime'],
		['an old QuickTime film', box('moov'), 'video/quicktime'],
		['a film that begins with free space', box('free'), 'video/quicktime'],
		['a fragmented MP4', box('styp', 'msdh'), 'video/quicktime'],
		['a WebM or Matroska', bytes([0x1a, 0x45, 0xdf, 0xa3, 1, 2, 3]), 'video/webm'],
		['an AVI', bytes('RIFF', [1, 2, 3, 4], 'AVI LIST'), 'video/x-msvideo'],
		['a GIF', bytes('GIF89a', [1, 0, 1, 0]), 'image/gif'],
		[
			'an animated WebP',
			bytes('RIFF', [1, 2, 3, 4], 'WEBPVP8X', [10, 0, 0, 0, 2, 0]),
			'image/webp',
		],
		['an FLV', bytes('FLV', [1, 5]), 'video/x-flv'],
		['an Ogg film', bytes('OggS', [0, 2]), 'video/ogg'],
		['an MPEG stream', bytes([0, 0, 1, 0xba, 0x44]), 'video/mpeg'],
		['an MPEG transport stream', ts, 'video/mp2t'],
	])('videoTypeOf recognizes %s by its first bytes', (_, content, type) => {
		expect(videoTypeOf(content)).toBe(type);
		expect(otherContent(content)).toBeUndefined();
	});

	it.each<[string, Buffer, string]>([
		['nothing', bytes(), 'nothing'],
		['a page', bytes('<!DOCTYPE html><html>'), 'a web page'],
		['a page after blank lines', bytes('\r\n\r\n <html lang="en">'), 'a web page'],
		['a page after a byte order mark', bytes([0xef, 0xbb, 0xbf], '<HTML>'), 'a web page'],
		['XML', bytes('<?xml version="1.0"?><Error>'), 'a web page'],
		['JSON', bytes('{"error":"No"}'), 'JSON'],
		['a list', bytes(' [1, 2]'), 'JSON'],
		['a text', bytes('This content is no longer available.'), 'a text'],
		['a text that begins like a video', bytes('The free trial is over'), 'a text'],
		['a text with other letters', Buffer.from('Zugriff verweigert: Schlüssel fehlt'), 'a text'],
		['a PNG', bytes([0x89], 'PNG\r\n\x1a\n', [0]), 'another kind of file'],
		['a JPEG', bytes([0xff, 0xd8, 0xff, 0xe0, 0, 16]), 'another kind of file'],
		['a PDF', bytes('%PDF-1.7', [0]), 'another kind of file'],
		['a ZIP', bytes('PK', [3, 4, 0, 0]), 'another kind of file'],
		['a sound', bytes('RIFF', [1, 2, 3, 4], 'WAVEfmt'), 'another kind of file'],
	])('otherContent recognizes that this is not a video: %s', (_, content, words) => {
		expect(videoTypeOf(content)).toBeUndefined();
		expect(otherContent(content)).toBe(words);
	});

	it.each<[string, Buffer]>([
		['unknown bytes', bytes([1, 2, 3, 4, 5, 6, 7, 8])],
		['a HEIC picture', box('ftyp', 'heic')],
		['an AVIF picture', box('ftyp', 'avif')],
		['a still WebP', bytes('RIFF', [1, 2, 3, 4], 'WEBPVP8X', [10, 0, 0, 0, 0, 0])],
	])('videoTypeOf and otherContent both return nothing for %s', (_, content) => {
		expect([videoTypeOf(content), otherContent(content)]).toEqual([undefined, undefined]);
	});
});
