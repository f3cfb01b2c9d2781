import { type IBinaryData, type IExecuteFunctions, NodeOperationError } from 'n8n-workflow';

import { openBinary, sizeOfBinary } from '../api/binary';
import { SIGNATURE_BYTES, imageTypeOf } from '../api/imageType';
import type { FilePart } from '../api/multipart';
import { sanitizeText } from '../api/sanitizeText';
import { isRecord } from '../api/isRecord';

interface ImageField {
	name: string;
	displayName: string;
}

/** A type that can stand in a part's header as it is. */
const IMAGE_TYPE = /^image\/[\w.+-]+$/;

function isBinary(value: unknown): value is IBinaryData {
	return (
		isRecord(value) && typeof value.mimeType === 'string' && ('data' in value || 'id' in value)
	);
}

/**
 * Looks under the name as given, then where n8n puts the files of a workflow in combined binary mode. There, with
 * data in memory, n8n 2.41 leaves the files in the item's `binary` and does not find them itself.
 */
function findByName(node: IExecuteFunctions, i: number, name: string): IBinaryData | undefined {
	for (const path of [name, `_files.${name}`]) {
		try {
			return node.helpers.assertBinaryData(i, path);
		} catch {
			continue;
		}
	}
	return node.getInputData()[i]?.binary?.[name];
}

function fieldNames(node: IExecuteFunctions, i: number): string {
	const { binary = {}, json = {} } = node.getInputData()[i] ?? {};
	const combined = typeof json._files === 'object' && json._files !== null ? json._files : {};
	const names = [...Object.keys(binary), ...Object.keys(combined)];
	return names.length === 0
		? 'This item has no binary fields: connect a node that gives a file.'
		: `Choose from the binary fields of this item: ${sanitizeText(names.join(', '))}.`;
}

function describe({ fileName, mimeType }: IBinaryData): string {
	return fileName
		? `"${sanitizeText(fileName)}" (${sanitizeText(mimeType)})`
		: sanitizeText(mimeType);
}

async function firstBytes(node: IExecuteFunctions, binary: IBinaryData): Promise<Buffer> {
	const content = await openBinary(node, binary);
	if (Buffer.isBuffer(content)) return content.subarray(0, SIGNATURE_BYTES);
	const chunks: Buffer[] = [];
	let length = 0;
	// Leaving the loop closes the stream.
	for await (const chunk of content) {
		const bytes = Buffer.from(chunk);
		chunks.push(bytes);
		length += bytes.length;
		if (length >= SIGNATURE_BYTES) break;
	}
	return Buffer.concat(chunks);
}

/**
 * Reads an image parameter of item `i`: a binary field's name, or an expression that gives a binary.
 * Checks it without loading it; throws an error that names the field and what was found instead.
 */
export async function readImage(
	node: IExecuteFunctions,
	i: number,
	{ name, displayName }: ImageField,
): Promise<FilePart | undefined> {
	const value: unknown = node.getNodeParameter(name, i, '');
	if (value === '' || value === null || value === undefined) return undefined;
	const refuse = (message: string, description: string) =>
		new NodeOperationError(node.getNode(), message, { itemIndex: i, description });

	const binary = typeof value === 'string' ? findByName(node, i, value) : value;
	if (typeof value === 'string' && !isBinary(binary)) {
		throw refuse(
			`${displayName}: the item has no binary field "${sanitizeText(value)}"`,
			fieldNames(node, i),
		);
	}
	if (!isBinary(binary)) {
		throw refuse(
			`${displayName}: the expression gives no file`,
			`Give the name of a binary field, or an expression such as {{ $('HTTP Request').item.binary.data }}; in a workflow with combined binary mode {{ $('HTTP Request').item._files.data }}. ${fieldNames(node, i)}`,
		);
	}
	const size = await sizeOfBinary(node, binary);
	if (size === 0) {
		throw refuse(
			`${displayName}: the file ${describe(binary)} is empty`,
			'Check the node that made it.',
		);
	}
	const contentType = IMAGE_TYPE.test(binary.mimeType)
		? binary.mimeType
		: imageTypeOf(await firstBytes(node, binary));
	if (!contentType) {
		throw refuse(
			`${displayName}: ${describe(binary)} is no image`,
			'Give a PNG, JPEG, WebP or GIF image.',
		);
	}
	const extension = contentType.replace(/^image\/(\w*).*$/, '$1');
	return {
		fileName: binary.fileName?.replace(/[\p{C}"\\]/gu, '_') || `${name}.${extension}`,
		contentType,
		size,
		binary,
	};
}

/** The same, where the API requires the image. */
export async function readRequiredImage(
	node: IExecuteFunctions,
	i: number,
	field: ImageField,
): Promise<FilePart> {
	const image = await readImage(node, i, field);
	if (image) return image;
	throw new NodeOperationError(node.getNode(), `${field.displayName}: no binary field is named`, {
		itemIndex: i,
		description:
			'Give the name of the input binary field that holds the image, for example "data".',
	});
}
