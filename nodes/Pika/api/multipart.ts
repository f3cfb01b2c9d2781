import type FormData from 'form-data';
import type { IBinaryData } from 'n8n-workflow';

import { type OpenBinary, type UnreadableBinary, unreadableMessage } from './binary';

/** A file to send, as plain data that survives a wait; it is opened once more for each try. */
export interface FilePart {
	fileName: string;
	contentType: string;
	/** In bytes. */
	size: number;
	binary: IBinaryData;
	/** What messages call the field that it comes from. */
	label?: string;
}

export interface MultipartBody {
	fields: Record<string, string>;
	files: Record<string, FilePart>;
}

export interface OpenForm {
	kind: 'form';
	body: FormData;
	/** Whether all of it was handed to the connection: as long as it was not, nobody can have received it whole. */
	isHandedOver: () => boolean;
	/** Which file could not be read to its end, if one could not: then the form was never whole. */
	fileProblem: () => string | undefined;
	/** Frees the files, also if the request ended before they were read. */
	close: () => void;
}

export interface UnreadableFile {
	kind: 'unreadable';
	/** A sentence without its period. */
	reason: string;
}

const CHANGED = { cause: 'otherLength', detail: '' } as const;

/**
 * form-data, as n8n itself loads it. A bare import fails in n8n's Docker image, where only
 * n8n-workflow's own folder can see it, and a copy of ours is not the class that n8n's request
 * helper looked for before 2.17.
 */
async function loadFormData(): Promise<new () => FormData> {
	const path = require.resolve('form-data', { paths: [require.resolve('n8n-workflow')] });
	const loaded: { default: new () => FormData } = await import(path);
	return loaded.default;
}

/**
 * Reports a stream that fails, or that has another length than the form announces. The API would wait minutes for what
 * is missing, so the form fails in its place.
 */
function watch(
	body: FormData,
	{ content, size }: OpenBinary,
	report: (cause: UnreadableBinary['cause']) => void,
): void {
	if (Buffer.isBuffer(content)) return;
	let read = 0;
	// Until the request takes the form, nobody else listens, and Node ends the process for an error that nobody hears.
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
 * Opens the files and puts them behind the text fields, streamed: with `knownLength` the request
 * has a Content-Length, and without it n8n's helper refuses the form.
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
			// A file that cannot be opened must not leave the ones before it open.
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
