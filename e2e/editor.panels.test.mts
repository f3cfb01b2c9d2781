import assert from 'node:assert/strict';
import { after, before, describe } from 'node:test';
import { isDeepStrictEqual } from 'node:util';
import { type EditorSession, onScreen, startEditorSession } from './fixture/editor-session.mts';
import { savePikaWorkflow } from './fixture/editor-workflows.mts';

const ALWAYS = ['Credential', 'Resource', 'Operation'];
const NOT_WAITING = ['Wait for Completion', 'On Unsuccessful Job'];
const WAITING = [
	'Wait for Completion',
	'Limit Wait Time (Minutes)',
	'Download Video',
	'Put Output in Field',
	'On Unsuccessful Job',
];
const IMAGE_FIELDS = ['Message Image', 'Prompt', 'Reference Image'];

/** Resource, operation, and the labels that the panel shows for it. */
const OPERATIONS: [resource: string, operation: string, labels: string[]][] = [
	['Video', 'Encrypt Image', [...IMAGE_FIELDS, ...NOT_WAITING, 'Options']],
	[
		'Video',
		'Encrypt Text',
		['Message', 'Font', 'Prompt', 'Reference Image', ...NOT_WAITING, 'Options'],
	],
	['Video', 'Create', ['Prompt', 'Reference Image', ...NOT_WAITING, 'Options']],
	['Video', 'Animate', ['Image', 'Prompt', ...NOT_WAITING, 'Options']],
	['Video', 'Retry', ['Job', ...NOT_WAITING, 'Options']],
	[
		'Job',
		'Get',
		['Job', 'Wait for Completion', 'Download Video', 'Put Output in Field', 'On Unsuccessful Job'],
	],
	['Job', 'Get Many', ['Read Each Job']],
	['Job', 'Cancel', ['Job']],
	['Account', 'Get Many', []],
	['Account', 'Create or Update', ['Maximum Jobs']],
	['Account', 'Delete', ['Channel']],
];

describe('panels of the nodes in the editor', () => {
	let session: EditorSession;

	before(async () => {
		session = await startEditorSession();
	});
	after(async () => {
		await session.stop();
	});

	async function expectLabels(wanted: string[]): Promise<void> {
		const { panel } = session.editor;
		const labels = await panel.labelsOnceThey((seen) => isDeepStrictEqual(seen, wanted));
		assert.deepEqual(labels, wanted);
	}

	onScreen(
		'The panel shows the fields of the chosen operation',
		() => session,
		async ({ n8n, editor }) => {
			const { panel, screens } = editor;
			await editor.openWorkflow(await savePikaWorkflow(n8n));
			await editor.open('Pika');
			for (const [resource, operation, labels] of OPERATIONS) {
				await panel.choose('resource', resource);
				await panel.choose('operation', operation);
				await expectLabels([...ALWAYS, ...labels]);
				await screens.save(`panel ${resource} ${operation}`);
			}
		},
	);

	onScreen(
		'The panel shows the fields of the chosen way of waiting',
		() => session,
		async (opened) => {
			const { n8n, editor } = opened;
			const { panel, screens } = editor;
			await editor.openWorkflow(await savePikaWorkflow(n8n));
			await editor.open('Pika');
			for (const way of ['By Polling', 'By Callback']) {
				await panel.choose('completion', way);
				await expectLabels([...ALWAYS, ...IMAGE_FIELDS, ...WAITING, 'Options']);
				await panel.showEnd();
				await screens.save(`panel waiting ${way}`);
			}
			await panel.toggle('download');
			await panel.parameter('outputBinaryField').waitFor({ state: 'detached' });
			const choices = await panel.openChoices('completion');
			assert.equal(choices.length, 3);
			assert.match(choices[0] ?? '', /^By Polling/);
			assert.match(choices[1] ?? '', /^By Callback[^]+A Stop does not end the jobs/);
			assert.match(choices[2] ?? '', /^Off[^]+the videos are not ready/);
			await screens.save('panel ways of waiting');
			await editor.page.keyboard.press('Escape');
		},
	);

	onScreen(
		'The panel offers the options of a submission',
		() => session,
		async ({ n8n, editor }) => {
			const { panel, screens } = editor;
			const options = {
				replyRef: '',
				replyUrl: '',
				maxJobs: 10,
				retryFor: 15,
				cancelOnStop: false,
			};
			const channel = { __rl: true, mode: 'list', value: '' };
			const parameters = { options: { ...options, channel } };
			await editor.openWorkflow(await savePikaWorkflow(n8n, { parameters }));
			await editor.open('Pika');
			await panel.showEnd();
			await screens.save('panel options');
			const labels = await panel.labels();
			const always = ['Reply Reference', 'Maximum Jobs', 'Channel'];
			const unlessCalled = ['Reply URL', 'Cancel Jobs on Stop'];
			for (const label of [...always, ...unlessCalled]) assert.ok(labels.includes(label), label);
			await panel.choose('completion', 'By Callback');
			const left = await panel.labelsOnceThey((seen) => !seen.includes('Reply URL'));
			for (const label of always) assert.ok(left.includes(label), label);
			for (const label of unlessCalled) assert.ok(!left.includes(label), label);
			await screens.save('panel options by callback');
		},
	);

	onScreen(
		'The panel of the tool for AI agents shows its fields',
		() => session,
		async ({ editor }) => {
			const { creator, panel, screens } = editor;
			await editor.newWorkflow();
			await creator.add('manual', 'Manual Trigger');
			await editor.node('When clicking ‘Execute workflow’').waitFor();
			await creator.add('ai agent', 'AI Agent');
			await panel.untilOpen();
			await panel.close();
			await editor.addTool('AI Agent', 'pika', 'Pika Tool');
			await panel.untilOpen();
			await screens.save('tool');
			const labels = await panel.labels();
			assert.ok(labels.includes('Resource'), labels.join());
			await panel.close();
			await screens.save('tool canvas');
		},
	);

	onScreen(
		'The panels are readable in the dark theme',
		() => session,
		async ({ n8n, editor }) => {
			const { panel, screens } = editor;
			await editor.page.emulateMedia({ colorScheme: 'dark' });
			await editor.openWorkflow(await savePikaWorkflow(n8n));
			await screens.save('dark canvas');
			const icon = editor.node('Pika').locator('img');
			assert.match((await icon.getAttribute('src')) ?? '', /pika\.dark\.svg$/);
			await editor.open('Pika');
			await screens.save('dark panel');
			await panel.close();
			await editor.page.emulateMedia({ colorScheme: 'light' });
		},
	);
});
