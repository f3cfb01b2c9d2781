import assert from 'node:assert/strict';
import { after, before, describe } from 'node:test';
import { HIDE_IMAGE } from './fixture/editor-creator.mts';
import { type EditorSession, onScreen, startEditorSession } from './fixture/editor-session.mts';
import { submissionsOf } from './fixture/pika-workflow.mts';

const START = 'When clicking ‘Execute workflow’';
const PROMPT = 'A quiet harbour at dawn, slow pan over the water';

/** The part of a video element that is used here; Node has no types of a page. */
interface Player {
	readyState: number;
	videoWidth: number;
	error: { message: string } | null;
}

/** Runs in the page: what kind of video it is, once the player has read that, or that it cannot. */
const loaded = async (element: unknown) => {
	const player = element as Player;
	while (player.readyState === 0 && !player.error) {
		await new Promise((resolve) => setTimeout(resolve, 20));
	}
	return { width: player.videoWidth, fault: player.error?.message };
};

describe('building and running a workflow in the editor', () => {
	let session: EditorSession;

	before(async () => {
		// Only the test ends a job.
		session = await startEditorSession({ sandbox: { jobSeconds: Infinity } });
	});
	after(async () => {
		await session.stop();
	});

	onScreen(
		'A workflow can be built with the mouse',
		() => session,
		async ({ n8n, editor }) => {
			const { creator, panel, screens } = editor;
			await editor.newWorkflow();
			await creator.add('manual', 'Manual Trigger');
			await editor.node(START).waitFor();
			await creator.add('http request', 'HTTP Request');
			await panel.untilOpen();
			await panel.fill('url', `${n8n.sandbox.baseUrl}/sandbox/pictures/message.png`);
			await panel.close();

			await editor.clickCanvas(1080, 180);
			await creator.add('encrypt image', 'Pika', HIDE_IMAGE);
			await panel.untilOpen();
			await panel.fill('prompt', PROMPT);
			await panel.close();
			await screens.save('unconnected');
			const above = await editor.placeOf(HIDE_IMAGE);
			const target = await editor.placeOf('HTTP Request');
			await editor.move(HIDE_IMAGE, 0, target.y - above.y);
			const beside = await editor.placeOf(HIDE_IMAGE);
			assert.ok(beside.y > above.y + 50, 'the node follows the mouse');
			await editor.connect('HTTP Request', HIDE_IMAGE);
			await screens.save('connected');
		},
	);

	onScreen(
		'A node with default settings waits for the video and shows it',
		() => session,
		async ({ n8n, editor }) => {
			const { panel, screens } = editor;
			const executed = editor.execute();
			const job = await n8n.sandbox.waitFor(() => n8n.sandbox.jobs[0]);
			assert.equal(job.prompt, PROMPT);
			await screens.save('polling canvas');
			n8n.sandbox.finishJob(job.jobid);
			await executed;
			await editor.statusOf(HIDE_IMAGE, 'success').waitFor();
			await editor.open(HIDE_IMAGE);
			await panel.untilOutputShows('video/mp4');
			await panel.view('json');
			await panel.untilOutputShows('videoUrl');
			await screens.save('polled video');
			assert.equal(submissionsOf(n8n), 1);
		},
	);

	onScreen(
		'A node that does not wait shows the accepted job and says how to get the video',
		() => session,
		async ({ n8n, editor }) => {
			const { panel, screens } = editor;
			n8n.sandbox.reset();
			await panel.choose('completion', 'Off');
			await panel.run();
			await panel.untilOutputShows('The job is still running, so there is no video yet.');
			await screens.save('hint');
			const [job] = n8n.sandbox.jobs;
			assert.ok(job);
			await panel.view('table');
			await panel.untilOutputShows('started');
			await screens.save('output table');
			await panel.view('json');
			await panel.untilOutputShows(job.jobid);
			await screens.save('output json');
			await panel.view('schema');
			await panel.untilOutputShows(job.jobid);
			await editor.dismissMessages();
			await screens.saveForDocs('node', panel.window);
			assert.equal(submissionsOf(n8n), 1);
		},
	);

	onScreen(
		'A node that waits for a callback shows the video',
		() => session,
		async ({ n8n, editor }) => {
			const { panel, screens } = editor;
			n8n.sandbox.reset();
			await panel.choose('completion', 'By Callback');
			await panel.start();
			await panel.untilOutputShows('at most 30 minutes for each job');
			await editor.dismissMessages();
			await screens.saveForDocs('waiting', panel.window);
			await panel.close();
			await screens.save('waiting canvas');

			await editor.open(HIDE_IMAGE);
			const [job] = n8n.sandbox.jobs;
			assert.ok(job);
			n8n.sandbox.finishJob(job.jobid);
			await panel.untilRunEnds();
			await panel.untilOutputShows('video/mp4');
			const video = await panel.viewBinary();
			const { width, fault } = await video.evaluate(loaded);
			assert.deepEqual({ width, fault }, { width: 320, fault: undefined });
			await editor.dismissMessages();
			await screens.saveForDocs('video', panel.window);
			assert.equal(submissionsOf(n8n), 1);
		},
	);
});
