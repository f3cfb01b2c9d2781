import { imageTypeOf, otherFormatOf, START_BYTES } from '../../../nodes/Pika/api/imageType';

const bytes = (hex: string): Buffer => Buffer.from(hex.replaceAll(' ', ''), 'hex');

describe('imageTypeOf', () => {
	it.each<[string, string, string | undefined]>([
		['PNG', '89 50 4e 47 0d 0a 1a 0a 00 00 00 0d', 'image/png'],
		['JPEG', 'ff d8 ff e0 00 10 4a 46 49 46 00 01', 'image/jpeg'],
		['GIF of 1987', '47 49 46 38 37 61', 'image/gif'],
		['GIF of 1989', '47 49 46 38 39 61', 'image/gif'],
		['WebP', '52 49 46 46 24 00 00 00 57 45 42 50', 'image/webp'],
		['a RIFF that is a sound', '52 49 46 46 24 00 00 00 57 41 56 45', undefined],
		['a PNG damaged by a text transfer', '89 50 4e 47 0a 1a 0a 00 00 00 0d', undefined],
		['a JPEG cut to two bytes', 'ff d8', undefined],
		['a WebP cut to eleven bytes', '52 49 46 46 24 00 00 00 57 45 42', undefined],
		['a text', '68 65 6c 6c 6f', undefined],
		['a signature that comes later', '00 ff d8 ff', undefined],
		['nothing', '', undefined],
	])('imageTypeOf classifies %s', (_, hex, type) => {
		expect(imageTypeOf(bytes(hex))).toBe(type);
	});

	it('imageTypeOf needs no more than the first START_BYTES bytes', () => {
		const late = Buffer.concat([Buffer.alloc(START_BYTES), bytes('ff d8 ff e0')]);
		expect(imageTypeOf(late)).toBeUndefined();
	});
});

describe('otherFormatOf', () => {
	it.each<[string, string, string | undefined, boolean | undefined]>([
		['an HEIC', '00 00 00 18 66 74 79 70 68 65 69 63', 'an HEIC image', true],
		['an AVIF', '00 00 00 1c 66 74 79 70 61 76 69 66', 'an AVIF image', true],
		['a video', '00 00 00 18 66 74 79 70 69 73 6f 6d', 'a video', false],
		['a BMP', '42 4d 3a 00 00 00 00 00 00 00 36 00', 'a BMP image', true],
		['a text that begins like a BMP', '42 4d 57 20 69 73 20 61 20 63 61 72', 'text', false],
		['a TIFF', '49 49 2a 00 08 00 00 00', 'a TIFF image', true],
		['an SVG', '3c 73 76 67 20 78 6d 6c 6e 73', 'an SVG image', true],
		['an SVG with a byte order mark', 'ef bb bf 3c 73 76 67 3e', 'an SVG image', true],
		['a text truncated within a character', '67 72 c3', 'text', false],
		['zeros', '00 00 00 00', undefined, undefined],
		['high bytes that are not characters', '7e 29 6c b2 c7 2b 7a ac fd', undefined, undefined],
	])('otherFormatOf classifies %s', (_, hex, name, isImage) => {
		const format = otherFormatOf(bytes(hex));
		expect([format?.name, format?.isImage]).toEqual([name, isImage]);
	});

	it('otherFormatOf returns nothing for the four formats that the API accepts', () => {
		expect(otherFormatOf(bytes('ff d8 ff e0 00 10'))).toBeUndefined();
	});
});
