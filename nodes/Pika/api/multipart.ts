import type FormData from 'form-data';
import type { IBinaryData } from 'n8n-workflow';

import type { BinaryContent } from './binary';

/** A file to send, as plain data that survives a wait; it is opened anew for each try. */
export interface FilePart {
	fileName: string;
	contentType: string;
	/** In bytes. */
	size: number;
	binary: IBinaryData;
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
	/** Frees the files, also where the request ended before they were read. */
	close: () => void;
}

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
 * Opens the files and puts them behind the text fields, streamed: with `knownLength` the request
 * has a Content-Length, and without it n8n's helper refuses the form.
 */
export async function buildForm(
	{ fields, files }: MultipartBody,
	open: (file: FilePart) => Promise<BinaryContent>,
): Promise<OpenForm> {
	const FormDataClass = await loadFormData();
	const body = new FormDataClass();
	for (const [name, value] of Object.entries(fields)) body.append(name, value);
	const opened: BinaryContent[] = [];
	const close = () => {
		for (const content of opened) if ('destroy' in content) content.destroy();
	};
	for (const [name, file] of Object.entries(files)) {
		// A file that cannot be opened must not leave the ones before it open.
		const content = await open(file).catch((error: unknown) => {
			close();
			return Promise.reject(error);
		});
		opened.push(content);
		body.append(name, content, {
			filename: file.fileName,
			contentType: file.contentType,
			knownLength: file.size,
		});
	}
	let isHandedOver = false;
	body.once('end', () => {
		isHandedOver = true;
	});
	return { kind: 'form', body, isHandedOver: () => isHandedOver, close };
}
