import { UseApiPikaApi } from '../../../credentials/UseApiPikaApi.credentials';
import { assertMayCarryToken, baseUrlProblem, isLoopback } from '../../../nodes/Pika/api/baseUrl';

describe('baseUrlProblem', () => {
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
	])('baseUrlProblem accepts %s', (_, url) => {
		expect(baseUrlProblem({ baseUrl: url })).toBeUndefined();
	});

	it.each<[string, string]>([
		['nothing', ''],
		['a text that is not a URL', 'api.useapi.net'],
		['plain HTTP to another host', 'http://api.useapi.net'],
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
		['a loopback address as user name', 'http://127.0.0.1@evil.example'],
	])('baseUrlProblem refuses %s', (_, url) => {
		expect(baseUrlProblem({ baseUrl: url })).toEqual(expect.any(String));
	});

	it('baseUrlProblem names the switch that allows plain HTTP to other hosts', () => {
		const { properties } = new UseApiPikaApi();
		const { displayName } = properties.find(({ name }) => name === 'allowPlainHttp') ?? {};
		expect(baseUrlProblem({ baseUrl: 'http://192.168.0.1' })).toContain(`turn on "${displayName}"`);
	});

	it.each(['http://192.168.0.1:4010', 'http://sandbox:4010', 'http://sandbox.example.com'])(
		'baseUrlProblem accepts %s only if plain HTTP is allowed',
		(baseUrl) => {
			expect(baseUrlProblem({ baseUrl, allowPlainHttp: true })).toBeUndefined();
			expect(baseUrlProblem({ baseUrl, allowPlainHttp: false })).toContain('https://');
		},
	);

	it.each(['sandbox:4010', 'ftp://sandbox', 'http://user@sandbox', 'http://sandbox/v1/pika', ''])(
		'baseUrlProblem refuses "%s" even if plain HTTP is allowed',
		(baseUrl) => {
			expect(baseUrlProblem({ baseUrl, allowPlainHttp: true })).toEqual(expect.any(String));
		},
	);

	it.each([
		['127.0.0.1:4010', 'http://127.0.0.1:4010'],
		['127.0.0.1:4010/v1/pika', 'http://127.0.0.1:4010'],
		['http:127.0.0.1:4010', 'http://127.0.0.1:4010'],
		['http:/localhost:4010/v2/account', 'http://localhost:4010'],
		['http//127.0.0.1:4010', 'http://127.0.0.1:4010'],
		['http;//127.0.0.1:4010', 'http://127.0.0.1:4010'],
		['htp://127.0.0.1:4010', 'http://127.0.0.1:4010'],
		['ftp://127.0.0.1:4010', 'http://127.0.0.1:4010'],
		['htps://api.example.com/v1/pika', 'https://api.example.com'],
		['://127.0.0.1:4010', 'http://127.0.0.1:4010'],
		['//127.0.0.1:4010', 'http://127.0.0.1:4010'],
		['sandbox.example.com/useapi', 'https://sandbox.example.com/useapi'],
		['http.example.com', 'https://http.example.com'],
		['api.example.com/v1', 'https://api.example.com'],
	])('baseUrlProblem turns "%s" into a base URL that it accepts, %s', (baseUrl, corrected) => {
		expect(baseUrlProblem({ baseUrl })).toContain(`Write "${corrected}"`);
		expect(baseUrlProblem({ baseUrl: corrected })).toBeUndefined();
	});

	it.each(['sandbox:4010', 'htp://sandbox:4010'])(
		'baseUrlProblem corrects "%s" to plain HTTP if that is allowed',
		(baseUrl) => {
			const destination = { baseUrl, allowPlainHttp: true };
			expect(baseUrlProblem(destination)).toContain('Write "http://sandbox:4010"');
			expect(baseUrlProblem(destination)).not.toContain('turn on');
		},
	);

	it.each([
		'http://user:hunter2@example.com',
		'ftp://user:hunter2@example.com',
		'user:hunter2@example.com',
		'http://127.0.0.1:4010/?password=hunter2',
		'127.0.0.1:4010/?password=hunter2',
	])('baseUrlProblem does not repeat a password from "%s"', (baseUrl) => {
		expect(baseUrlProblem({ baseUrl })).toEqual(expect.not.stringContaining('hunter2'));
	});
});

describe('isLoopback', () => {
	it.each<[string, string, boolean]>([
		['localhost', 'http://localhost', true],
		['capitals', 'http://LOCALHOST', true],
		['a short address', 'http://127.1', true],
		['a mapped address', 'http://[::ffff:127.0.0.1]', false],
		['a name below localhost', 'http://a.localhost', false],
	])('isLoopback classifies %s', (_, url, is) => {
		expect(isLoopback(new URL(url))).toBe(is);
	});
});

describe('assertMayCarryToken', () => {
	const API = 'https://api.useapi.net';

	it.each<[string, string, string]>([
		['the same server', API, `${API}/v2/account`],
		['the standard port', API, 'https://api.useapi.net:443/v1'],
		['the sandbox', 'http://127.0.0.1:3000', 'http://127.0.0.1:3000/v2/account'],
	])('assertMayCarryToken allows requests to %s', (_, base, url) => {
		expect(() => assertMayCarryToken({ baseUrl: base }, url)).not.toThrow();
	});

	it('assertMayCarryToken allows plain HTTP to the same server only, and only if the credential allows it', () => {
		const destination = { baseUrl: 'http://sandbox:4010', allowPlainHttp: true };
		expect(() => assertMayCarryToken(destination, 'http://sandbox:4010/v1')).not.toThrow();
		expect(() => assertMayCarryToken(destination, 'http://sandbox:4011/v1')).toThrow(/API token/);
		expect(() => assertMayCarryToken(destination, 'https://sandbox:4010/v1')).toThrow(/API token/);
	});

	it('assertMayCarryToken never allows plain HTTP to a server whose base URL has HTTPS', () => {
		const destination = { baseUrl: API, allowPlainHttp: true };
		expect(() => assertMayCarryToken(destination, 'http://api.useapi.net/v1')).toThrow(/API token/);
	});

	it.each<[string, string, string]>([
		['another server', API, 'https://evil.example/v2/account'],
		['a server whose name begins the same', API, 'https://api.useapi.net.evil.example'],
		['a server after a user name', API, 'https://api.useapi.net@evil.example'],
		['another port', API, 'https://api.useapi.net:8443'],
		['the same server over plain HTTP', API, 'http://api.useapi.net'],
		['no URL', API, '/v2/account'],
		['a plain HTTP base URL', 'http://api.useapi.net', 'http://api.useapi.net'],
		['an empty base URL', '', ''],
	])('assertMayCarryToken refuses %s', (_, base, url) => {
		expect(() => assertMayCarryToken({ baseUrl: base }, url)).toThrow(/credential|API token/);
	});
});
