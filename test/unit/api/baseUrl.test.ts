import { assertMayCarryToken, baseUrlProblem, isLoopback } from '../../../nodes/Pika/api/baseUrl';

describe('baseUrlFault', () => {
	it.each<[string, string]>([
		['the API', 'https://api.useapi.net'],
		['a path', 'https://proxy.example.com/useapi'],
		['a port', 'https://proxy.example.com:8443'],
		['capitals', 'HTTPS://API.USEAPI.NET'],
		['localhost', 'http://localhost:3000'],
		['the loopback address', 'http://127.0.0.1:3000'],
		['another loopback address', 'http://127.9.8.7'],
		['the loopback address of IPv6', 'http://[::1]:3000'],
		['the loopback address as one number', 'http://2130706433'],
	])('accepts %s', (_, url) => {
		expect(baseUrlProblem(url)).toBeUndefined();
	});

	it.each<[string, string]>([
		['nothing', ''],
		['no URL', 'api.useapi.net'],
		['http elsewhere', 'http://api.useapi.net'],
		['a host that begins like loopback', 'http://127.0.0.1.evil.example'],
		['a host that begins like localhost', 'http://localhost.evil.example'],
		['a private address', 'http://192.168.0.1'],
		['any address', 'http://0.0.0.0:3000'],
		['another protocol', 'ftp://localhost'],
		['a file', 'file:///etc/passwd'],
		['a user', 'https://user@api.useapi.net'],
		['a password', 'https://user:secret@api.useapi.net'],
		['a query', 'https://api.useapi.net/?a=1'],
		['a fragment', 'https://api.useapi.net/#a'],
		['an empty query', 'https://api.useapi.net?'],
		['an empty fragment', 'https://api.useapi.net/#'],
		['loopback as a user', 'http://127.0.0.1@evil.example'],
	])('refuses %s', (_, url) => {
		expect(baseUrlProblem(url)).toEqual(expect.any(String));
	});

	it('shows no password', () => {
		expect(baseUrlProblem('http://user:hunter2@example.com')).not.toContain('hunter2');
	});
});

describe('isLoopback', () => {
	it.each<[string, string, boolean]>([
		['localhost', 'http://localhost', true],
		['capitals', 'http://LOCALHOST', true],
		['a short address', 'http://127.1', true],
		['a mapped address', 'http://[::ffff:127.0.0.1]', false],
		['a name below localhost', 'http://a.localhost', false],
	])('knows %s', (_, url, is) => {
		expect(isLoopback(new URL(url))).toBe(is);
	});
});

describe('assertMayCarryToken', () => {
	const API = 'https://api.useapi.net';

	it.each<[string, string, string]>([
		['the same server', API, `${API}/v2/account`],
		['the standard port', API, 'https://api.useapi.net:443/v1'],
		['the sandbox', 'http://127.0.0.1:3000', 'http://127.0.0.1:3000/v2/account'],
	])('lets it go to %s', (_, base, url) => {
		expect(() => assertMayCarryToken(base, url)).not.toThrow();
	});

	it.each<[string, string, string]>([
		['another server', API, 'https://evil.example/v2/account'],
		['a server whose name begins alike', API, 'https://api.useapi.net.evil.example'],
		['a server behind a user', API, 'https://api.useapi.net@evil.example'],
		['another port', API, 'https://api.useapi.net:8443'],
		['the same server without protection', API, 'http://api.useapi.net'],
		['no URL', API, '/v2/account'],
		['an unprotected base', 'http://api.useapi.net', 'http://api.useapi.net'],
		['no base', '', ''],
	])('keeps it from %s', (_, base, url) => {
		expect(() => assertMayCarryToken(base, url)).toThrow(/credential|API token/);
	});
});
