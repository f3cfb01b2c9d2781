import type { IDataObject } from 'n8n-workflow';

import type { Sandbox } from '../../sandbox/sandbox.cts';
import { useFreshSandbox } from './freshSandbox.cts';
import { API_TOKEN, runAt } from './responses/failing.cts';
import {
	publicUrl,
	startHttp,
	startHttps,
	useInternet,
	type Listening,
} from './responses/internet.cts';
import { VIDEOS, truncated, inTurn, serve, shortenTimeouts, status } from './responses/videos.cts';
import { useFastClock } from './fastClock.cts';
import { binaryModes, useBinaryMode } from './harness/binary-store.cts';
import { type WorkflowRun, runWorkflow, startWorkflow } from './harness/run.cts';
import { pikaWorkflow } from './pika.cts';

type Answer = Parameters<typeof startHttps>[0];

const EXPIRED = '?ex=65f00000&is=65e00000&hm=1';
const VALID = '?ex=7ff00000&is=65e00000&hm=1';
const TRIES = 3;
const RECONNECT_PAUSES = [2000, 4000];

let sandbox: Sandbox;
const { pauses } = useFastClock();
useInternet();
useFreshSandbox({ jobSeconds: Infinity }, (started) => {
	sandbox = started;
});

/** The pauses before a download is retried; the other pauses belong to polling. */
function retries(): number {
	return pauses.filter((pause) => RECONNECT_PAUSES.includes(pause)).length;
}

/** The workflow that fetches a job whose record names this attachment. */
async function fetching(attachment: IDataObject | undefined) {
	const create = { operation: 'create', completion: 'off' };
	await runWorkflow(pikaWorkflow({ sandbox, parameters: create }));
	const jobid = sandbox.jobs.at(-1)?.jobid ?? '';
	const attachments = (attachment ? [attachment] : []) as never;
	sandbox.finishJob(jobid, 'completed', { attachments });
	const get = { resource: 'job', operation: 'get', jobid, completion: 'poll', download: true };
	return pikaWorkflow({ sandbox, parameters: get });
}

async function fetchVideo(attachment: IDataObject | undefined): Promise<WorkflowRun> {
	return await runWorkflow(await fetching(attachment));
}

interface Asked {
	server: Listening;
	/** The requested paths, with the token if one was sent. */
	requests: string[];
	url: (path?: string) => string;
	/** Resolves with the first request. */
	firstRequest: Promise<void>;
}

async function startServer(answer: Answer, name = 'cdn'): Promise<Asked> {
	const requests: string[] = [];
	let asked = (): void => undefined;
	const firstRequest = new Promise<void>((resolve) => {
		asked = resolve;
	});
	const server = await startHttps((request, response) => {
		asked();
		requests.push(`${request.url}${request.headers.authorization ?? ''}`);
		answer(request, response);
	});
	return {
		server,
		requests,
		url: (path = '/video.mp4') => publicUrl(server, name) + path,
		firstRequest,
	};
}

async function bytesOf({ output, binary, error }: WorkflowRun): Promise<Buffer> {
	expect(error).toBeUndefined();
	return await binary(output('Pika')[0]!, 'video');
}

