import { useFastClock } from './fastClock.cts';
import { imageItem } from './pika.cts';
import { picture } from './pictures.cts';
import { runAt } from './responses/failing.cts';
import {
	connectTo,
	publicUrl,
	startHttp,
	startHttps,
	startRaw,
	useInternet,
	useProxy,
	type Certificate,
	type Listening,
} from './responses/internet.cts';

const TRIES = 3;

const { pauses } = useFastClock();
useInternet();

/** The requests that the servers of a test received in full. */
let seen: string[];
beforeEach(() => {
	seen = [];
});

type Answer = Parameters<typeof startHttp>[0];

const accept: Answer = (request, response) => {
	seen.push(`${request.method} ${request.url}`);
	request.resume().once('end', () => response.end('{"jobid":"job-1","status":"started"}'));
};

const json = { resource: 'job', operation: 'getMany' };

/** Servers that a request never reaches. */
const BEFORE_TLS: Array<[string, () => Promise<Listening>, RegExp]> = [
	['a port that uses plain HTTP', async () => await startHttp(accept), /EPROTO/],
	[
		'a port that uses another protocol',
		async () => await startRaw((socket) => socket.write('SSH-2.0-OpenSSH_9.2\r\n')),
		/EPROTO/,
	],
	['a port that closes at once', async () => await startRaw((socket) => socket.destroy()), /ECONN/],
	[
		'a port that resets at once',
		async () => await startRaw((socket) => socket.resetAndDestroy()),
		/ECONNRESET/,
	],
	[
		'a port that resets after the first bytes',
		async () => await startRaw((socket) => socket.once('data', () => socket.resetAndDestroy())),
		/ECONNRESET/,
	],
	[
		'a server with other versions of TLS',
		async () =>
			await startHttps(accept, 'trusted', { maxVersion: 'TLSv1.1', minVersion: 'TLSv1.1' }),
		/EPROTO/,
	],
	...(['self-signed', 'expired', 'not yet valid', 'of another host'] as Certificate[]).map(
		(kind): [string, () => Promise<Listening>, RegExp] => [
			`a certificate that is ${kind}`,
			async () => await startHttps(accept, kind),
			/CERT/,
		],
	),
	...(['TLSv1.2', 'TLSv1.3'] as const).map(
		(maxVersion): [string, () => Promise<Listening>, RegExp] => [
			`a server that requires a client certificate, with ${maxVersion}`,
			async () =>
				await startHttps(accept, 'trusted', {
					maxVersion,
					requestCert: true,
					rejectUnauthorized: true,
				}),
			/EPROTO|CERTIFICATE_REQUIRED/,
		],
	),
];

describe('failures before TLS is established', () => {
	it.each(BEFORE_TLS)(
		'The node tries %s again, and says that nothing was submitted',
		async (_, start, reason) => {
			const { error } = await runAt(publicUrl(await start()));
			expect(error?.message).toMatch(
				/^The Pika API could not be reached: .+\. Nothing was submitted$/,
			);
			expect(error?.message).toMatch(reason);
			expect(error?.description).toMatch(/\.$/);
			expect(pauses).toHaveLength(TRIES - 1);
			expect(seen).toEqual([]);
		},
	);

	it('A large upload that cannot connect counts as not submitted', async () => {
		const items = [imageItem({}, picture('image/png', 3_000_000))];
		const { error } = await runAt(publicUrl(await startHttp(accept)), {}, { items });
		expect(error?.message).toMatch(/Nothing was submitted$/);
	});

	it('A single failed connection is followed by a try that succeeds', async () => {
		let connections = 0;
		const good = await startHttps(accept);
		const flaky = await startRaw((socket) => {
			connections += 1;
			if (connections === 1) socket.destroy();
			else socket.pipe(connectTo(good)).pipe(socket);
		});
		const { error, output } = await runAt(publicUrl(flaky));
		expect(error).toBeUndefined();
		expect(output('Pika')[0]?.json.jobid).toBe('job-1');
		expect(seen).toEqual(['POST /v1/pika/encrypt_image']);
	});

	it.each(BEFORE_TLS)('A read says that it could not reach %s', async (_, start, reason) => {
		const { error } = await runAt(publicUrl(await start()), json);
		expect(error?.message).toMatch(reason);
		expect(error?.message).not.toMatch(/submitted/);
	});
});

