import { type Sandbox, startSandbox } from '../../sandbox/sandbox.cts';
import { ask, type RawRequest } from './raw-client.cts';

const TOKEN = 'user:1000-of-this-test';
const CONTROLS = [
	'/sandbox/state',
	'/sandbox/guide',
	'/sandbox/events',
	'/sandbox/requests',
	'/sandbox/jobs',
	'/sandbox/callbacks',
	'/sandbox/faults',
	'/sandbox/settings',
];
const RESET: RawRequest = { method: 'POST' };

let sandbox: Sandbox;
afterEach(async () => {
	await sandbox.stop();
});

const from = (request: RawRequest, headers: Record<string, string>): RawRequest => ({
	...request,
	headers: { ...request.headers, ...headers },
});

describe('A sandbox on loopback', () => {
	beforeEach(async () => {
		sandbox = await startSandbox({ allowedHosts: ['Sandbox.Example.com'] });
	});

	const state = async (headers: Record<string, string>) =>
		await ask(`${sandbox.baseUrl}/sandbox/state`, { headers });

	it.each([
		'127.0.0.1:4010',
		'localhost:4010',
		'[::1]:4010',
		'192.168.1.20',
		'sandbox:4010',
		'host.docker.internal:4010',
		'sandbox.default.svc.cluster.local',
		'n8n.localhost',
		'sandbox.example.com:4010',
	])('A sandbox on loopback accepts the host %s.', async (host) => {
		expect((await state({ host })).status).toBe(200);
	});

	it.each(['evil.example:4010', '127.0.0.1.evil.example', 'localhost.evil.example', 'x.local.com'])(
		'A sandbox on loopback rejects the host name %s, which an attacker could register.',
		async (host) => {
			const { hostname } = new URL(`http://${host}`);
			for (const path of ['/', '/sandbox/state', '/v2/account', '/nowhere']) {
				const { status, body } = await ask(sandbox.baseUrl + path, { headers: { host } });
				expect([status, JSON.parse(body).error]).toEqual([
					403,
					expect.stringContaining(`--allow-host ${hostname}`),
				]);
			}
			expect(sandbox.requests).toEqual([]);
		},
	);

	it.each<[string, Record<string, string>]>([
		['of another server', { origin: 'http://evil.example' }],
		['of another server on this machine', { origin: 'http://127.0.0.1:1' }],
		['without an origin', { origin: 'null' }],
		['whose browser says so', { 'sec-fetch-site': 'cross-site' }],
		['of another port, whose browser says so', { 'sec-fetch-site': 'same-site' }],
	])('The sandbox rejects requests from a page %s.', async (_, headers) => {
		const { baseUrl } = sandbox;
		sandbox.changeSettings({ jobSeconds: 77 });
		const text = { ...headers, 'content-type': 'text/plain' };
		const attempts = [
			await ask(`${baseUrl}/sandbox/reset`, from(RESET, text)),
			await ask(`${baseUrl}/sandbox/state`, { headers }),
			await ask(`${baseUrl}/v1/pika/create`, from(RESET, headers)),
			await ask(`${baseUrl}/sandbox/settings`, { method: 'OPTIONS', headers }),
		];
		expect(attempts.map(({ status }) => status)).toEqual([403, 403, 403, 403]);
		expect(sandbox.settings.jobSeconds).toBe(77);
	});

	it('The sandbox accepts all requests from its own page.', async () => {
		const { host, origin } = new URL(sandbox.baseUrl);
		const own = { host, origin, 'sec-fetch-site': 'same-origin' };
		expect((await ask(`${sandbox.baseUrl}/sandbox/reset`, from(RESET, own))).status).toBe(204);
		expect((await state({ host, 'sec-fetch-site': 'same-origin' })).status).toBe(200);
	});

	it('The page of the sandbox opens from links on other pages.', async () => {
		const headers = { 'sec-fetch-site': 'cross-site', 'sec-fetch-mode': 'navigate' };
		for (const path of ['/', '/sandbox/requests']) {
			expect((await ask(sandbox.baseUrl + path, { headers })).status).toBe(200);
		}
	});
});