describe.each(binaryModes)('videos with binary data in %s', (mode) => {
	useBinaryMode(mode);

	it.each<[string, Buffer, string, string]>([
		['an MP4', VIDEOS.mp4, 'video/mp4', 'video/mp4'],
		['an MP4 that is called octets', VIDEOS.mp4, 'application/octet-stream', 'video/mp4'],
		['an MP4 that is called a text', VIDEOS.mp4, 'text/plain', 'video/mp4'],
		['an MP4 without a type', VIDEOS.mp4, '', 'video/mp4'],
		['a WebM', VIDEOS.webm, 'video/webm', 'video/webm'],
		['a QuickTime film', VIDEOS.mov, 'video/quicktime', 'video/quicktime'],
		['an AVI', VIDEOS.avi, 'video/mp4', 'video/x-msvideo'],
		['a GIF', VIDEOS.gif, 'image/gif', 'image/gif'],
		['a film of an unknown kind', Buffer.alloc(3000, 1), 'video/x-new', 'video/x-new'],
		['the shortest MP4', VIDEOS.tiny, 'video/mp4', 'video/mp4'],
	])('The download keeps the bytes of %s', async (_, content, type, mimeType) => {
		const { url, server } = await startServer(serve(content, type));
		const run = await fetchVideo({ url: url(), size: content.length });
		expect((await bytesOf(run)).equals(content)).toBe(true);
		expect(run.output('Pika')[0]?.binary?.video?.mimeType).toBe(mimeType);
		expect(retries()).toBe(0);
		await server.closed();
	});

	it('The download works without a content length', async () => {
		const { url } = await startServer((_request, response) => {
			response.write(VIDEOS.mp4.subarray(0, 3));
			response.write(VIDEOS.mp4.subarray(3, 700));
			response.end(VIDEOS.mp4.subarray(700));
		});
		expect((await bytesOf(await fetchVideo({ url: url() }))).equals(VIDEOS.mp4)).toBe(true);
	});

	it.each<[string, Answer, RegExp]>([
		['a page', serve(Buffer.from('<!doctype html><h1>Log in</h1>'), 'text/html'), /a web page/],
		['a page that is called a video', serve(Buffer.from('<html><h1>Log in</h1>')), /a web page/],
		['JSON', serve(Buffer.from('{"error":"No"}'), 'application/json'), /JSON/],
		['a text', serve(Buffer.from('This content is no longer available.')), /a text/],
		['nothing', serve(Buffer.alloc(0)), /nothing/],
		['nothing, without a length', (_request, response) => response.end(), /nothing/],
		['204', (_request, response) => response.writeHead(204).end(), /204/],
		['a part', serve(VIDEOS.mp4, 'video/mp4', 206), /206/],
		[
			'a picture',
			serve(Buffer.from('\x89PNG\r\n\x1a\n0000', 'latin1'), 'image/png'),
			/kind of file/,
		],
		['octets', serve(Buffer.alloc(3000, 1), 'application/octet-stream'), /not a video/],
		[
			'a large page',
			serve(Buffer.from(`<html>${'x'.repeat(5_000_000)}`), 'text/html'),
			/a web page/,
		],
	])('The download fails if the server sends %s', async (_, answer, reason) => {
		const { url, server, requests } = await startServer(answer);
		const { error, output } = await fetchVideo({ url: url() });
		expect(error?.message).toMatch(/^The video of the Pika job .+ could not be downloaded: /);
		expect(error?.message).toMatch(reason);
		expect(error?.message).not.toMatch(/expired/);
		expect(error?.description).not.toMatch(/expire/i);
		expect(output('Pika')).toEqual([]);
		expect(requests).toEqual(['/video.mp4']);
		await server.closed();
	});

	it.each<[string, Answer]>([
		['503', status(503)],
		['500', status(500)],
		['429', status(429)],
		['408', status(408)],
		['a reset', (request) => request.socket.destroy()],
		['a reset in the middle', truncated('reset')],
		['an end in the middle', truncated('end')],
	])('The download is retried after %s', async (_, fault) => {
		const { url, requests, server } = await startServer(inTurn(fault, serve(VIDEOS.mp4)));
		const run = await fetchVideo({ url: url() });
		expect((await bytesOf(run)).equals(VIDEOS.mp4)).toBe(true);
		expect(requests).toHaveLength(2);
		expect(retries()).toBe(1);
		await server.closed();
	});

	it.each<[string, Answer, RegExp]>([
		['answers 503', status(503), /HTTP 503/],
		['resets', (request) => request.socket.destroy(), /ECONNRESET/],
		['truncates the video', truncated('reset'), /ECONNRESET|aborted|\d+ of \d+ bytes/],
	])('The download fails after three tries if the server always %s', async (_, fault, reason) => {
		const { url, requests, server } = await startServer(fault);
		const { error } = await fetchVideo({ url: url() });
		expect(error?.message).toMatch(reason);
		expect(error?.description).toMatch(/The job is fine/);
		expect(requests).toHaveLength(TRIES);
		await server.closed();
	});

	it('The download fails if the video is shorter than its job says', async () => {
		const { url } = await startServer(serve(VIDEOS.webm, 'video/webm'));
		const { error } = await fetchVideo({ url: url(), size: VIDEOS.webm.length + 1 });
		expect(error?.message).toMatch(new RegExp(`only ${VIDEOS.webm.length} of`));
	});

	it('The download is aborted and retried if the server stalls', async () => {
		shortenTimeouts(300);
		const { url, requests, server } = await startServer(
			inTurn(truncated('stall'), serve(VIDEOS.mp4)),
		);
		const run = await fetchVideo({ url: url() });
		expect((await bytesOf(run)).equals(VIDEOS.mp4)).toBe(true);
		expect(requests).toHaveLength(2);
		await server.closed();
	});

	it('The download is aborted when the execution is stopped', async () => {
		const { url, requests, server, firstRequest } = await startServer(truncated('stall'));
		const { result, cancel } = await startWorkflow(await fetching({ url: url() }));
		await firstRequest;
		cancel();
		expect((await result).status).toBe('canceled');
		await server.closed();
		expect(requests).toHaveLength(1);
	});
});