describe('proxies', () => {
	const saying = async (answer: string) =>
		await startRaw((socket) => socket.once('data', () => socket.end(answer)));

	it.each<[string, () => Promise<Listening>, RegExp]>([
		[
			'requires a password',
			async () =>
				await saying(
					'HTTP/1.1 407 Proxy Authentication Required\r\nProxy-Authenticate: Basic\r\nContent-Length: 6\r\n\r\nlog in',
				),
			/407/,
		],
		[
			'cannot reach the API',
			async () => await saying('HTTP/1.1 502 Bad Gateway\r\nContent-Length: 3\r\n\r\nbad'),
			/502/,
		],
		['is too busy', async () => await saying('HTTP/1.1 503 Unavailable\r\n\r\nbad'), /503/],
		[
			'gives up after a while',
			async () => await saying('HTTP/1.1 504 Timeout\r\nContent-Length: 0\r\n\r\n'),
			/504/,
		],
		['uses another protocol', async () => await saying('SSH-2.0-x\r\n\r\n'), /proxy|HPE/],
		[
			'closes the connection',
			async () => await startRaw((socket) => socket.once('data', () => socket.destroy())),
			/Proxy connection ended|ECONN/,
		],
		[
			'resets the connection',
			async () => await startRaw((socket) => socket.once('data', () => socket.resetAndDestroy())),
			/ECONNRESET/,
		],
		[
			'leads to a port that uses plain HTTP',
			async () =>
				await startRaw((socket) => {
					socket.once('data', () => {
						socket.write('HTTP/1.1 200 Connected\r\n\r\n');
						socket.once('data', () => socket.end('HTTP/1.1 400 Bad Request\r\n\r\n'));
					});
				}),
			/EPROTO/,
		],
	])('Nothing was submitted if the proxy %s', async (_, start, reason) => {
		useProxy(await start());
		const { error } = await runAt('https://api.useapi-test.net');
		expect(error?.message).toMatch(
			/^The Pika API could not be reached: .+\. Nothing was submitted$/,
		);
		expect(error?.message).toMatch(reason);
		expect(pauses).toHaveLength(TRIES - 1);
	});

	it('The error of a proxy that forbids the address is shown, without another try', async () => {
		useProxy(await saying('HTTP/1.1 403 Forbidden\r\nContent-Length: 7\r\n\r\nBlocked'));
		const { error } = await runAt('https://api.useapi-test.net');
		expect(error?.message).toBe('The Pika API answered 403: Blocked');
		expect(pauses).toEqual([]);
	});

	it('A proxy that lets everything through makes no difference', async () => {
		const api = await startHttps(accept);
		useProxy(
			await startRaw((socket) => {
				socket.once('data', () => {
					socket.write('HTTP/1.1 200 Connected\r\n\r\n');
					socket.pipe(connectTo(api)).pipe(socket);
				});
			}),
		);
		const { error, output } = await runAt(publicUrl(api));
		expect(error).toBeUndefined();
		expect(output('Pika')[0]?.json.jobid).toBe('job-1');
	});
});

describe('failures after TLS is established', () => {
	let api: Listening;
	it.each<[string, Answer]>([
		[
			'a reset',
			(request) => {
				request.resume().once('end', () => api.open.forEach((socket) => socket.resetAndDestroy()));
			},
		],
		['a close', (request) => request.resume().once('end', () => request.socket.destroy())],
		[
			'half an answer',
			(request, response) => {
				request.resume().once('end', () => {
					response.writeHead(200, { 'content-length': 500 });
					response.write('{"jobid":', () => request.socket.destroy());
				});
			},
		],
		[
			'an answer that is not HTTP',
			(request) => request.resume().once('end', () => request.socket.end('nonsense\r\n\r\n')),
		],
		[
			'a 502 from the server',
			(request, response) => {
				request.resume().once('end', () => response.writeHead(502).end('<h1>Bad gateway</h1>'));
			},
		],
		[
			'a 503 from the server',
			(request, response) => {
				request.resume().once('end', () => response.writeHead(503).end('{"error":"x","code":503}'));
			},
		],
	])('A job may exist after %s that follows the request', async (_, answer) => {
		api = await startHttps((request, response) => {
			if (request.method === 'POST') {
				seen.push(`${request.method}`);
				answer(request, response);
			} else response.end('[]');
		});
		const { error } = await runAt(publicUrl(api));
		expect(error?.message).toMatch(/^The job may have been submitted/);
		expect(seen).toEqual(['POST']);
	});
});
