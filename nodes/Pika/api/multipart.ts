import type FormData from 'form-data';
import type { IBinaryData } from 'n8n-workflow';

import { type OpenBinary, type UnreadableBinary, unreadableMessage } from './binary';

/** A file to send, as plain data that survives a wait. Each attempt opens it again. */
export interface FilePart {
	fileName: string;
	contentType: string;
	/** In bytes. */
	size: number;
	binary: IBinaryData;
	/** The name of its field in messages. */
	label?: string;
}

export interface MultipartBody {
	fields: Record<string, string>;
	files: Record<string, FilePart>;
}

export interface OpenForm {
	kind: 'form';
	body: FormData;
	/** Whether the whole form was handed to the connection. Before that, nobody can have received all of it. */
	isHandedOver: () => boolean;
	/** What is wrong with a file that could not be read to its end, if there is one: then the form was never complete. */
	fileProblem: () => string | undefined;
	/** Closes the files, even if the request ended before they were read. */
	close: () => void;
}

export interface UnreadableFile {
	kind: 'unreadable';
	/** A sentence without a period. */
	reason: string;
}

const CHANGED = { cause: 'otherLength', detail: '' } as const;

/**
 * Loads the copy of form-data that n8n uses. A plain import fails in n8n's Docker image, and n8n before 2.17 does not
 * accept another copy (docs/n8n-internals.md, "form-data").
 */
async function loadFormData(): Promise<new () => FormData> {
	const path = require.resolve('form-data', { paths: [require.resolve('n8n-workflow')] });
	const loaded: { default: new () => FormData } = await import(path);
	return loaded.default;
}

/**
 * Reports a stream that fails or does not have the length that the form announces. The API would wait minutes for the
 * missing bytes, so the form fails instead.
 */
function watch(
	body: FormData,
	{ content, size }: OpenBinary,
	report: (cause: UnreadableBinary['cause']) => void,
): void {
	if (Buffer.isBuffer(content)) return;
	let read = 0;
	// Before the request takes the form there is no other listener, and Node ends the process for an unhandled error.
	body.on('error', () => undefined);
	const end = () => {
		report('otherLength');
		body.emit('error', new Error('A file does not have the length that was announced'));
	};
	content.once('error', () => {
		report('notRead');
	});
	content.on('data', (chunk: Buffer) => {
		read += chunk.length;
		if (read > size) end();
	});
	body.once('end', () => {
		if (read < size) end();
	});
}

/**
 * Opens the files and adds them after the text fields, as streams. `knownLength` gives the request a Content-Length;
 * without it, n8n's helper rejects the form.
 */
export async function buildForm(
	{ fields, files }: MultipartBody,
	open: (file: FilePart) => Promise<OpenBinary | UnreadableBinary>,
): Promise<OpenForm | UnreadableFile> {
	const FormDataClass = await loadFormData();
	const body = new FormDataClass();
	for (const [name, value] of Object.entries(fields)) body.append(name, value);
	const opened: OpenBinary[] = [];
	const close = () => {
		for (const { content } of opened) if ('destroy' in content) content.destroy();
	};
	let problem: string | undefined;
	for (const [name, file] of Object.entries(files)) {
		const problemOf = (cause: UnreadableBinary['cause'], detail = ''): string =>
			unreadableMessage(file.label ?? name, ` "${file.fileName}"`, { cause, detail });
		const binary = await open(file);
		if (binary.kind === 'open') opened.push(binary);
		if (binary.kind === 'unreadable' || binary.size !== file.size) {
			// The files that were opened before must not stay open.
			close();
			const { cause, detail } = binary.kind === 'unreadable' ? binary : CHANGED;
			return { kind: 'unreadable', reason: problemOf(cause, detail) };
		}
		body.append(name, binary.content, {
			filename: file.fileName,
			contentType: file.contentType,
			knownLength: binary.size,
		});
		watch(body, binary, (cause) => {
			problem ??= problemOf(cause);
		});
	}
	let isHandedOver = false;
	body.once('end', () => {
		isHandedOver = problem === undefined;
	});
	return {
		kind: 'form',
		body,
		isHandedOver: () => isHandedOver,
		fileProblem: () => problem,
		close,
	};
}
