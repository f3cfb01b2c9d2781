import assert from 'node:assert/strict';
import { after, before, beforeEach, describe } from 'node:test';
import { type EditorSession, onScreen, startEditorSession } from './fixture/editor-session.mts';
import { savePikaWorkflow } from './fixture/editor-workflows.mts';
import { submissionsOf } from './fixture/pika-workflow.mts';
import { API_TOKEN } from './fixture/real-n8n.mts';

const TYPE = 'useApiPikaApi';
const PLAIN_HTTP = 'Plain http';
const PUBLIC = 'Public address';

describe('mistakes in the editor', () => {
	let session: EditorSession;

	before(async () => {
		session = await startEditorSession({ sandbox: { jobSeconds: 0.5 } });
		const { rest } = session.n8n;
		const saveCredential = async (name: string, baseUrl: string) => {
			await rest.saveCredential({ name, type: TYPE, data: { apiToken: API_TOKEN, baseUrl } });
		};
		await saveCredential(PLAIN_HTTP, 'http://example.com');
		await saveCredential(PUBLIC, 'https://api.useapi.example');
	});
	after(async () => {
		await session.stop();
	});
	beforeEach(() => {
		session.n8n.sandbox.reset();
	});

	async function openPika({ n8n, editor }: EditorSession): Promise<void> {
		await editor.openWorkflow(await savePikaWorkflow(n8n, { parameters: { prompt: 'waves' } }));
		await editor.open('Pika');
	}

	/** Clicks "Execute step", and compares what the output panel says. */
	async function expectError(message: RegExp, description: RegExp, picture: string): Promise<void> {
		const { n8n, editor } = session;
		await editor.panel.run();
		const error = await editor.panel.error();
		assert.match(error.message, message);
		assert.match(error.description, description);
		await editor.screens.save(`mistake ${picture}`);
		assert.equal(submissionsOf(n8n), 0);
	}

	onScreen(
		'The editor explains a wrong name of the binary field',
		() => session,
		async (opened) => {
			await openPika(opened);
			const { panel, screens } = opened.editor;
			await panel.fill('message', 'picture');
			await expectError(
				/^Message Image: the item has no binary field "picture"/,
				/^This item has one binary field: enter its name, "data"\./,
				'wrong field',
			);
			await opened.editor.dismissMessages();
			await screens.saveForDocs('error', panel.window);
		},
	);

	onScreen(
		'The editor explains that an item has no file',
		() => session,
		async (opened) => {
			const { n8n, editor } = opened;
			await editor.openWorkflow(await savePikaWorkflow(n8n));
			await editor.remove('Pictures');
			await editor.open('Pika');
			await expectError(
				/^Message Image: the item has no binary field "data"/,
				/Connect a node that outputs a file/,
				'no binary',
			);
		},
	);

	onScreen(
		'The editor explains that a prompt is empty',
		() => session,
		async (opened) => {
			await openPika(opened);
			const { editor } = opened;
			await editor.panel.fill('prompt', '');
			await editor.panel.clickExecute();
			const text = await editor.messageInCorner('cannot start');
			assert.match(text, /Parameter "Prompt" is required/);
			await editor.screens.save('mistake no prompt');

			await editor.panel.fillExpression('prompt', '{{ $json.nothing }}');
			await expectError(
				/^Prompt: the expression returns nothing/,
				/enter what the video should show/,
				'empty prompt',
			);
		},
	);

	onScreen(
		'The editor explains that a prompt is too long',
		() => session,
		async (opened) => {
			await openPika(opened);
			await opened.editor.panel.fill('prompt', 'x'.repeat(1501));
			await expectError(
				/^Prompt: 1501 characters are too long, the limit is 1500/,
				/Shorten "Prompt"/,
				'long prompt',
			);
		},
	);

	onScreen(
		'The editor explains why a list is empty or cannot be loaded',
		() => session,
		async ({ n8n, editor }) => {
			const jobid = { __rl: true, mode: 'list', value: '' };
			const parameters = { resource: 'job', operation: 'get', jobid };
			await editor.openWorkflow(await savePikaWorkflow(n8n, { parameters }));
			await editor.open('Pika');
			const { panel, page, screens } = editor;
			const answer = { status: 503, body: { error: 'Service Unavailable', code: 503 } };
			n8n.sandbox.addFault({ on: { path: '/v1/pika/jobs', times: 9 }, do: { answer } });
			const list = panel.parameter('jobid').locator('input').last();
			await list.click();
			const fault = page.getByTestId('rlc-error-container');
			await fault.getByText('Service Unavailable').waitFor();
			await fault.getByText('You can also enter an ID.').waitFor();
			await screens.save('mistake list');
			n8n.sandbox.reset();
			await page.keyboard.press('Escape');
			await editor.openWorkflow(await savePikaWorkflow(n8n, { parameters }));
			await editor.open('Pika');
			await list.click();
			await page.getByText('No jobs are running').waitFor();
			await screens.save('empty list');
		},
	);

	onScreen(
		'The editor explains that a node has no credential',
		() => session,
		async ({ n8n, editor }) => {
			const id = await savePikaWorkflow(n8n, { parameters: { prompt: 'waves' }, credentials: {} });
			await editor.openWorkflow(id);
			// Opening the node would make n8n choose a credential by itself.
			await editor.clickExecute();
			const text = await editor.messageInCorner('Problem in node ‘Pika‘');
			assert.match(text, /No credential is chosen/);
			await editor.screens.save('mistake no credential');
			assert.equal(submissionsOf(n8n), 0);
		},
	);

	onScreen(
		'The editor explains that a base URL needs https',
		() => session,
		async (opened) => {
			await openPika(opened);
			await opened.editor.panel.chooseCredential(PLAIN_HTTP);
			await expectError(
				/does not begin with https:\/\/, so the API token would travel unprotected/,
				/credential/,
				'plain http',
			);
		},
	);

	onScreen(
		'The editor explains that callbacks cannot reach n8n',
		() => session,
		async (opened) => {
			await openPika(opened);
			const { panel } = opened.editor;
			await panel.chooseCredential(PUBLIC);
			await panel.choose('completion', 'By Callback');
			await expectError(
				/^useapi\.net cannot call this n8n at http:\/\/127\.0\.0\.1/,
				/Set "Wait for Completion" to "By Polling", or set n8n's environment variable N8N_WEBHOOK_URL/,
				'unreachable',
			);
		},
	);

	onScreen(
		'Retry On Fail submits every item once',
		() => session,
		async (opened) => {
			const { n8n, editor } = opened;
			const prompt = "={{ $('Items').item.json.payload === 2 ? '[moderate]' : 'waves' }}";
			await editor.openWorkflow(await savePikaWorkflow(n8n, { parameters: { prompt }, count: 3 }));
			await editor.open('Pika');
			const { panel, screens } = editor;
			await panel.openTab('settings');
			await panel.toggle('retryOnFail');
			await panel.parameter('maxTries').waitFor();
			await screens.save('retry on fail');
			await panel.run();
			const { message, description } = await panel.error();
			await screens.save('mistake retry on fail');
			assert.match(message, /^The Pika job was rejected \(moderated\): /);
			assert.match(description, /Change the prompt or the image/);
			for (const { jobid } of n8n.sandbox.jobs) assert.ok((message + description).includes(jobid));
			assert.equal(n8n.sandbox.jobs.length, 3);
			assert.equal(submissionsOf(n8n), 3);
		},
	);
});
