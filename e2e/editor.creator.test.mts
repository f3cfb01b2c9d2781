import assert from 'node:assert/strict';
import { after, before, describe } from 'node:test';
import { HIDE_IMAGE } from './fixture/editor-creator.mts';
import { type EditorSession, onScreen, startEditorSession } from './fixture/editor-session.mts';
import { API_TOKEN, type RealN8n } from './fixture/real-n8n.mts';

const MERGED_DESCRIPTION =
	'Create videos with Pika, hide images or text in them, or start a workflow when a job ends';

const NOT_THE_API = 'A server answers at the base URL, but not as useapi.net does';
const TRIGGER_LABELS = [
	'Credential',
	'Trigger On',
	'Job Types',
	'Verify With useapi.net',
	'Authentication',
	'Download Video',
	'Put Output in Field',
	'Register as Default Reply URL',
];

/** Search terms of people who do not know the package's name. */
const WORDS = [
	'pika',
	'useapi',
	'encrypt image',
	'steganography',
	'hide picture',
	'secret message',
	'image to video',
	'text to video',
	'ai video',
	'generate video',
	'animate',
	'hide image in video',
	'hide an image in a video',
	'embed image',
	'conceal',
	'video generation',
	'create video',
	'hide a picture in a video',
	'embed picture',
	'photo to video',
	'animation',
	'pika labs',
	'useapi.net',
	'when video is finished',
	'trigger when video is done',
	'job done',
];

