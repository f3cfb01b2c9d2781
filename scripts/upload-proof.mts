import { createHash } from 'node:crypto';

/** The parts of a recorded request that this module uses. */
export interface RecordedUpload {
	method: string;
	path: string;
	status?: number | 'reset';
	files: Record<string, { size: number; type: string; sha256: string }>;
}

export interface UploadProof {
	field: string;
	size: number;
	type: string;
	/** Of the file that the sandbox received. */
	sha256: string;
}

/**
 * Proves that exactly one submission was accepted and that each of its form fields holds the bytes of the picture at
 * the given address. The pictures are fetched and hashed again; if something differs, the error says what.
 */
export async function proveUploads(
	requests: readonly RecordedUpload[],
	pictures: Record<string, string>,
): Promise<UploadProof[]> {
	const submissions = requests.filter(
		({ method, path }) => method === 'POST' && path.endsWith('/encrypt_image'),
	);
	const [submission, ...others] = submissions;
	if (!submission || others.length > 0) {
		throw new Error(
			`The sandbox received ${submissions.length} submissions where there should be one.`,
		);
	}
	if (submission.status !== 200) {
		throw new Error(`The sandbox answered the submission with ${submission.status ?? 'nothing'}.`);
	}
	return await Promise.all(
		Object.entries(pictures).map(async ([field, url]) => {
			const file = submission.files[field];
			if (!file) throw new Error(`The sandbox received no file in the field "${field}".`);
			const expected = await hashAt(url);
			if (file.sha256 !== expected) {
				throw new Error(
					`The bytes of "${field}" are not the picture's: the sandbox received sha256 ${file.sha256}, ` +
						`the picture has ${expected}.`,
				);
			}
			return { field, size: file.size, type: file.type, sha256: file.sha256 };
		}),
	);
}

/** The SHA-256 of the content at a URL. */
export async function hashAt(url: string): Promise<string> {
	const response = await fetch(url);
	if (!response.ok) throw new Error(`${url} could not be fetched: ${response.status}.`);
	return hashOf(Buffer.from(await response.arrayBuffer()));
}

export function hashOf(bytes: Buffer): string {
	return createHash('sha256').update(bytes).digest('hex');
}