describe('expired links', () => {
	it.each<[number, string, RegExp]>([
		[404, EXPIRED, /its link has expired \(HTTP 404\)/],
		[403, EXPIRED, /its link has expired \(HTTP 403\)/],
		[410, VALID, /its link has expired \(HTTP 410\)/],
		[410, '', /its link has expired \(HTTP 410\)/],
	])('A link is called expired after %i with %j', async (code, query, reason) => {
		const { url, server } = await startServer(status(code));
		const { error } = await fetchVideo({ url: url(`/video.mp4${query}`) });
		expect(error?.message).toMatch(reason);
		expect(error?.description).toMatch(/soon after a job has ended/);
		await server.closed();
	});

	it.each<[number, string]>([
		[404, VALID],
		[404, ''],
		[403, VALID],
		[401, EXPIRED],
		[503, EXPIRED],
		[302, EXPIRED],
	])(
		'A link is not called expired after %i with %j, which may mean something else',
		async (code, query) => {
			const { url, server } = await startServer(status(code));
			const { error } = await fetchVideo({ url: url(`/video.mp4${query}`) });
			expect(error?.message).toContain(`HTTP ${code}`);
			expect(`${error?.message} ${error?.description}`).not.toMatch(/expire/i);
			await server.closed();
		},
	);

	it.each<[string, IDataObject | undefined]>([
		['nothing', undefined],
		['no link', { filename: 'video.mp4' }],
		['a path', { url: '/video.mp4' }],
		['a number', { url: 7 }],
	])('The video is missing if the job contains %s', async (_, attachment) => {
		const { error } = await fetchVideo(attachment);
		expect(error?.message).toMatch(/the job names no link$/);
		expect(error?.description).toMatch(/attachments/);
	});
});