describe('a first look at the package in the editor', () => {
	let session: EditorSession;

	before(async () => {
		session = await startEditorSession();
	});
	after(async () => {
		await session.stop();
	});

	onScreen(
		'The editor finds the package by the words that people search for',
		() => session,
		async ({ editor }) => {
			const { creator, screens } = editor;
			await editor.newWorkflow();
			await creator.open();
			for (const words of WORDS) {
				await creator.search(words);
				await creator.entry('Pika').waitFor();
				await screens.save(`creator ${words}`);
				await creator.search('nothing is called this');
				await creator.entry('Pika').waitFor({ state: 'detached' });
			}
		},
	);

	onScreen(
		'The editor shows both nodes as one entry with triggers and actions',
		() => session,
		async ({ editor }) => {
			const { creator, screens } = editor;
			await editor.newWorkflow();
			await creator.open();
			await creator.search('pika');
			await creator.entry('Pika').click();
			await creator.panel.getByText(MERGED_DESCRIPTION).last().waitFor();
			await creator.entry('On job completed').waitFor();
			await creator.unfold('Actions');
			await creator.entry(HIDE_IMAGE).waitFor();
			await screens.save('creator entry');
		},
	);

	onScreen(
		'The trigger on the canvas explains how to try it and receives the callback of a job',
		() => session,
		async ({ n8n, editor }) => {
			const { creator, panel, screens } = editor;
			await editor.newWorkflow();
			await creator.add('pika', 'Pika', 'On job completed');
			await panel.untilOpen();
			assert.deepEqual(await panel.labels(), TRIGGER_LABELS);
			await screens.saveForDocs('trigger', panel.window);
			await panel.window.getByText('When will this node trigger my flow?').click();
			await panel.window.getByText('To test it', { exact: true }).last().waitFor();
			await screens.save('trigger help');

			// Before n8n listens: then it locks the parameters.
			const replyUrl = await panel.copyUrl();
			await panel.clickExecute();
			await panel.untilListening();
			await screens.save('trigger listening');
			await panel.close();
			await editor.canvas.getByText('Submit one in another tab').waitFor();
			await screens.save('trigger listening on the canvas');
			await editor.open('Pika Trigger');
			await submit(n8n, { prompt: 'waves [seconds=0.1]', replyUrl });
			await panel.untilOutputShows('video/mp4');
			await panel.view('json');
			await panel.untilOutputShows('pika-create');
			await screens.save('trigger output');
			await panel.close();
		},
	);

	onScreen(
		'The editor adds an action after the existing node',
		() => session,
		async ({ editor }) => {
			const { creator, panel, screens } = editor;
			await editor.newWorkflow();
			await creator.add('manual', 'Manual Trigger');
			await editor.node('When clicking ‘Execute workflow’').waitFor();
			await creator.open();
			await creator.search('encrypt image');
			await creator.entry('Pika').click();
			await creator.entry(HIDE_IMAGE).waitFor();
			await screens.saveForDocs('node-creator', creator.panel);
			await creator.entry(HIDE_IMAGE).click();
			await panel.untilOpen();
			await panel.close();
			await editor.connection('When clicking ‘Execute workflow’', HIDE_IMAGE).waitFor({
				state: 'attached',
			});
			await screens.save('canvas');
		},
	);

	onScreen(
		'The credential test says what is wrong with a token or a base URL',
		() => session,
		async ({ n8n, editor }) => {
			const { creator, panel, screens } = editor;
			await editor.newWorkflow();
			await creator.add('manual', 'Manual Trigger');
			await creator.add('pika', 'Pika', HIDE_IMAGE);
			await panel.untilOpen();
			const dialog = await panel.newCredential();
			await dialog.window.getByText('useapi.net has announced that it withdrew').waitFor();
			await dialog.window.getByText('If the test says ECONNREFUSED').waitFor();
			await screens.save('credential empty');

			await dialog.fill('apiToken', 'user:1-wrong');
			await dialog.fill('baseUrl', n8n.sandbox.baseUrl);
			await dialog.saveAndReadFault(
				'The API token is not accepted. Check it, and paste all of it, from "user:" on.',
			);
			await screens.save('credential with a wrong token');

			await dialog.fill('apiToken', API_TOKEN);
			await dialog.fill('baseUrl', 'http://example.com');
			await dialog.saveAndReadFault(
				'The base URL "http://example.com" in the credential does not begin with https://',
			);
			await screens.save('credential with an unsafe address');

			for (const [baseUrl, words] of [
				[`${n8n.sandbox.baseUrl}/elsewhere`, NOT_THE_API],
				// n8n responds to every path with its own page and 200.
				[n8n.baseUrl, NOT_THE_API],
				['api.useapi.net', 'Write "https://api.useapi.net"'],
				[
					'https://api.useapi.net/v1/pika',
					'Write "https://api.useapi.net": the node adds the rest',
				],
				['http://127.0.0.1:1', 'ECONNREFUSED'],
			] as const) {
				await dialog.fill('baseUrl', baseUrl);
				await dialog.saveAndReadFault(words);
			}
			await screens.save('credential with a wrong address');

			await dialog.fill('baseUrl', n8n.sandbox.baseUrl);
			await dialog.fill('channel', 'general');
			await dialog.saveAndReadFault(
				'The Discord channel ID "general" in the credential is not a number',
			);
			await dialog.fill('channel', '');
			await dialog.fill('replyUrl', 'hello');
			await dialog.saveAndReadFault('The reply URL "hello" in the credential is not a web address');
			await dialog.fill('replyUrl', '');

			await dialog.fill('baseUrl', n8n.sandbox.baseUrl);
			await dialog.save();
			await dialog.untilClosed();
			await panel.editCredential();
			await dialog.window.getByText('Connection tested successfully').waitFor();
			await screens.saveForDocs('credential', dialog.window);
			assert.equal(n8n.sandbox.requests.at(-1)?.path, '/v2/account');
		},
	);
});

async function submit({ sandbox }: RealN8n, values: Record<string, string>): Promise<void> {
	const body = new FormData();
	for (const [name, value] of Object.entries(values)) body.append(name, value);
	const headers = { authorization: `Bearer ${API_TOKEN}` };
	const url = `${sandbox.baseUrl}/v1/pika/create`;
	const { status } = await fetch(url, { method: 'POST', headers, body });
	assert.equal(status, 200);
}
