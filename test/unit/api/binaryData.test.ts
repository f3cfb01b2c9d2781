import { bytesOf } from '../../../nodes/Pika/api/binaryData';

const bytes = Buffer.from([0, 1, 250, 251, 252, 253, 254, 255]);

describe('bytesOf', () => {
	it.each<[string, unknown]>([
		['base64', bytes.toString('base64')],
		['base64 of URLs', bytes.toString('base64url')],
		['base64 with white space', bytes.toString('base64').split('').join(' \r\n\t')],
		['a data: URI', `data:;base64,${bytes.toString('base64')}`],
		['a data: URI without base64', 'data:,%00%01%FA%fb%FC%FD%FE%FF'],
		['a Buffer', bytes],
		['a Buffer as JSON', JSON.parse(JSON.stringify(bytes))],
		['a list', [...bytes]],
		['an array of bytes', new Uint8Array(bytes)],
		['a part of an array of bytes', new Uint8Array([9, ...bytes, 9]).subarray(1, 9)],
		['an ArrayBuffer', new Uint8Array(bytes).buffer],
	])('bytesOf decodes %s', (_what, data) => {
		expect(bytesOf(data)).toEqual(bytes);
	});

	it('bytesOf does not copy the bytes of a Buffer', () => {
		expect(bytesOf(bytes)?.buffer).toBe(bytes.buffer);
	});

	it('bytesOf does not mistake a comma later in the text for a data: URI', () => {
		expect(bytesOf('AAEC,data:,x')).toEqual(Buffer.from('AAEC,data:,x', 'base64'));
	});

	it.each<[string, unknown]>([
		['nothing', undefined],
		['null', null],
		['a number', 5],
		['true', true],
		['an object', { a: 1 }],
		['an object with bytes that is not marked as a Buffer', { data: [1, 2] }],
		['a Buffer as JSON without a list', { type: 'Buffer', data: 'AAEC' }],
		['a list of a fraction', [1.5]],
		['a list of texts', ['1']],
		['a list of numbers above 255', [256]],
		['a list with holes', [1, undefined, 3]],
		['an array of bytes as JSON', { 0: 1, 1: 2 }],
	])('bytesOf returns nothing for %s', (_what, data) => {
		expect(bytesOf(data)).toBeUndefined();
	});
});
