import { createHash } from 'node:crypto';

import type { FilePart } from '../api/multipart';
import type { OperationRequest } from './submission';

const DIGEST_CHARACTERS = 22;

/** The storage ID of a file, or the digest of one that n8n keeps in memory. */
function contentOf({ binary, size }: FilePart): string {
	return binary.id ?? `${size}:${digest(String(binary.data))}`;
}

function digest(text: string): string {
	return createHash('sha256').update(text).digest('base64url').slice(0, DIGEST_CHARACTERS);
}

/** Identifies a submission by its endpoint, fields and files, so that a saved state is used only for the same submission. */
export function fingerprintOf({ endpoint, fields, files }: OperationRequest): string {
	const texts = Object.entries(fields).sort(([one], [other]) => (one < other ? -1 : 1));
	const contents = Object.entries(files).flatMap(([name, file]) =>
		file ? [[name, contentOf(file)]] : [],
	);
	return digest(JSON.stringify([endpoint, texts, contents]));
}
