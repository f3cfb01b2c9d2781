import {
	parseCredentials,
	secretsOf,
	credentialsProblem,
} from '../../../nodes/Pika/api/credentials';

const full = {
	apiToken: ' user:1-abc ',
	baseUrl: ' https://api.useapi.net// ',
	discordToken: 'discord-secret',
	channel: ' 42 ',
	maxJobs: 3,
	replyUrl: 'https://example.com/hook',
	callbackToken: 'callback-secret',
};

describe('parseCredentials', () => {
	it('parseCredentials trims every text and removes trailing slashes from the base URL', () => {
		expect(parseCredentials(full)).toEqual({
			apiToken: 'user:1-abc',
			baseUrl: 'https://api.useapi.net',
			discordToken: 'discord-secret',
			channel: '42',
			maxJobs: 3,
			replyUrl: 'https://example.com/hook',
			callbackToken: 'callback-secret',
		});
	});

	it('parseCredentials leaves out empty fields', () => {
		const blank = Object.fromEntries(Object.keys(full).map((name) => [name, ' ']));
		const settings = parseCredentials({ ...blank, maxJobs: 0 });
		expect(settings).toEqual({ apiToken: '', baseUrl: '' });
	});

	it.each<[string, unknown, number | undefined]>([
		['zero, which means unset', 0, undefined],
		['one', 1, 1],
		['a text', '5', 5],
		['a negative number', -1, undefined],
		['a fraction', 2.5, undefined],
		['NaN', NaN, undefined],
		['infinity', Infinity, undefined],
		['nothing', undefined, undefined],
		['null', null, undefined],
		['no number', 'many', undefined],
	])('parseCredentials validates the maximum number of jobs: %s', (_, maxJobs, read) => {
		expect(parseCredentials({ maxJobs }).maxJobs).toBe(read);
	});

	it.each<[string, unknown, unknown]>([
		['true', true, undefined],
		['a list of a number', [3], undefined],
		['an object', {}, undefined],
		['a number beyond 2^53', 1e300, undefined],
		['a text with blanks', ' 4 ', 4],
	])(
		'parseCredentials validates the maximum number of jobs from an expression: %s',
		(_, maxJobs, read) => {
			expect(parseCredentials({ maxJobs }).maxJobs).toBe(read);
		},
	);

	it('parseCredentials removes pasted characters from the tokens, the channel and the base URL', () => {
		const pasted = parseCredentials({
			apiToken: '\ufeff Bearer user:1\u200b-abc\n',
			discordToken: 'Bearer\u00a0MTA\u00ad1 .x',
			callbackToken: ' my\u200b secret ',
			channel: '11\u200b 42\u00a0',
			baseUrl: '\u200bhttps://api.useapi.net/ ',
		});
		expect(pasted).toMatchObject({
			apiToken: 'user:1-abc',
			discordToken: 'MTA1.x',
			callbackToken: 'my secret',
			channel: '1142',
			baseUrl: 'https://api.useapi.net',
		});
	});

	it.each<[string, unknown, string | undefined]>([
		['a number', 42, '42'],
		['a long integer', 1163104783924957235n, '1163104783924957235'],
		['null', null, undefined],
	])('parseCredentials reads a channel that an expression returns as %s', (_, channel, text) => {
		expect(parseCredentials({ channel }).channel).toBe(text);
	});

	it.each<[string, unknown]>([
		['a number', 5],
		['an object', {}],
		['null', null],
	])('parseCredentials ignores a token that is %s', (_, apiToken) => {
		expect(parseCredentials({ apiToken }).apiToken).toBe('');
	});
});

