import { UseApiPikaApi } from '../../../credentials/UseApiPikaApi.credentials';

const credential = { apiToken: 'user:1-abc', baseUrl: 'https://api.useapi.net' };

describe('authenticate', () => {
	it('adds the token and keeps the rest of the request', async () => {
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

	it('takes the base of a credential test into account', async () => {
		const request = { baseURL: 'https://api.useapi.net', url: '/v2/account' };
		const signed = await new UseApiPikaApi().authenticate(credential, request);
		expect(signed.headers).toEqual({ Authorization: 'Bearer user:1-abc' });
	});

	it.each<[string, string]>([
		['another server', 'https://evil.example/'],
		['the same server without protection', 'http://api.useapi.net/'],
		['a server behind a user', 'https://api.useapi.net@evil.example/'],
	])('gives the token not to %s', async (_, url) => {
		await expect(new UseApiPikaApi().authenticate(credential, { url })).rejects.toThrow(/not sent/);
	});

	it('sends a token that was pasted with blanks around it as the rest of the package reads it', async () => {
		const pasted = { ...credential, apiToken: ' user:1-abc\n' };
		const signed = await new UseApiPikaApi().authenticate(pasted, { url: credential.baseUrl });
		expect(signed.headers).toEqual({ Authorization: 'Bearer user:1-abc' });
	});
});
