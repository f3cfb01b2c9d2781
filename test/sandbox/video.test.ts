import { decode, describeVideo, type Film } from '../video/frames.cts';
import { blocksOf, correlation, type Map2d, mean, motionOf, variance } from '../video/motion.cts';
import { edgesOf, layOut, patternOf, type PatternFormat, pictureOf } from '../video/patterns.cts';
import { submit } from './client';
import { useSandbox } from './useSandbox';

const sandbox = useSandbox({
	jobSeconds: 0,
	videos: 'rendered',
	videoWidth: 160,
	videoFrames: 24,
});

type Values = Record<string, string | Blob | undefined>;

async function endedJob(values: Values, endpoint = 'encrypt_image') {
	const { body } = await submit(sandbox, values, endpoint);
	return await sandbox.waitFor(() =>
		sandbox.jobs.find(({ jobid, status }) => jobid === body.jobid && status === 'completed'),
	);
}

async function videoFor(values: Values, endpoint?: string): Promise<Uint8Array> {
	const { attachments } = await endedJob(values, endpoint);
	const response = await fetch(attachments?.[0]?.url ?? '');
	return new Uint8Array(await response.arrayBuffer());
}

async function textVideo(message: string, prompt = 'waves'): Promise<Map2d> {
	return motionOf(decode(await videoFor({ message, prompt }, 'encrypt_text')));
}

function likeness(motion: Map2d, name: string): number {
	return correlation(motion.values, layOut(patternOf(name), motion));
}

/** The lightness of a frame, scaled to the given size. */
function lightness(film: Film, number: number): Float64Array {
	const frame = film.frames.at(number);
	if (!frame) throw new Error(`The video has no frame ${number}`);
	return blocksOf(film, frame, mean).values;
}

describe('A video with a hidden picture', () => {
	it.each<[PatternFormat, 'white' | 'transparent']>([
		['png', 'transparent'],
		['jpeg', 'white'],
		['webp', 'transparent'],
		['gif', 'white'],
	])(
		'The cells of a video move as the message image says (%s, %s).',
		async (format, background) => {
			const message = await pictureOf(patternOf('one'), format, background);
			const motion = motionOf(decode(await videoFor({ message })));
			expect(likeness(motion, 'one')).toBeGreaterThan(0.75);
			for (const other of ['two', 'three', 'four']) {
				expect(Math.abs(likeness(motion, other))).toBeLessThan(0.3);
			}
		},
	);

	it('A hidden picture has the colours of the reference image.', async () => {
		const message = await pictureOf(patternOf('one'));
		const image = await pictureOf(patternOf('two'));
		const film = decode(await videoFor({ message, image }));
		expect(likeness(motionOf(film), 'one')).toBeGreaterThan(0.75);
		const { columns, rows } = motionOf(film);
		const [shown, hidden] = ['two', 'one'].map((name) =>
			layOut(patternOf(name), { columns, rows }),
		);
		expect(correlation(lightness(film, 5), shown ?? [])).toBeLessThan(-0.4);
		expect(Math.abs(correlation(lightness(film, 5), hidden ?? []))).toBeLessThan(0.2);
	});

	it('No single frame shows the hidden picture by its lightness, contrast, sharpness or edges.', async () => {
		sandbox.changeSettings({ videoWidth: 320, videoFrames: 12 });
		const film = decode(await videoFor({ message: await pictureOf(patternOf('one')) }));
		expect([film.width, film.height, film.frames.length]).toEqual([320, 192, 12]);
		const motion = motionOf(film);
		expect(likeness(motion, 'one')).toBeGreaterThan(0.9);
		const shape = layOut(patternOf('one'), motion);
		const sharpness = (pixels: number[]) =>
			mean(pixels.slice(1).map((pixel, at) => Math.abs(pixel - (pixels[at] ?? 0))));
		const sample = film.frames.filter((_, number) => number % 4 === 1);
		const found = sample.flatMap((frame) =>
			[mean, variance, sharpness].flatMap((measure) => {
				const { values } = blocksOf(film, frame, measure);
				return [shape, edgesOf(shape, motion)].map((sought) => correlation(values, sought));
			}),
		);
		expect(Math.max(...found.map(Math.abs))).toBeLessThan(0.1);
	});

	it('The same inputs give the same video, and a retry gives another one.', async () => {
		const message = await pictureOf(patternOf('one'));
		const first = await endedJob({ message });
		const [again, otherwise] = [
			await videoFor({ message }),
			await videoFor({ message, prompt: 'x' }),
		];
		const retry = async () =>
			await videoFor(
				{ message: undefined, prompt: undefined, jobid: first.jobid, button: 'retry' },
				'button',
			);
		const [once, twice] = [await retry(), await retry()];
		const response = await fetch(first.attachments?.[0]?.url ?? '');
		const bytes = new Uint8Array(await response.arrayBuffer());
		expect(Buffer.compare(bytes, again)).toBe(0);
		const different = [again, otherwise, once, twice].map((video) =>
			Buffer.from(video).toString('hex'),
		);
		expect(new Set(different).size).toBe(4);
		for (const video of [once, twice]) {
			expect(likeness(motionOf(decode(video)), 'one')).toBeGreaterThan(0.75);
		}
	});

	it('A video is H.264 in an MP4 that plays while it loads and supports seeking.', async () => {
		sandbox.changeSettings({ videoFrames: 60 });
		const video = await videoFor({ message: await pictureOf(patternOf('one')) });
		expect(describeVideo(video)).toEqual({
			// The last box is the stamp.
			boxes: ['ftyp', 'moov', 'mdat', 'free'],
			codec: 'avc1.42001e',
			keyFrames: [1, 25, 49],
			seconds: 2.5,
		});
		expect(sandbox.jobs[0]?.attachments).toMatchObject([
			{ size: video.length, width: 160, height: 96 },
		]);
	});
});

describe('A video with a hidden text', () => {
	it('The cells inside a hidden text move in the direction of reading.', async () => {
		const [noon, sameNoon, other] = [
			await textVideo('Meet at noon'),
			await textVideo('Meet at noon', 'a forest'),
			await textVideo('Ода'),
		];
		expect(correlation(noon.values, sameNoon.values)).toBeGreaterThan(0.6);
		expect(Math.abs(correlation(noon.values, other.values))).toBeLessThan(0.3);
		expect(mean(noon.values.map((value) => (value > 0 ? 1 : 0)))).toBeGreaterThan(0.1);
	});
});

describe('A video without a hidden message', () => {
	it('The video of animate shows its image in motion.', async () => {
		const film = decode(
			await videoFor(
				{ image: await pictureOf(patternOf('one')), message: undefined, prompt: '' },
				'animate',
			),
		);
		const { columns, rows } = motionOf(film);
		const likenesses = [0, -1].map((number) =>
			correlation(lightness(film, number), layOut(patternOf('one'), { columns, rows })),
		);
		expect(Math.min(...likenesses)).toBeLessThan(-0.25);
		expect(correlation(lightness(film, 0), lightness(film, -1))).toBeLessThan(0.95);
	});

	it('The video of create shows its prompt, which slides in.', async () => {
		const film = decode(
			await videoFor({ prompt: 'waves on a beach', message: undefined }, 'create'),
		);
		const bright = [0, -1].map(
			(number) => film.frames.at(number)?.filter((value) => value > 225).length ?? 0,
		);
		expect(bright[0]).toBeLessThan(50);
		expect(bright[1]).toBeGreaterThan(300);
	});
});
