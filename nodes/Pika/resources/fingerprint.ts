import { createHash } from 'node:crypto';

import type { FilePart } from '../api/multipart';
import type { OperationRequest } from './submission';

const DIGEST_CHARACTERS = 22;

/** Where n8n keeps a file; the digest of one that it keeps in memory. */
function contentOf({ binary, size }: FilePart): string {
	return binary.id ?? `${size}:${digest(String(binary.data))}`;
}

function digest(text: string): string {
	return createHash('sha256').update(text).digest('base64url').slice(0, DIGEST_CHARACTERS);
}

/** The same for the same endpoint, fields and files: by it an item knows that a saved state is its own. */
export function fingerprintOf({ endpoint, fields, files }: OperationRequest): string {
	const texts = Object.entries(fields).sort(([one], [other]) => one.localeCompare(other));
	const contents = Object.entries(files).flatMap(([name, file]) =>
		file ? [[name, contentOf(file)]] : [],
	);
	return digest(JSON.stringify([endpoint, texts, contents]));
}
