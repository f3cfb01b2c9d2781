import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { outputOf } from '../scripts/execution.mts';
import { type RealN8n, startRealN8n } from './fixture/real-n8n.mts';
import { runToEnd } from './fixture/runs.mts';
import { filesWithToken } from './fixture/secrets.mts';
import {
	chain,
	itemNodes,
	manualTrigger,
	type Picture,
	pictureNode,
	pikaNode,
	workflow,
} from './fixture/workflows.mts';

const STORES = ['default', 'filesystem', 'database'];
const BINARY_MODES = ['separate', 'combined'];
const FORMATS = ['png', 'jpg', 'webp', 'gif'] as const;
const MEBIBYTE = 1024 ** 2;

/** More than one chunk, and not a whole number of them. */
const SOME_CHUNKS = 64 * 1024 + 3;

const SMALL: Picture[] = FORMATS.flatMap((format) =>
	[1, SOME_CHUNKS].map((payload) => ({ format, payload })),
);

for (const store of STORES) {
	describe(`uploads with n8n's binary store "${store}"`, () => {
		let n8n: RealN8n;

		before(async () => {
			const env = {
				N8N_DEFAULT_BINARY_DATA_MODE: store,
				N8N_PAYLOAD_SIZE_MAX: '512',
				// The store in memory keeps 50 MiB of base64 in the execution's data.
				NODE_OPTIONS: '--max-old-space-size=4096',
			};
			n8n = await startRealN8n({ env, sandbox: { jobSeconds: 0 } });
		});
		after(async () => {
			await n8n.stop();
		});

		async function upload(pictures: readonly Picture[], binaryMode: string) {
			const { sandbox, credential } = n8n;
			sandbox.reset();
			const items = pictures.map((picture, i) => ({ ...picture, prompt: `picture ${i}` }));
			const message = pictureNode(sandbox.baseUrl);
			const reference = pictureNode(sandbox.baseUrl, 'References', 'reference');
			// With files among the items' json the second request leaves the first one's file behind, so an expression
			// fetches it; otherwise the second adds its own file to the first one's, and the field's name does.
			const pika = pikaNode({
				message: "={{ $('Pictures').item._files?.data ?? 'data' }}",
				image: 'reference',
			});
			const links = chain(manualTrigger, ...itemNodes(items), message, reference, pika);
			const execution = await runToEnd(
				n8n,
				workflow(links, { credential, settings: { binaryMode } }),
			);
			assert.equal(execution.error, undefined);
			return outputOf(execution, pika.name);
		}

		/** Pictures are the same every time, so the sandbox knows the hash of what it sent to n8n. */
		async function hashesOf(pictures: readonly Picture[]): Promise<string[]> {
			const { sandbox } = n8n;
			const answers = await Promise.all(
				pictures.map(async ({ format = 'png', payload = 1 }) => {
					const path = `/sandbox/pictures/generated.${format}?payload=${payload}`;
					const answer = await fetch(sandbox.baseUrl + path);
					await answer.body?.cancel();
					return answer.headers.get('x-sha256') ?? '';
				}),
			);
			return answers;
		}

		function receivedHashes(field: string): (string | undefined)[] {
			const submissions = n8n.sandbox.requests.filter(
				({ path }) => path === '/v1/pika/encrypt_image',
			);
			const byPrompt = new Map(submissions.map(({ fields, files }) => [fields.prompt, files]));
			assert.equal(byPrompt.size, submissions.length, 'every item is submitted once');
			return submissions.map((_, i) => byPrompt.get(`picture ${i}`)?.[field]?.sha256);
		}

		for (const binaryMode of BINARY_MODES) {
			it(`Uploads keep the bytes of four formats, from 1 byte of content, in ${binaryMode} binary mode`, async () => {
				const jobs = await upload(SMALL, binaryMode);
				const expected = await hashesOf(SMALL);
				assert.equal(jobs.length, SMALL.length);
				assert.equal(new Set(expected).size, SMALL.length);
				assert.deepEqual(receivedHashes('message'), expected);
				assert.deepEqual(receivedHashes('image'), expected);
			});

			// In memory, a large picture takes n8n half a minute, whatever its format is.
			for (const format of store === 'default' ? FORMATS.slice(0, 1) : FORMATS) {
				it(`Uploads keep the bytes of 50 MiB of ${format} in ${binaryMode} binary mode`, async () => {
					const large = [{ format, payload: 50 * MEBIBYTE }];
					await upload(large, binaryMode);
					const expected = await hashesOf(large);
					assert.deepEqual(receivedHashes('message'), expected);
					assert.deepEqual(receivedHashes('image'), expected);
				});
			}
		}

		it('The API token is in no log, execution or other file of n8n', async () => {
			assert.match(await n8n.log(), /\bdebug\b/);
			assert.deepEqual(await filesWithToken(n8n), []);
		});
	});
}
