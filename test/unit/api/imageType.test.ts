import { imageTypeOf, SIGNATURE_BYTES } from '../../../nodes/Pika/api/imageType';

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
	])('knows %s', (_, hex, type) => {
		expect(imageTypeOf(bytes(hex))).toBe(type);
	});

	it('looks at no more than it says', () => {
		const webp = bytes('52 49 46 46 24 00 00 00 57 45 42 50');
		expect(webp).toHaveLength(SIGNATURE_BYTES);
		expect(imageTypeOf(Buffer.concat([webp, Buffer.alloc(1000)]))).toBe('image/webp');
	});
});
