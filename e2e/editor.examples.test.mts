import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { importExamples, runExample } from '../scripts/example-run.mts';
import { type Workflow, workflowSchema } from '../scripts/workflow-file.mts';
import { type EditorSession, onScreen, startEditorSession } from './fixture/editor-session.mts';

const OTHERS = [
	'An Agent That Hides Words in Videos',
	'2 of 2: Continue When a Pika Job Ends',
	'Encrypt an Image and Wait for a Callback',
	'Repair Lost Callbacks at Once',
	'Repair Lost Callbacks on a Schedule',
	'Submit and Continue in One Workflow',
	'1 of 2: Submit a Pika Job',
	'Videos for the Rows of a Spreadsheet',
];
const CHANGED = 'Repair Lost Callbacks at Once';

describe('the examples that npm start puts into n8n', () => {
	let session: EditorSession;

	before(async () => {
		session = await startEditorSession({ sandbox: { jobSeconds: 1 } });
	});
	after(async () => {
		await session.stop();
	});

	onScreen(
		'The printed URL leads to the first example and its video',
		() => session,
		async ({ n8n, editor }) => {
			const example = await importExamples(n8n.rest, n8n.sandbox);
			const { path } = await runExample(n8n.rest, example, new AbortController().signal);
			const panel = await editor.openNodeAt(path);
			await panel.output.getByText('video/mp4').waitFor();
			await editor.screens.save('examples first');
			await panel.viewBinary();
			await editor.screens.save('examples first video');
		},
	);

	onScreen(
		'The overview lists the examples with their own tag',
		() => session,
		async ({ editor }) => {
			const cards = await editor.openOverview();
			await editor.screens.save('examples overview');
			const tagged = cards.filter({ hasText: 'Pika examples' });
			const texts = await tagged.allInnerTexts();
			const names = ['Encrypt Image', ...OTHERS];
			assert.equal(texts.length, names.length);
			for (const name of names) {
				assert.ok(
					texts.some((text) => text.startsWith(name)),
					name,
				);
			}
		},
	);

	it('Examples keep their changes, except for the first one, and follow the sandbox to another port', async () => {
		const { rest, sandbox } = session.n8n;
		const { apiToken, baseUrl } = sandbox;
		const read = async () => await Promise.all(OTHERS.map((name) => found(name)));
		await rest.saveWorkflow(withNote(await found(CHANGED), 'My own note'));
		await rest.saveWorkflow(withNote(await found('Encrypt Image'), 'My own note'));
		const changed = await read();

		const moved = 'http://127.0.0.1:4999';
		await importExamples(rest, { apiToken, baseUrl: moved });
		const text = JSON.stringify(changed).replaceAll(`${baseUrl}/sandbox/`, `${moved}/sandbox/`);
		assert.deepEqual(await read(), JSON.parse(text));
		assert.ok(!JSON.stringify(await found('Encrypt Image')).includes('My own note'));
	});

	async function found(name: string): Promise<Workflow> {
		const workflow = await session.n8n.rest.findWorkflow(name);
		assert.ok(workflow, name);
		return workflow;
	}
});

function withNote(workflow: Workflow, content: string): Workflow {
	const nodes = workflow.nodes.map((node) =>
		node.type.endsWith('.stickyNote') ? { ...node, parameters: { content } } : node,
	);
	return workflowSchema.parse({ ...workflow, nodes });
}
