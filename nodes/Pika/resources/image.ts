import type { IBinaryData, IExecuteFunctions } from 'n8n-workflow';

import { type UnreadableBinary, readStart, unreadableMessage } from '../api/binary';
import { bytesOf } from '../api/binaryData';
import { START_BYTES, imageTypeOf, otherFormatOf } from '../api/imageType';
import type { FilePart } from '../api/multipart';
import { kindOf } from '../api/plainText';
import { sanitizeText } from '../api/sanitizeText';
import { isRecord } from '../api/isRecord';
import { type Field, missingError, parameterError } from './values';

const LONGEST_FILE_NAME = 200;

const CHECK_SOURCE = 'Check the node that made it';
const FROM_WEB = 'A link that is wrong, or that asks to sign in, often returns a web page instead.';
const FROM_CODE =
	'In a Code node, return a file as binary: { data: { data: buffer.toString("base64"), mimeType: "image/png" } }.';

const NOT_A_LINK =
	'Fetch the file with an HTTP Request node before this node, then enter the name of its binary field, "data".';

const CONVERT =
	'Convert it to PNG, JPEG, WebP or GIF before this node, for example with n8n\'s Edit Image node and its option "Format".';

const RUN_AGAIN =
	"Run the node that makes the file again. If that does not help, check n8n's settings for binary data.";

const WHAT_TO_DO: Record<UnreadableBinary['cause'], string> = {
	noData: `n8n leaves the data out of {{ $binary }}: enter the field's name, or {{ $('Node Name').item.binary.data }}. ${FROM_CODE}`,
	wrongData: `${CHECK_SOURCE}. ${FROM_CODE}`,
	nameOfStorage:
		'In a Code node, pass on the whole file with its id, or read it with this.helpers.getBinaryDataBuffer().',
	gone: 'n8n deletes files together with their execution: run the node that makes the file again, in this execution.',
	otherLength: RUN_AGAIN,
	notRead: RUN_AGAIN,
};

/** n8n's own check also requires a MIME type, which files made in a Code node often lack. */
function isFile(value: unknown): value is IBinaryData {
	if (!isRecord(value)) return false;
	const { id, data, mimeType } = value;
	if (typeof mimeType === 'string' || typeof data === 'string') return true;
	return typeof id === 'string' || bytesOf(data) !== undefined;
}

/**
 * Looks for the name as given, then in the place to which n8n moves files in combined binary mode. Files in memory stay
 * in the item's `binary` in that mode, and n8n 2.41 itself does not find them there.
 */
function findByName(node: IExecuteFunctions, i: number, name: string): unknown {
	const { binary } = node.getInputData()[i] ?? {};
	if (isRecord(binary) && Object.hasOwn(binary, name)) return binary[name];
	for (const path of [name, `_files.${name}`]) {
		try {
			const found: unknown = node.helpers.assertBinaryData(i, path);
			if (isFile(found)) return found;
		} catch {
			continue;
		}
	}
	return undefined;
}

/** The file of an earlier node, as expressions name it in this workflow. n8n 2.0 has neither the mode nor the function. */
function fileOfNode(node: Partial<IExecuteFunctions>): string {
	const isCombined = node.getWorkflowSettings?.().binaryMode === 'combined';
	return `$('Node Name').item.${isCombined ? '_files' : 'binary'}.data`;
}

function fieldNames(node: IExecuteFunctions, i: number): string {
	const { binary = {}, json = {} } = node.getInputData()[i] ?? {};
	const combined = isRecord(json._files) ? json._files : {};
	const names = [...Object.keys(binary), ...Object.keys(combined)];
	if (names.length === 0) {
		return `This item has no binary fields. Connect a node that outputs a file; in HTTP Request, that is Options → Response → Response Format set to File. If an earlier node has the file, enter {{ ${fileOfNode(node)} }}.`;
	}
	return names.length === 1
		? `This item has one binary field: enter its name, "${sanitizeText(names.join())}".`
		: `This item has these binary fields: ${sanitizeText(names.join(', '))}. Enter one of these names exactly as it is written here.`;
}