describe('credentialsProblem', () => {
	it('credentialsProblem finds no problem in a complete credential', () => {
		expect(credentialsProblem(parseCredentials(full))).toBeUndefined();
	});

	it.each<[string, object, RegExp]>([
		['no token', { apiToken: ' ' }, /no API token/],
		['a Discord token without a channel', { channel: '' }, /no Discord channel ID/],
		['no base URL', { baseUrl: '' }, /no base URL/],
		['an unprotected base URL', { baseUrl: 'http://api.useapi.net' }, /https/],
		['a masked token', { apiToken: 'user:••••' }, /^The API token .* begins with "user:"$/],
		['a token in Cyrillic', { apiToken: 'user:токен' }, /^The API token/],
		['a token with a control character', { apiToken: 'user:1\u0007' }, /^The API token/],
		['a token with half a character', { apiToken: 'user:\ud800' }, /^The API token/],
		['a masked Discord token', { discordToken: '●●●' }, /^The Discord token/],
		['an object as channel', { channel: {} }, /^The Discord channel ID .* is an object, not text$/],
		[
			'a rounded number as channel',
			{ channel: 1e18 },
			/^The Discord channel ID .* more digits than/,
		],
		[
			'a channel name as channel',
			{ channel: 'general' },
			/"general" in the credential is not a number/,
		],
		['the URL of a channel', { channel: 'https://discord.com/channels/@me/1' }, /Enter the digits/],
		['a word as reply URL', { replyUrl: 'hello' }, /^The reply URL "hello" .* https:\/\//],
		['a path as reply URL', { replyUrl: '/webhook/1' }, /is not a web address/],
		['a reply URL with another scheme', { replyUrl: 'ftp://a.example' }, /is not a web address/],
		['more jobs than a channel can run', { maxJobs: 100 }, /a whole number from 0 to 10/],
		['a fraction of a job', { maxJobs: 2.5 }, /a whole number from 0 to 10/],
		['a negative number of jobs', { maxJobs: -1 }, /a whole number from 0 to 10/],
		[
			'a base URL without a scheme',
			{ baseUrl: 'api.useapi.net' },
			/Write "https:\/\/api\.useapi\.net"$/,
		],
		[
			'a base URL without a scheme on this machine',
			{ baseUrl: 'localhost:8080' },
			/Write "http:\/\/localhost:8080"$/,
		],
		[
			'the path of the API in the base URL',
			{ baseUrl: 'https://a.example/v1/pika' },
			/Write "https:\/\/a\.example":/,
		],
		[
			'the path of an endpoint in the base URL',
			{ baseUrl: 'https://a.example/v1/pika/jobs' },
			/Write "https:\/\/a\.example":/,
		],
		[
			'the path of the account in the base URL',
			{ baseUrl: 'https://a.example/v2/account' },
			/already has the path/,
		],
		['a list as reply URL', { replyUrl: [] }, /^The reply URL in the credential is a list/],
	])('credentialsProblem refuses a credential with %s', (_, change, fault) => {
		expect(credentialsProblem(parseCredentials({ ...full, ...change }))).toMatch(fault);
	});
});

describe('secretsOf', () => {
	it('secretsOf lists every token in each form in which a response can contain it', () => {
		const secrets = secretsOf(parseCredentials(full));
		expect(secrets).toEqual(
			expect.arrayContaining([
				'user:1-abc',
				'user%3A1-abc',
				'user%3a1-abc',
				'discord-secret',
				'token=callback-secret',
				'token%3Dcallback-secret',
			]),
		);
	});

	it('secretsOf lists a token both as it was typed and as it is sent', () => {
		const apiToken = 'Bearer user:1\u200b abc';
		const secrets = secretsOf(parseCredentials({ apiToken }));
		expect(secrets).toEqual(
			expect.arrayContaining([apiToken, encodeURIComponent(apiToken), 'user:1abc']),
		);
	});

	it('secretsOf lists the longest secret first, so that none is hidden only in part', () => {
		const lengths = secretsOf(parseCredentials(full)).map(({ length }) => length);
		expect(lengths).toEqual([...lengths].sort((one, other) => other - one));
	});

	it.each<[string, Record<string, unknown>]>([
		['an empty secret', {}],
		['a secret of spaces', { apiToken: '  ', discordToken: '\u200b', callbackToken: ' ' }],
		['a lone prefix', { apiToken: 'Bearer ' }],
	])('secretsOf leaves out %s, which would match everywhere', (_, credential) => {
		expect(secretsOf(parseCredentials(credential))).toEqual([]);
	});

	it('secretsOf accepts a secret with half of a surrogate pair', () => {
		expect(secretsOf(parseCredentials({ callbackToken: '\ud800' }))).not.toEqual([]);
	});
});
