import type { IBinaryData, IExecuteFunctions, IWebhookFunctions } from 'n8n-workflow';

import { bytesOf } from './binaryData';
import { isRecord } from './isRecord';
import { kindOf } from './plainText';

type Helpers = IExecuteFunctions['helpers'];
type Reader = IExecuteFunctions | IWebhookFunctions;
type BinaryStream = Awaited<ReturnType<Helpers['getBinaryStream']>>;

export type BinaryContent = BinaryStream | Buffer;

/** The content of a binary and its size in bytes: a stream, or a buffer if n8n keeps the content in the item. */
export interface OpenBinary {
	kind: 'open';
	content: BinaryContent;
	size: number;
}

export interface UnreadableBinary {
	kind: 'unreadable';
	cause: 'noData' | 'wrongData' | 'nameOfStorage' | 'gone' | 'notRead' | 'otherLength';
	/** What the message shows in addition to the cause. */
	detail: string;
}

/** The values of `data` if n8n keeps the content elsewhere, at the place that the `id` names. */
const STORAGES = ['filesystem', 'filesystem-v2', 's3', 'azure', 'database'];

const GONE = /file ?not ?found|nosuchkey|enoent|status code 404/i;
const ERROR_CODE = /^E[A-Z]{3,}$/;

/** Takes the name of a field, and the name of its file in the form that follows "the file". */
type Message = (field: string, file: string, detail: string) => string;

const MESSAGES: Record<UnreadableBinary['cause'], Message> = {
	noData: (field, file) => `${field}: the file${file} has no data`,
	wrongData: (field, file, detail) =>
		`${field}: the data of the file${file} is ${detail}, neither base64 nor a Buffer`,
	nameOfStorage: (field, file, detail) =>
		`${field}: the file${file} has no content, only the name of a storage, "${detail}"`,
	gone: (field, file) => `${field}: the file${file} is no longer in n8n's storage`,
	notRead: (field, file, detail) =>
		`${field}: the file${file} cannot be read from n8n's storage${detail}`,
	otherLength: (field, file) =>
		`${field}: the file${file} does not have the length that n8n's storage says`,
};

/** The message for a file that cannot be read. `file` follows "the file": a space and its name, or nothing. */
export function unreadableMessage(
	field: string,
	file: string,
	{ cause, detail }: Pick<UnreadableBinary, 'cause' | 'detail'>,
): string {
	return MESSAGES[cause](field, file, detail);
}

function unreadable(cause: UnreadableBinary['cause'], detail = ''): UnreadableBinary {
	return { kind: 'unreadable', cause, detail };
}

/** The errors of n8n's storages contain paths of its machine, so only Node's error codes are shown. */
function storageProblem(error: unknown): UnreadableBinary {
	const { name, code, message } = isRecord(error) ? error : {};
	if (GONE.test([name, code, message].join(' '))) {
		return unreadable('gone');
	}
	const isCode = typeof code === 'string' && ERROR_CODE.test(code);
	return unreadable('notRead', isCode ? ` (${code})` : '');
}

function openInItem(data: unknown): OpenBinary | UnreadableBinary {
	if (data === undefined || data === null) return unreadable('noData');
	const text = typeof data === 'string' ? data.trim() : '';
	if (STORAGES.includes(text)) return unreadable('nameOfStorage', text);
	const content = bytesOf(data);
	return content
		? { kind: 'open', content, size: content.length }
		: unreadable('wrongData', kindOf(data));
}

/**
 * Opens a binary, again with each call, and returns its size in bytes. A stream reads chunks of the size that
 * `chunkBytesFor` returns, if n8n's storage supports that.
 */
export async function openBinary(
	{ helpers }: Reader,
	{ id, data }: IBinaryData,
	chunkBytesFor: (size: number) => number | undefined = () => undefined,
): Promise<OpenBinary | UnreadableBinary> {
	if (!id) return openInItem(data);
	try {
		const { fileSize } = await helpers.getBinaryMetadata(id);
		if (!Number.isSafeInteger(fileSize)) return storageProblem(undefined);
		const content = await helpers.getBinaryStream(id, chunkBytesFor(fileSize));
		return { kind: 'open', content, size: fileSize };
	} catch (error) {
		return storageProblem(error);
	}
}

/** The first bytes of a binary, and its full size. */
export interface BinaryStart {
	kind: 'start';
	bytes: Buffer;
	size: number;
}

/** Reads at most the first `length` bytes of a binary. */
export async function readStart(
	node: Reader,
	binary: IBinaryData,
	length: number,
): Promise<BinaryStart | UnreadableBinary> {
	const opened = await openBinary(node, binary, () => length);
	if (opened.kind === 'unreadable') return opened;
	const { content, size } = opened;
	if (Buffer.isBuffer(content)) return { kind: 'start', bytes: content.subarray(0, length), size };
	const chunks: Buffer[] = [];
	let read = 0;
	try {
		// Leaving the loop closes the stream.
		for await (const chunk of content) {
			const bytes = Buffer.from(chunk);
			chunks.push(bytes);
			read += bytes.length;
			if (read >= length) break;
		}
	} catch (error) {
		return storageProblem(error);
	}
	if (read < Math.min(length, size)) return unreadable('otherLength');
	return { kind: 'start', bytes: Buffer.concat(chunks).subarray(0, length), size };
}
