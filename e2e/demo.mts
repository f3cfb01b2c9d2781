import { readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { Locator } from 'playwright-core';
import sharp from 'sharp';
import { importExamples } from '../scripts/example-run.mts';
import { startEditorSession } from './fixture/editor-session.mts';

const FILE = join(import.meta.dirname, '..', 'docs', 'demo.webp');
const NODE = 'Encrypt Image';
const WINDOW = { width: 1280, height: 800 };
const WIDTH = 960;
const MAX_BYTES = 1_000_000;
const VIDEO_FRAMES = 20;
const SECONDS_PER_FRAME = 0.1;

interface Player {
	src: string;
	currentSrc: string;
	controls: boolean;
	currentTime: number;
	onseeked: (() => void) | null;
}

/** Runs in the page: n8n does not serve parts of a file, so the page needs the whole video to show any moment of it. */
const load = async (element: unknown) => {
	const player = element as Player;
	const video = await (await fetch(player.currentSrc)).blob();
	player.controls = false;
	player.src = URL.createObjectURL(video);
};

/** Runs in the page: shows one moment of the video. */
const seek = async (element: unknown, seconds: number) => {
	const player = element as Player;
	await new Promise<void>((resolve) => {
		player.onseeked = resolve;
		player.currentTime = seconds;
	});
};

/** Makes the animation of the README: the first example in a real n8n, from its pictures to its video. */
const session = await startEditorSession({ sandbox: { jobSeconds: 3, videos: 'rendered' } });
const frames: Array<{ picture: Buffer; milliseconds: number }> = [];
try {
	const { n8n, editor } = session;
	const { page, panel } = editor;
	const show = async (milliseconds: number) => {
		frames.push({ picture: await page.screenshot({ caret: 'hide' }), milliseconds });
	};
	await page.setViewportSize(WINDOW);
	const { workflowId } = await importExamples(n8n.rest, n8n.sandbox);
	await editor.openWorkflow(workflowId);
	await editor.statusOf(NODE, 'success').waitFor({ state: 'detached' });
	await page.keyboard.press('1');
	await show(1500);
	const executed = editor.execute();
	await n8n.sandbox.waitFor(() => n8n.sandbox.jobs[0]);
	for (let i = 0; i < 3; i++) await show(500);
	await executed;
	await editor.statusOf(NODE, 'success').waitFor();
	await editor.dismissMessages();
	await show(1500);
	await editor.open(NODE);
	await panel.untilOutputShows('video/mp4');
	await editor.dismissMessages();
	await show(2000);
	const video: Locator = await panel.viewBinary();
	await video.evaluate(load);
	for (let i = 1; i <= VIDEO_FRAMES; i++) {
		await video.evaluate(seek, i * SECONDS_PER_FRAME);
		await show(SECONDS_PER_FRAME * 1000);
	}
} finally {
	await session.stop();
}
const pictures = await Promise.all(
	frames.map(async ({ picture }) => await sharp(picture).resize(WIDTH).png().toBuffer()),
);
await sharp(pictures, { join: { animated: true } })
	.webp({ delay: frames.map(({ milliseconds }) => milliseconds), loop: 0, quality: 60, effort: 6 })
	.toFile(FILE);
const { size } = await stat(FILE);
const { pages } = await sharp(await readFile(FILE)).metadata();
console.log(`${FILE}: ${pages} frames, ${Math.round(size / 1000)} kB`);
if (size > MAX_BYTES) throw new Error(`It is larger than ${MAX_BYTES / 1000} kB.`);
