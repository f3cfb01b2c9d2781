import { type Sandbox, SANDBOX_ACCOUNT, startSandbox } from '../../sandbox/sandbox.cts';
import { sendHugePicture } from '../video/hugePicture.cts';
import { patternOf, type PatternFormat, pictureOf } from '../video/patterns.cts';
import { picture, submit } from './client';

const MANY = 40;
const MEGABYTE = 1024 ** 2;

let sandbox: Sandbox;
beforeEach(async () => {
	sandbox = await startSandbox({
		jobSeconds: Infinity,
		videos: 'rendered',
		accounts: [{ ...SANDBOX_ACCOUNT, maxJobs: MANY }],
	});
});
afterEach(async () => {
	await sandbox.stop();
});

async function failureOf(jobid: string) {
	const job = await sandbox.waitFor(() =>
		sandbox.jobs.find((one) => one.jobid === jobid && one.status === 'failed'),
	);
	return job.errorDetails;
}

/** A GIF of a few bytes whose header claims this width and height. */
function gifOfSize(width: number, height: number): Blob {
	const size = new Uint8Array(new Uint16Array([width, height]).buffer);
	const picture = [
		0x2c,
		0,
		0,
		0,
		0,
		...size,
		0x80,
		0,
		0,
		0,
		0xff,
		0xff,
		0xff,
		2,
		2,
		0x44,
		1,
		0,
		0x3b,
	];
	return new Blob(['GIF89a', size, new Uint8Array([0, 0, 0, ...picture])]);
}

const SVG = '<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"/>';

async function half(format: PatternFormat): Promise<Blob> {
	const whole = await pictureOf(patternOf('one'), format);
	return whole.slice(0, Math.floor(whole.size / 2));
}

describe('A picture that cannot be turned into a video', () => {
	it.each<[string, () => Blob | Promise<Blob>, RegExp]>([
		['is noise', () => picture(1000), /cannot be decoded/],
		['is empty', () => new Blob([]), /cannot be decoded/],
		['is half a PNG', () => half('png'), /cannot be decoded/],
		['is half a JPEG', () => half('jpeg'), /cannot be decoded/],
		['is half a WebP', () => half('webp'), /cannot be decoded/],
		['is half a GIF', () => half('gif'), /cannot be decoded/],
		['has too many pixels', () => gifOfSize(60_000, 60_000), /exceeds pixel limit/],
		['is an SVG', () => new Blob([SVG]), /svg, not PNG/],
	])('A job fails at once if its picture %s.', async (_what, bad, reason) => {
		const asMessage = await submit(sandbox, { message: await bad() });
		expect(asMessage.body.status).toBe('started');
		expect(await failureOf(asMessage.body.jobid)).toMatch(reason);
		const asReference = await submit(sandbox, {
			message: await pictureOf(patternOf('one')),
			image: await bad(),
		});
		expect(await failureOf(asReference.body.jobid)).toMatch(/cannot use the reference image/);
	});

	it('A huge picture is not kept in memory during the upload.', async () => {
		const { jobid, grownBytes } = await sendHugePicture(sandbox, 200 * MEGABYTE);
		expect(await failureOf(jobid)).toMatch(/more than 33554432 bytes/);
		expect(grownBytes).toBeLessThan(120 * MEGABYTE);
	});

	it('An invalid picture does not affect a job that has already ended.', async () => {
		const { body } = await submit(sandbox, { message: picture() });
		await failureOf(body.jobid);
		expect(() => {
			sandbox.finishJob(body.jobid, 'completed');
		}).toThrow('is not running');
	});
});

describe('Many videos at a time', () => {
	it('Rendering many videos delays no requests and is aborted when the sandbox stops.', async () => {
		sandbox.changeSettings({ jobSeconds: 0 });
		const message = await pictureOf(patternOf('one'));
		const answers = await Promise.all(
			Array.from({ length: MANY }, async (_, number) => {
				return await submit(sandbox, { message, prompt: `waves ${number}` });
			}),
		);
		expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([200]));
		const open = sandbox.jobs.filter(({ status }) => status !== 'completed');
		expect(open.length).toBeGreaterThan(MANY / 2);
		await sandbox.waitFor(() => sandbox.jobs.some(({ status }) => status === 'completed'));
	});
});
