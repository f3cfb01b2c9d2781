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

describe('readSettings', () => {
	it('trims every text and takes the slashes off the base URL', () => {
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

	it('leaves out what is empty', () => {
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
	])('reads %s as the most jobs', (_, maxJobs, read) => {
		expect(parseCredentials({ maxJobs }).maxJobs).toBe(read);
	});

	it.each<[string, unknown]>([
		['a number', 5],
		['an object', {}],
		['null', null],
	])('takes %s for no token', (_, apiToken) => {
		expect(parseCredentials({ apiToken }).apiToken).toBe('');
	});
});

describe('settingsFault', () => {
	it('finds none in a complete credential', () => {
		expect(credentialsProblem(parseCredentials(full))).toBeUndefined();
	});

	it.each<[string, object, RegExp]>([
		['no token', { apiToken: ' ' }, /no API token/],
		['a Discord token without a channel', { channel: '' }, /no Discord channel ID/],
		['no base URL', { baseUrl: '' }, /no URL/],
		['an unprotected base URL', { baseUrl: 'http://api.useapi.net' }, /https/],
	])('refuses %s', (_, change, fault) => {
		expect(credentialsProblem(parseCredentials({ ...full, ...change }))).toMatch(fault);
	});
});

describe('secretsOf', () => {
	it('names all tokens that there are', () => {
		expect(secretsOf(parseCredentials(full))).toEqual([
			'user:1-abc',
			'user%3A1-abc',
			'discord-secret',
			'token=callback-secret',
			'token%3Dcallback-secret',
		]);
	});

	it('names no empty ones, which would be found everywhere', () => {
		expect(secretsOf(parseCredentials({}))).toEqual([]);
	});
});
