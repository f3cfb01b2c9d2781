import { backgroundOf } from './background.cts';
import { randomFrom } from './random.cts';
import type { VisibleScene } from './scene.cts';

/** How much wider than the frame the background is, for the pan. */
const PAN = 1.25;
const WHITE = 235;
/** The share of the video in which the text slides in. */
const SLIDE = 0.4;

/** The frames of a video that pans over the background while the text slides in, as YUV 4:2:0. */
export function* visibleFrames(scene: VisibleScene): Generator<Uint8Array> {
	const { width, height, frames, lettering } = scene;
	const wide = Math.round((width * PAN) / 4) * 4;
	const { y, u, v } = backgroundOf(scene, wide, height);
	const random = randomFrom(scene.seed);
	const [from, to] = [random.next() / 2, 1 - random.next() / 2];
	const isToTheLeft = random.next() < 0.5;
	const frame = new Uint8Array((width * height * 3) / 2);
	for (let number = 0; number < frames; number += 1) {
		const progress = frames === 1 ? 0 : number / (frames - 1);
		const place = from + (to - from) * (isToTheLeft ? 1 - progress : progress);
		const left = Math.round(((wide - width) / 2) * place) * 2;
		for (let row = 0; row < height; row += 1) {
			frame.set(y.subarray(row * wide + left, row * wide + left + width), row * width);
		}
		for (const [plane, values] of [u, v].entries()) {
			const start = width * height * (1 + plane / 4);
			for (let row = 0; row < height / 2; row += 1) {
				const from = (row * wide + left) / 2;
				frame.set(values.subarray(from, from + width / 2), start + (row * width) / 2);
			}
		}
		const slide = Math.round(width * Math.max(0, 1 - progress / SLIDE) ** 2);
		if (lettering) drawLettering(frame, lettering, width, slide);
		yield frame;
	}
}

/** Draws the text in white, shifted to the right by `slide` pixels. */
function drawLettering(
	frame: Uint8Array,
	lettering: Uint8Array,
	width: number,
	slide: number,
): void {
	for (const [at, opacity] of lettering.entries()) {
		if (opacity === 0 || (at % width) + slide >= width) continue;
		const luma = frame[at + slide] ?? 0;
		frame[at + slide] = luma + ((WHITE - luma) * opacity) / 255;
	}
}
