import assert from 'node:assert/strict';
import { after, before, beforeEach, describe } from 'node:test';
import { type EditorSession, onScreen, startEditorSession } from './fixture/editor-session.mts';
import { laidOut } from './fixture/editor-workflows.mts';
import { pikaWorkflow, promptItems, submissionsOf } from './fixture/pika-workflow.mts';
import { API_TOKEN } from './fixture/real-n8n.mts';
import { node } from './fixture/workflows.mts';

const PNG = Buffer.from('89504e470d0a1a0a0000000d4948445200', 'hex');
const BASE64 = PNG.toString('base64');
const TYPE = 'useApiPikaApi';
const PASTED = 'Pasted token';

/** A Code node instead of the pictures, whose items have this as their binary field "data". */
function codeNode(binary: string) {
	const jsCode = `return $input.all().map((item) => ({ json: item.json, binary: { data: ${binary} } }));`;
	return node('Pictures', 'n8n-nodes-base.code', 2, { jsCode });
}

describe('inputs of the node in the editor', () => {
	let session: EditorSession;

	before(async () => {
		session = await startEditorSession({ sandbox: { jobSeconds: 600 } });
		const data = { apiToken: 'not yet', baseUrl: session.n8n.sandbox.baseUrl };
		await session.n8n.rest.saveCredential({ name: PASTED, type: TYPE, data });
	});
	after(async () => {
		await session.stop();
	});
	beforeEach(() => {
		session.n8n.sandbox.reset();
	});

	/** Opens the node Pika of a workflow whose Code node makes the file. */
	async function openWith(binary: string, parameters: object = {}, count = 1): Promise<void> {
		const { n8n, editor } = session;
		const workflow = pikaWorkflow(n8n, {
			items: promptItems(count),
			parameters: { prompt: 'waves', ...parameters },
			pictures: codeNode(binary),
		});
		await editor.openWorkflow(await n8n.rest.saveWorkflow(laidOut(workflow)));
		await editor.open('Pika');
	}

	async function runWith(...given: Parameters<typeof openWith>): Promise<void> {
		await openWith(...given);
		await session.editor.panel.run();
	}

	async function expectRefused(
		message: string | RegExp,
		description: RegExp,
		picture: string,
	): Promise<void> {
		const { n8n, editor } = session;
		const error = await editor.panel.error();
		await editor.screens.save(`input ${picture}`);
		if (typeof message === 'string') assert.ok(error.message.startsWith(message), error.message);
		else assert.match(error.message, message);
		assert.match(error.description, description);
		assert.equal(submissionsOf(n8n), 0);
	}

	const good: [what: string, binary: string][] = [
		['a data: URI', `{ data: "data:image/png;base64,${BASE64}", mimeType: "image/png" }`],
		['base64 in lines', `{ data: "${BASE64.replace(/.{8}/g, String.raw`$&\r\n`)}" }`],
		['a Buffer without a type', `{ data: Buffer.from("${BASE64}", "base64") }`],
		[
			'a number as its name and a wrong type',
			`{ data: "${BASE64}", fileName: 42, mimeType: "image/jpg" }`,
		],
	];
	for (const [what, binary] of good) {
		onScreen(
			`is sent byte by byte if a Code node makes it as ${what}`,
			() => session,
			async ({ n8n, editor }) => {
				await runWith(binary);
				await editor.panel.untilOutputShows('started');
				await editor.screens.save(`input ${what}`);
				const [request] = n8n.sandbox.requests.filter(({ method }) => method === 'POST');
				const { size, type } = request?.files.message ?? {};
				assert.deepEqual({ size, type }, { size: PNG.length, type: 'image/png' });
			},
		);
	}

	const bad: [what: string, binary: string, message: string, description: RegExp][] = [
		[
			'the name of the storage',
			'{ data: item.binary?.data?.data ?? "filesystem-v2", mimeType: "image/png" }',
			'Message Image: the file (image/png) has no content, only the name of a storage, "filesystem-v2"',
			/pass on the whole file with its id/,
		],
		[
			'an HEIC image',
			`{ data: "${Buffer.from('\0\0\0\x18ftypheic\0\0\0\0mif1heic', 'latin1').toString('base64')}", mimeType: "image/png", fileName: "a.png" }`,
			'Message Image: the file "a.png" (image/png) is an HEIC image, not a PNG, JPEG, WebP or GIF image',
			/Convert it .* Edit Image node and its option "Format"/,
		],
		[
			'a web page',
			`{ data: "${Buffer.from('<!DOCTYPE html><title>Sign in</title>').toString('base64')}", mimeType: "image/png" }`,
			'Message Image: the file (image/png) is an HTML page, not a PNG, JPEG, WebP or GIF image',
			/a web page instead/,
		],
		[
			'a file that is gone',
			'{ id: "filesystem-v2:workflows/x/executions/1/binary_data/gone", data: "filesystem-v2", mimeType: "image/png", fileName: "a.png" }',
			`Message Image: the file "a.png" (image/png) is no longer in n8n's storage`,
			/run the node that makes the file again/,
		],
	];
	for (const [what, binary, message, description] of bad) {
		onScreen(
			`is refused with what to do if it is ${what}`,
			() => session,
			async () => {
				await runWith(binary);
				await expectRefused(message, description, what);
			},
		);
	}

	onScreen(
		'The editor shows which item has an object as its prompt, alone or inside a text',
		() => session,
		async () => {
			const prompt = '={{ $itemIndex === 1 ? $json : "waves" }}';
			await runWith(`{ data: "${BASE64}" }`, { prompt }, 3);
			await expectRefused(
				/^Prompt: the value is an object, not text \[item 1\]$/,
				/\$json\.title/,
				'object',
			);
			await runWith(`{ data: "${BASE64}" }`, { prompt: '=waves {{ $json }}' });
			await expectRefused(
				/^Prompt: the value contains "\[object Object\]"/,
				/\$json\.title/,
				'text',
			);
		},
	);

	onScreen(
		'The editor refuses a channel that is a number without its last digits',
		() => session,
		async () => {
			const channel = { __rl: true, mode: 'id', value: '={{ 1163104783924957235 }}' };
			await runWith(`{ data: "${BASE64}" }`, { options: { channel } });
			await expectRefused(
				/^Channel: the value is the number 1163104783924957200, which has more digits/,
				/Pass it as text, in quotes/,
				'channel',
			);
		},
	);

	onScreen(
		'A token may contain pasted characters, but not the dots that mask one',
		() => session,
		async ({ n8n, editor }) => {
			await openWith(`{ data: "${BASE64}" }`);
			const { panel, screens } = editor;
			await panel.chooseCredential(PASTED);
			const dialog = await panel.editCredential();
			await dialog.fill('apiToken', 'user:••••••••');
			await dialog.saveAndReadFault(
				'The API token in the credential has characters that no token has',
			);
			await screens.save('input masked token');
			await dialog.fill('apiToken', ` Bearer \ufeff${API_TOKEN.replace('-', '-\u200b')}\u00a0`);
			await dialog.fill('baseUrl', `${n8n.sandbox.baseUrl}/\u200b `);
			await dialog.save();
			await dialog.window.getByText('Connection tested successfully').waitFor();
			await screens.save('input pasted token');
			await dialog.close();
			n8n.sandbox.reset();
			await panel.run();
			await panel.untilOutputShows('started');
			assert.equal(submissionsOf(n8n), 1);
		},
	);
});
