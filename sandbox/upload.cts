import { createHash } from 'node:crypto';
import type { MultipartFile } from '@fastify/multipart';
import type { FastifyRequest } from 'fastify';
import type { Exchange } from './exchanges.cts';
import { MAX_PICTURE_BYTES } from './video/limits.cts';

/** How an upload ends. A fault can end it before all of it has been sent. */
export type UploadEnd = 'complete' | 'reset' | 'earlyAnswer';

export interface UploadReading {
	/** Called after each text field, which may decide whether a fault applies. */
	decide: () => void;
	/** Whether to keep the bytes of the files. */
	keepsFiles: boolean;
}

/** Reads a form into the exchange: the text fields, the size and SHA-256 of files, and their bytes if required. */
export async function readUpload(
	request: FastifyRequest,
	exchange: Exchange,
	{ decide, keepsFiles }: UploadReading,
): Promise<UploadEnd> {
	const { record } = exchange;
	const half = (record.contentLength ?? 0) / 2;
	let fileBytes = 0;
	const endNow = (isAtEnd = false): UploadEnd | undefined => {
		if (exchange.action?.earlyAnswer) return 'earlyAnswer';
		const resetsWhen = exchange.action?.resetBeforeAccepting;
		if (resetsWhen === 'headers') return 'reset';
		return resetsWhen === 'midway' && (isAtEnd || fileBytes >= half) ? 'reset' : undefined;
	};
	for await (const part of request.parts()) {
		if (part.type === 'field') {
			const { value } = part;
			record.fields[part.fieldname] = typeof value === 'string' ? value : JSON.stringify(value);
			decide();
			continue;
		}
		for await (const bytes of hashed(part, exchange, keepsFiles)) {
			fileBytes += bytes;
			const end = endNow();
			if (end) return end;
		}
	}
	exchange.isComplete = true;
	decide();
	return endNow(true) ?? 'complete';
}

/** Reads one file, yields the size of each chunk, and records the file at its end. */
async function* hashed(
	part: MultipartFile,
	exchange: Exchange,
	keepsFiles: boolean,
): AsyncGenerator<number> {
	const hash = createHash('sha256');
	const keepNothing = exchange.action?.keepNothing === true;
	let size = 0;
	let kept: Buffer[] = [];
	for await (const chunk of part.file as AsyncIterable<Buffer>) {
		size += chunk.length;
		if (!keepNothing) hash.update(chunk);
		if (keepsFiles && size <= MAX_PICTURE_BYTES) kept.push(chunk);
		else kept = [];
		yield chunk.length;
	}
	if (keepsFiles) {
		exchange.files[part.fieldname] = size <= MAX_PICTURE_BYTES ? Buffer.concat(kept) : undefined;
	}
	exchange.record.files[part.fieldname] = {
		size,
		type: part.mimetype,
		filename: part.filename,
		sha256: keepNothing ? '' : hash.digest('hex'),
	};
}
