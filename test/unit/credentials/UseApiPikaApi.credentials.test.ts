import { UseApiPikaApi } from '../../../credentials/UseApiPikaApi.credentials';

const credential = { apiToken: 'user:1-abc', baseUrl: 'https://api.useapi.net' };

describe('authenticate', () => {
	it('authenticate adds the token and keeps the rest of the request', async () => {
		const request = {
			url: 'https://api.useapi.net/v1/pika/jobs',
			headers: { Accept: 'application/json' },
			timeout: 5,
		};
		expect(await new UseApiPikaApi().authenticate(credential, request)).toEqual({
			...request,
			headers: { Accept: 'application/json', Authorization: 'Bearer user:1-abc' },
		});
	});

	it('authenticate uses the base URL of a credential test', async () => {
		const request = { baseURL: 'https://api.useapi.net', url: '/v2/account' };
		const signed = await new UseApiPikaApi().authenticate(credential, request);
		expect(signed.headers).toEqual({ Authorization: 'Bearer user:1-abc' });
	});

	it.each<[string, string]>([
		['another server', 'https://evil.example/'],
		['the same server over plain HTTP', 'http://api.useapi.net/'],
		['a server after a user name', 'https://api.useapi.net@evil.example/'],
	])('authenticate does not send the token to %s', async (_, url) => {
		await expect(new UseApiPikaApi().authenticate(credential, { url })).rejects.toThrow(/not sent/);
	});

	it('authenticate sends the token over plain HTTP if the credential allows it', async () => {
		const plain = { apiToken: 'user:1-abc', baseUrl: 'http://sandbox:4010' };
		const request = { baseURL: plain.baseUrl, url: '/v2/account' };
		await expect(new UseApiPikaApi().authenticate(plain, request)).rejects.toThrow(
			/turn on "Allow Plain HTTP \(Insecure\)"/,
		);
		const allowed = { ...plain, allowPlainHttp: true };
		const signed = await new UseApiPikaApi().authenticate(allowed, request);
		expect(signed.headers).toEqual({ Authorization: 'Bearer user:1-abc' });
	});

	it.each([
		['with blanks around it', ' user:1-abc\n'],
		['with Bearer in front', 'Bearer user:1-abc'],
		['as a whole header', 'Authorization: bearer  user:1-abc'],
		['with invisible characters inside', '\ufeffuser:1\u200b-\u00adabc\u00a0'],
	])('authenticate cleans a token that was pasted %s', async (_, apiToken) => {
		const pasted = { ...credential, apiToken };
		const signed = await new UseApiPikaApi().authenticate(pasted, { url: credential.baseUrl });
		expect(signed.headers).toEqual({ Authorization: 'Bearer user:1-abc' });
	});

	it.each([
		['a masked token', { apiToken: 'user:••••' }, /API token/],
		['a missing token', { apiToken: '\u200b' }, /no API token/],
		['a masked Discord token', { discordToken: '••••' }, /Discord token/],
	])('authenticate refuses %s before any request', async (_, change, words) => {
		const request = { url: credential.baseUrl };
		const signing = new UseApiPikaApi().authenticate({ ...credential, ...change }, request);
		await expect(signing).rejects.toThrow(words);
	});
});