describe('redirects of a video', () => {
	it.each([301, 302, 303, 307, 308])(
		'A redirect (%i) to another https address is followed',
		async (code) => {
			const target = await startServer(serve(VIDEOS.mp4), 'files');
			const from = await startServer(status(code, { location: target.url('/real.mp4?x=1') }));
			const run = await fetchVideo({ url: from.url() });
			expect((await bytesOf(run)).equals(VIDEOS.mp4)).toBe(true);
			expect([from.requests, target.requests]).toEqual([['/video.mp4'], ['/real.mp4?x=1']]);
			await Promise.all([from.server.closed(), target.server.closed()]);
		},
	);

	it('A redirect on the same server is followed', async () => {
		const { url, requests } = await startServer(
			inTurn(status(302, { location: '../b.mp4' }), serve(VIDEOS.mp4)),
		);
		expect((await bytesOf(await fetchVideo({ url: url('/a/a.mp4') }))).equals(VIDEOS.mp4)).toBe(
			true,
		);
		expect(requests).toEqual(['/a/a.mp4', '/b.mp4']);
	});

	it('A redirect to the server of the base URL is followed, without the token', async () => {
		const seen: string[] = [];
		let link = '';
		const api = await startHttp((request, response) => {
			seen.push(`${request.url?.split('?')[0]} ${request.headers.authorization ?? 'no token'}`);
			const attachments = [{ url: link }];
			if (request.url === '/video.mp4') serve(VIDEOS.mp4)(request, response);
			else response.end(JSON.stringify({ jobid: 'job-1', status: 'completed', attachments }));
		});
		const baseUrl = `http://127.0.0.1:${api.port}`;
		const cdn = await startServer(status(302, { location: `${baseUrl}/video.mp4` }));
		link = cdn.url('/redirecting.mp4');
		const get = { resource: 'job', operation: 'get', jobid: 'job-1', completion: 'poll' };
		const run = await runAt(baseUrl, { ...get, download: true });
		expect((await bytesOf(run)).equals(VIDEOS.mp4)).toBe(true);
		expect(cdn.requests).toEqual(['/redirecting.mp4']);
		expect(seen).toEqual([`/v1/pika/jobs/ Bearer ${API_TOKEN}`, '/video.mp4 no token']);
	});

	it('At most three redirects are followed', async () => {
		let hops = 0;
		const server: Asked = await startServer((request, response) => {
			hops -= 1;
			const answer = hops < 0 ? serve(VIDEOS.mp4) : status(302, { location: `/hop-${hops}` });
			answer(request, response);
		});
		hops = 3;
		expect((await bytesOf(await fetchVideo({ url: server.url() }))).equals(VIDEOS.mp4)).toBe(true);
		hops = 4;
		const { error } = await fetchVideo({ url: server.url() });
		expect(error?.message).toMatch(/redirects more than 3 times$/);
		expect(server.requests).toHaveLength(4 + 4);
		await server.server.closed();
	});

	it.each<[string, string, RegExp]>([
		['plain http', 'http://files.useapi-test.net/a.mp4', /not safe, only https/],
		['another protocol', 'ftp://files.useapi-test.net/a.mp4', /not safe, only https/],
		['a file', 'file:///etc/passwd', /not safe, only https/],
		['this machine', 'https://127.0.0.1:1/a.mp4', /private network/],
		['this machine by name', 'https://files.localhost/a.mp4', /private network/],
		['a cloud’s metadata', 'https://169.254.169.254/latest', /private network/],
		['a private address', 'https://[::ffff:192.168.1.4]/a.mp4', /private network/],
		['a name without dots', 'https://vault/a.mp4', /private network/],
	])('A redirect to %s is not followed', async (_, location, reason) => {
		const { url, requests, server } = await startServer(status(302, { location }));
		const { error } = await fetchVideo({ url: url() });
		expect(error?.message).toMatch(reason);
		expect(error?.description).toMatch(/before you trust the link/);
		expect(requests).toHaveLength(1);
		await server.closed();
	});

	it.each<[string, Record<string, string>]>([
		['no address', {}],
		['an empty address', { location: '' }],
		['an address that is not one', { location: 'https://[' }],
	])('A redirect with %s counts as a response without a video', async (_, headers) => {
		const { url } = await startServer(status(302, headers));
		expect((await fetchVideo({ url: url() })).error?.message).toMatch(/HTTP 302/);
	});
});

describe('the link in a job', () => {
	it.each<[string, string, RegExp]>([
		['plain http', 'http://cdn.useapi-test.net/a.mp4', /not safe/],
		['this machine', 'https://127.0.0.1:1/a.mp4', /private network/],
		['another port of the base URL', 'http://127.0.0.1:1/a.mp4', /not safe/],
		['a private network', 'https://10.0.0.1/a.mp4', /private network/],
		['a name of this network', 'https://nas.lan/a.mp4', /private network/],
	])('A link to %s is not followed', async (_, url, reason) => {
		expect((await fetchVideo({ url })).error?.message).toMatch(reason);
	});
});
