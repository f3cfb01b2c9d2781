async function through(
	bytes: Uint8Array<ArrayBuffer>,
	stream: CompressionStream | DecompressionStream,
): Promise<Buffer> {
	const piped = new Blob([bytes]).stream().pipeThrough(stream);
	return Buffer.from(await new Response(piped).arrayBuffer());
}

/** Packs a value as JSON, deflated, in base64. */
export async function packed(value: unknown): Promise<string> {
	const bytes = new TextEncoder().encode(JSON.stringify(value));
	return (await through(bytes, new CompressionStream('deflate-raw'))).toString('base64');
}

/** Returns the value that was packed. */
export async function unpacked(text: string): Promise<unknown> {
	const bytes = new Uint8Array(Buffer.from(text, 'base64'));
	const json = (await through(bytes, new DecompressionStream('deflate-raw'))).toString();
	return JSON.parse(json) as unknown;
}