function textOf(value: unknown): string {
	return typeof value === 'string' || typeof value === 'number' ? String(value) : '';
}

/** A file name that is safe in a part's header, without any folder. */
function fileNameOf({ fileName }: IBinaryData, substitute: string): string {
	const name = textOf(fileName).split(/[/\\]/).at(-1) ?? '';
	const clean = [...name.trim().replace(/[\p{C}"]/gu, '_')].slice(-LONGEST_FILE_NAME).join('');
	return /^\.*$/.test(clean) ? substitute : clean;
}

/** The name and type of a file, to follow the words "the file". */
function describe({ fileName, mimeType }: IBinaryData): string {
	const name = textOf(fileName) && ` "${sanitizeText(textOf(fileName))}"`;
	const type = textOf(mimeType) && ` (${sanitizeText(textOf(mimeType))})`;
	return `${name}${type}`;
}

/** Finds the file that a parameter names, or that its expression returns; undefined if the parameter is empty. */
function findFile(
	node: IExecuteFunctions,
	i: number,
	{ name, displayName }: Field,
): IBinaryData | undefined {
	const value: unknown = node.getNodeParameter(name, i, '');
	if (value === '' || value === null || value === undefined) return undefined;
	if (typeof value !== 'string') {
		if (isFile(value)) return value;
		throw parameterError(
			node,
			i,
			`${displayName}: the expression does not return a file`,
			`It returns ${kindOf(value)}. ${fieldNames(node, i)}`,
		);
	}
	const found = findByName(node, i, value) ?? findByName(node, i, value.trim());
	if (isRecord(found)) return found as unknown as IBinaryData;
	const field = `binary field "${sanitizeText(value)}"`;
	if (found === undefined && /^\s*https?:\/\//i.test(value)) {
		throw parameterError(node, i, `${displayName}: the value is a link, not a file`, NOT_A_LINK);
	}
	if (found === undefined) {
		const message = `${displayName}: the item has no ${field}`;
		throw parameterError(node, i, message, fieldNames(node, i));
	}
	const message = `${displayName}: the ${field} is ${kindOf(found)}, not a file`;
	throw parameterError(node, i, message, `${CHECK_SOURCE}. ${FROM_CODE}`);
}

/**
 * Reads an image parameter of item `i`: the name of a binary field, or an expression that returns a binary. Only the
 * first bytes decide the type. Throws an error that names the field and what was found instead.
 */
export async function readImage(
	node: IExecuteFunctions,
	i: number,
	field: Field,
): Promise<FilePart | undefined> {
	const { name, displayName } = field;
	const binary = findFile(node, i, field);
	if (!binary) return undefined;
	const file = describe(binary);
	const start = await readStart(node, binary, START_BYTES);
	if (start.kind === 'unreadable') {
		const message = unreadableMessage(displayName, file, start);
		throw parameterError(node, i, message, WHAT_TO_DO[start.cause]);
	}
	if (start.size === 0) {
		const message = `${displayName}: the file${file} is empty`;
		throw parameterError(node, i, message, `${CHECK_SOURCE}.`);
	}
	const contentType = imageTypeOf(start.bytes);
	if (!contentType) {
		const format = otherFormatOf(start.bytes);
		const message = format
			? `${displayName}: the file${file} is ${format.name}, not a PNG, JPEG, WebP or GIF image`
			: `${displayName}: the file${file} is not a PNG, JPEG, WebP or GIF image`;
		const fromCode = format ? '' : ` ${FROM_CODE}`;
		const whatToDo = format?.isImage ? CONVERT : `${CHECK_SOURCE}. ${FROM_WEB}${fromCode}`;
		throw parameterError(node, i, message, whatToDo);
	}
	const extension = contentType.replace('image/', '');
	const fileName = fileNameOf(binary, `${name}.${extension}`);
	return { fileName, contentType, size: start.size, binary, label: displayName };
}

/** The same for an image that the API requires. */
export async function readRequiredImage(
	node: IExecuteFunctions,
	i: number,
	field: Field,
): Promise<FilePart> {
	const image = await readImage(node, i, field);
	if (image) return image;
	throw missingError(node, i, field, fieldNames(node, i));
}
