import type { Sandbox } from '../../sandbox/sandbox.cts';
import { useFreshSandbox } from './freshSandbox.cts';
import { binaryModes, useBinaryMode } from './harness/binary-store.cts';
import { runWorkflow } from './harness/run.cts';
import { pikaWorkflow } from './pika.cts';
import { type ImageType, SIGNATURES, picture, sha256 } from './pictures.cts';

const MEGABYTE = 1024 * 1024;
const types = Object.keys(SIGNATURES) as ImageType[];
const payloads = [
	['1 byte', 1],
	['64 KiB and a byte', 64 * 1024 + 1],
] as const;

/** More than one chunk. Binary mode makes no difference to large files, so each is tried in one mode. */
const large = { separate: ['50 MB', 50 * MEGABYTE], combined: ['5 MB', 5 * MEGABYTE] } as const;

type Upload = readonly [type: ImageType, size: string, bytes: number];

let sandbox: Sandbox;
useFreshSandbox({ jobSeconds: 60 }, (started) => {
	sandbox = started;
});

describe.each(binaryModes)('Encrypt Image with binary data in n8n’s %s store', (store) => {
	useBinaryMode(store);

	describe.each(['separate', 'combined'] as const)('%s binary mode', (binaryMode) => {
		const small = types.flatMap((type) =>
			payloads.map(([size, bytes]): Upload => [type, size, bytes]),
		);
		// Each type is large in one of the modes.
		const turn = 2 * binaryModes.indexOf(store) + Number(binaryMode === 'combined');
		const largest: Upload = [types[turn % types.length] ?? 'image/png', ...large[binaryMode]];

		it.each([...small, largest])(
			'Encrypt Image uploads %s with %s after its signature byte for byte, as message and as image',
			async (type, _size, bytes) => {
				const content = picture(type, bytes);
				const other = picture('image/png', 33);
				const binary = {
					data: { content, mimeType: type, fileName: 'message' },
					second: { content: other, mimeType: 'application/octet-stream' },
				};
				const { error, output } = await runWorkflow(
					pikaWorkflow({
						sandbox,
						items: [{ binary }],
						parameters: { message: 'data', image: 'second' },
						settings: { binaryMode },
					}),
				);
				expect(error).toBeUndefined();
				expect(output('Pika')).toHaveLength(1);
				const [request] = sandbox.requests;
				expect(request?.files).toEqual({
					message: { size: content.length, type, filename: 'message', sha256: sha256(content) },
					image: { size: 41, type: 'image/png', filename: 'image.png', sha256: sha256(other) },
				});
				expect(request?.transferEncoding).toBeUndefined();
				expect(request?.contentLength).toBeGreaterThan(content.length + other.length);
			},
		);

		it('The message can be a file of an earlier node by expression, and anything else is refused', async () => {
			const content = picture('image/gif', 5);
			const binary = { picture: { content, mimeType: 'image/gif', fileName: 'a.gif' } };
			const files = binaryMode === 'combined' ? '_files' : 'binary';
			const { error } = await runWorkflow(
				pikaWorkflow({
					sandbox,
					items: [{ binary }],
					parameters: { message: `={{ $('Source').item.${files}.picture }}` },
					settings: { binaryMode },
				}),
			);
			// With binary data in memory, n8n keeps the files beside the json, which expressions of combined mode cannot reach.
			const isOutOfSight = store === 'memory' && binaryMode === 'combined';
			expect(error?.message).toBe(
				isOutOfSight ? 'Message Image: the expression returns nothing' : undefined,
			);
			expect(sandbox.requests[0]?.files.message?.sha256).toBe(
				isOutOfSight ? undefined : sha256(content),
			);
		});
	});
});
