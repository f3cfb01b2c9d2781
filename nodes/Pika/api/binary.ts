import type { IBinaryData, IExecuteFunctions, IWebhookFunctions } from 'n8n-workflow';

type Helpers = IExecuteFunctions['helpers'];
type BinaryStream = Awaited<ReturnType<Helpers['getBinaryStream']>>;

export type BinaryContent = BinaryStream | Buffer;

/**
 * Opens a binary's content, anew with each call: a stream, or a buffer where n8n keeps it in memory. The stream reads
 * this many bytes at a time, where n8n's store can do that.
 */
export async function openBinary(
	{ helpers }: IExecuteFunctions | IWebhookFunctions,
	binary: IBinaryData,
	chunkBytes?: number,
): Promise<BinaryContent> {
	return binary.id
		? await helpers.getBinaryStream(binary.id, chunkBytes)
		: Buffer.from(binary.data, 'base64');
}

/** The size of a binary in bytes, without opening it. */
export async function sizeOfBinary(
	{ helpers }: IExecuteFunctions,
	binary: IBinaryData,
): Promise<number> {
	return binary.id
		? (await helpers.getBinaryMetadata(binary.id)).fileSize
		: Buffer.byteLength(binary.data, 'base64');
}
