import { acceptedJobid } from './client';
import { sha256 } from './raw-client.cts';
import { useSandbox } from './useSandbox';

const sandbox = useSandbox();

async function videoUrl(): Promise<string> {
	sandbox.finishJob(await acceptedJobid(sandbox));
	return sandbox.jobs.at(-1)?.attachments?.[0]?.url ?? '';
}
const bytesOf = async (response: Response) => new Uint8Array(await response.arrayBuffer());
const latin = (bytes: Uint8Array) => String.fromCharCode(...bytes);

describe('Attachments', () => {
	it('An attachment is an MP4 of the announced size and needs no token.', async () => {
		const response = await fetch(await videoUrl());
		expect(response.status).toBe(200);
		expect(response.headers.get('content-type')).toBe('video/mp4');
		const video = await bytesOf(response);
		expect(latin(video.subarray(4, 8))).toBe('ftyp');
		expect(video.length).toBe(sandbox.jobs[0]?.attachments?.[0]?.size);
		expect(Number(response.headers.get('content-length'))).toBe(video.length);
	});

	it('Attachments are padded to videoBytes with a box that players skip.', async () => {
		const small = await bytesOf(await fetch(await videoUrl()));
		sandbox.changeSettings({ videoBytes: 1_000_000 });
		const padded = await bytesOf(await fetch(await videoUrl()));
		expect(padded.length).toBe(1_000_000);
		expect(sandbox.jobs.at(-1)?.attachments?.[0]?.size).toBe(1_000_000);
		expect(latin(padded.subarray(small.length + 4, small.length + 8))).toBe('free');
	});

	it('Attachment links have the origin at which the client reached the sandbox.', async () => {
		const baseUrl = sandbox.baseUrl.replace('127.0.0.1', 'localhost');
		sandbox.finishJob(await acceptedJobid(Object.assign(Object.create(sandbox), { baseUrl })));
		const url = sandbox.jobs[0]?.attachments?.[0]?.url ?? '';
		expect(url).toContain(`${baseUrl}/attachments/`);
		expect((await fetch(url)).status).toBe(200);
	});

	it('Attachment links contain ex, is and hm, and ex is the expiry time in hexadecimal seconds.', async () => {
		sandbox.changeSettings({ linkSeconds: 3600 });
		const { searchParams } = new URL(await videoUrl());
		const [ex, is] = ['ex', 'is'].map((name) => Number.parseInt(searchParams.get(name) ?? '', 16));
		expect((ex ?? 0) - (is ?? 0)).toBe(3600);
		expect(searchParams.get('hm')).toMatch(/^[0-9a-f]{64}$/);
	});

	it.each([
		['after ex', (url: string) => url, -1],
		['without its parameters', (url: string) => url.split('?')[0] ?? '', 3600],
		['with a later ex than was signed', (url: string) => url.replace(/ex=\w+/, 'ex=fffffff0'), 60],
		['for another file', (url: string) => url.replace('.mp4', '.mov'), 3600],
	])('The response to an attachment link is 404 %s.', async (_case, changed, linkSeconds) => {
		sandbox.changeSettings({ linkSeconds });
		const response = await fetch(changed(await videoUrl()));
		expect(response.status).toBe(404);
		expect(await response.text()).toBe('This content is no longer available.');
	});

	it('The record of a download shows whether it had an Authorization header.', async () => {
		const url = await videoUrl();
		await fetch(url);
		await fetch(url, { headers: { authorization: 'Bearer leaked' } });
		const downloads = sandbox.requests.filter(({ endpoint }) => endpoint === 'attachments');
		expect(downloads.map(({ authorized }) => authorized)).toEqual([false, true]);
		expect(JSON.stringify(downloads)).not.toContain('leaked');
	});

	it('A fault can make a download fail.', async () => {
		sandbox.addFault({ on: { endpoint: 'attachments' }, do: { resetAfterAccepting: true } });
		const url = await videoUrl();
		await expect(fetch(url).then(bytesOf)).rejects.toThrow();
		expect((await fetch(url)).status).toBe(200);
	});
});

describe('Pictures', () => {
	const starts: Record<string, [type: string, magic: RegExp]> = {
		png: ['image/png', /^\x89PNG/],
		jpg: ['image/jpeg', /^\xff\xd8\xff/],
		webp: ['image/webp', /^RIFF....WEBP/s],
		gif: ['image/gif', /^GIF8/],
	};
	const cases = ['message', 'reference', 'generated'].flatMap((name) =>
		Object.entries(starts).map(([extension, [type, magic]]) => ({
			path: `/sandbox/pictures/${name}.${extension}`,
			type,
			magic,
		})),
	);

	it.each(cases)(
		'The picture $path has the format of its file extension.',
		async ({ path, type, magic }) => {
			const response = await fetch(sandbox.baseUrl + path);
			expect(response.headers.get('content-type')).toBe(type);
			const bytes = await bytesOf(response);
			expect(latin(bytes.subarray(0, 16))).toMatch(magic);
			expect(response.headers.get('x-sha256')).toBe(sha256(bytes));
			expect(Number(response.headers.get('content-length'))).toBe(bytes.length);
		},
	);

	it('An example picture is not sent again to a client that has it.', async () => {
		const url = `${sandbox.baseUrl}/sandbox/pictures/message.png`;
		const etag = (await fetch(url)).headers.get('etag') ?? '';
		expect((await fetch(url, { headers: { 'if-none-match': etag } })).status).toBe(304);
	});

	it.each([1, 65_536, 200_001])(
		'A generated picture has a payload of %i bytes.',
		async (payload) => {
			const url = `${sandbox.baseUrl}/sandbox/pictures/generated.png?payload=${payload}`;
			const [first, again] = [await bytesOf(await fetch(url)), await bytesOf(await fetch(url))];
			expect(first.length).toBe(8 + payload);
			expect(sha256(first)).toBe(sha256(again));
		},
	);

	it.each(['-1', 'x', '1.5', '2000000000'])(
		'A generated picture with a payload of %s is rejected.',
		async (payload) => {
			const url = `${sandbox.baseUrl}/sandbox/pictures/generated.gif?payload=${payload}`;
			expect((await fetch(url)).status).toBe(400);
		},
	);

	it('Requests for pictures are not recorded.', async () => {
		await fetch(`${sandbox.baseUrl}/sandbox/pictures/message.png`);
		expect(sandbox.requests).toEqual([]);
	});
});
