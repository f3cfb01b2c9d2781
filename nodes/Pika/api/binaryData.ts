import { isRecord } from './isRecord';

const DATA_URI = /^\s*data:[^,]*,/i;
const BASE64_URI = /;\s*base64\s*,$/i;
const PERCENT = /%([0-9a-f]{2})/gi;

function isByte(value: unknown): value is number {
	return Number.isInteger(value) && Number(value) >= 0 && Number(value) <= 255;
}

function percentDecoded(text: string): string {
	return text.replace(PERCENT, (_, hex: string) => String.fromCharCode(parseInt(hex, 16)));
}

/** n8n would also decode what precedes the comma of a data: URI, which corrupts the content. */
function decoded(text: string): Buffer {
	const [head] = DATA_URI.exec(text) ?? [];
	if (head === undefined) return Buffer.from(text, 'base64');
	const content = percentDecoded(text.slice(head.length));
	return Buffer.from(content, BASE64_URI.test(head) ? 'base64' : 'latin1');
}

/**
 * The bytes of a binary that n8n keeps in the item: base64 as n8n decodes it, a data: URI, a Buffer, the JSON of a
 * Buffer, or a list of bytes. Undefined for anything else (docs/n8n-internals.md, "Binary data stores").
 */
export function bytesOf(data: unknown): Buffer | undefined {
	if (typeof data === 'string') return decoded(data);
	if (data instanceof ArrayBuffer) return Buffer.from(data);
	if (ArrayBuffer.isView(data)) return Buffer.from(data.buffer, data.byteOffset, data.byteLength);
	const list = isRecord(data) && data.type === 'Buffer' ? data.data : data;
	return Array.isArray(list) && list.every(isByte) ? Buffer.from(list) : undefined;
}