describe('A sandbox that other machines can reach', () => {
	beforeEach(async () => {
		// Does not count as loopback, but only this machine can connect to it.
		sandbox = await startSandbox({ host: '::ffff:127.0.0.1', apiToken: TOKEN });
	});

	const authorization = `Bearer ${TOKEN}`;

	it.each(CONTROLS)(
		'A sandbox that other machines can reach requires the token for %s.',
		async (path) => {
			const encoded = path.replace('s', '%73');
			for (const asked of [path, `${path}?x`, encoded]) {
				const { status, body } = await ask(sandbox.baseUrl + asked);
				expect([asked, status]).toEqual([asked, 401]);
				expect(body).not.toContain(TOKEN);
			}
			const wrong = { authorization: `Bearer ${TOKEN}x` };
			expect((await ask(sandbox.baseUrl + path, { headers: wrong })).status).toBe(401);
		},
	);

	it.each([
		['POST', '/sandbox/reset'],
		['POST', '/sandbox/faults'],
		['DELETE', '/sandbox/faults'],
		['PATCH', '/sandbox/settings'],
		['POST', '/sandbox/jobs/1/finish'],
		['GET', '/sandbox/jobs/1/message.webp'],
		['GET', '/sandbox/jobs/1/video.mp4'],
	])('Without the token, %s %s changes and returns nothing.', async (method, path) => {
		expect((await ask(sandbox.baseUrl + path, { method })).status).toBe(401);
	});

	it('A sandbox that other machines can reach accepts controls with the token.', async () => {
		const headers = { authorization };
		const answer = await ask(`${sandbox.baseUrl}/sandbox/reset`, { method: 'POST', headers });
		expect(answer.status).toBe(204);
	});

	it('The page, which does not contain the token, and the example pictures need no token.', async () => {
		for (const path of ['/', '/sandbox/page/page.js', '/sandbox/pictures/message.png']) {
			const { status, body } = await ask(sandbox.baseUrl + path);
			expect(status).toBe(200);
			expect(body).not.toContain(TOKEN);
		}
	});

	it('Signing in with the token sets a cookie that does not contain the token.', async () => {
		const session = `${sandbox.baseUrl}/sandbox/session`;
		const body = JSON.stringify({ token: TOKEN });
		const { status, cookie = '' } = await ask(session, { method: 'POST', body });
		expect([status, cookie]).toEqual([204, expect.not.stringContaining(TOKEN)]);
		const guide = await ask(`${sandbox.baseUrl}/sandbox/guide`, { headers: { cookie } });
		expect(JSON.parse(guide.body)).toMatchObject({ apiToken: TOKEN });
		const other = await ask(`${sandbox.baseUrl}/sandbox/guide`, {
			headers: { cookie: `${cookie}x` },
		});
		expect(other.status).toBe(401);
	});

	it.each(['', '[]', '{"token":1}', '{"token":"user:1000-wrong"}', 'token'])(
		'Signing in with %s is rejected.',
		async (body) => {
			const answer = await ask(`${sandbox.baseUrl}/sandbox/session`, { method: 'POST', body });
			expect([answer.status, answer.cookie]).toEqual([401, undefined]);
		},
	);

	it('The API accepts only the token of the sandbox, not the cookie.', async () => {
		const account = `${sandbox.baseUrl}/v2/account`;
		expect((await ask(account, { headers: { authorization } })).status).toBe(200);
		const body = JSON.stringify({ token: TOKEN });
		const { cookie = '' } = await ask(`${sandbox.baseUrl}/sandbox/session`, {
			method: 'POST',
			body,
		});
		expect((await ask(account, { headers: { cookie } })).status).toBe(401);
	});
});
