import { readStamp, stamped } from '../../sandbox/stamp.cts';
import { sha256 } from './raw-client.cts';
import { useSandbox } from './useSandbox';

const sandbox = useSandbox();

const IMAGES = ['one', 'two'].map((content) =>
	Buffer.from(`\x89PNG\r\n\x1a\n${content}`, 'latin1'),
);

async function submit(endpoint: string, fields: Record<string, string | Buffer>): Promise<void> {
	const body = new FormData();
	for (const [name, value] of Object.entries(fields)) {
		if (typeof value === 'string') body.append(name, value);
		else body.append(name, new Blob([new Uint8Array(value)], { type: 'image/png' }), 'file.png');
	}
	await fetch(`${sandbox.baseUrl}/v1/pika/${endpoint}`, {
		method: 'POST',
		headers: { authorization: `Bearer ${sandbox.apiToken}` },
		body,
	});
}

async function lastVideo(): Promise<Buffer> {
	const { jobid = '' } = sandbox.jobs.at(-1) ?? {};
	sandbox.finishJob(jobid);
	const response = await fetch(sandbox.jobs.at(-1)?.attachments?.[0]?.url ?? '');
	return Buffer.from(await response.arrayBuffer());
}

describe('The stamp of a video', () => {
	it('The stamp of a video contains the texts and hashes that it was made from, but no secrets.', async () => {
		const [message, image] = IMAGES as [Buffer, Buffer];
		const texts = { prompt: 'waves', replyRef: 'order-1', replyUrl: 'http://127.0.0.1:1/secret' };
		await submit('encrypt_image', { ...texts, message, image });
		expect(readStamp(await lastVideo())).toEqual({
			verb: 'pika-encrypt_image',
			fields: { prompt: 'waves', replyRef: 'order-1' },
			files: { message: sha256(message), image: sha256(image) },
		});
	});

	it('The stamp of a video belongs to its own job.', async () => {
		await submit('encrypt_text', { prompt: 'waves', message: 'HELLO' });
		const first = readStamp(await lastVideo());
		await submit('create', { prompt: 'waves ✓' });
		const second = readStamp(await lastVideo());
		expect([first?.fields.message, second?.fields.prompt]).toEqual(['HELLO', 'waves ✓']);
	});

	it('A padded video has a stamp, too.', async () => {
		sandbox.changeSettings({ videoBytes: 200_000 });
		await submit('create', { prompt: 'waves' });
		const video = await lastVideo();
		expect([video.length, readStamp(video)?.verb]).toEqual([200_000, 'pika-create']);
	});
});

describe('The format of a stamp', () => {
	it('A stamp is a separate box after the video.', () => {
		const video = Buffer.from([0, 0, 0, 8, ...Buffer.from('ftyp')]);
		const stamp = { verb: 'v', fields: {}, files: {} };
		const result = stamped(video, stamp);
		expect(result.subarray(0, 8).equals(video)).toBe(true);
		expect(result.readUInt32BE(8)).toBe(result.length - 8);
		expect(readStamp(result)).toEqual(stamp);
	});

	it.each([
		['no stamp', Buffer.from([0, 0, 0, 8, ...Buffer.from('free')])],
		['nothing', Buffer.alloc(0)],
		['no boxes', Buffer.alloc(100)],
	])('No stamp is found in a file with %s.', (_what, video) => {
		expect(readStamp(video)).toBeUndefined();
	});
});
