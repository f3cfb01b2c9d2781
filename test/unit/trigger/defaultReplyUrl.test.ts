import type { DefaultReplyUrl, ReplyUrlOutcome } from '../../../nodes/Pika/api/defaultReplyUrlApi';
import {
	callbackUrl,
	isRegistered,
	readRegistration,
	register,
	restore,
} from '../../../nodes/Pika/trigger/defaultReplyUrl';

const OURS = 'https://n8n.example.com/webhook/1/pika';
const OTHER = 'https://other.example/hook?x=1';

function accountWith(replyUrl: string, secret?: string) {
	const sets: string[] = [];
	const account: DefaultReplyUrl = {
		// As api/body.ts does it.
		get: async () => ({
			kind: 'found',
			replyUrl: secret ? replyUrl.replace(secret, '[hidden]') : replyUrl,
		}),
		set: async (wanted) => {
			sets.push(wanted);
			return { kind: 'found', replyUrl: wanted };
		},
	};
	return { account, sets };
}

const unreachable: ReplyUrlOutcome = { kind: 'unreachable', reason: 'ECONNRESET' };

describe('register', () => {
	it.each([
		['another default', OTHER, undefined, OTHER],
		['none', '', undefined, ''],
		['ours, from an earlier publication', OURS, { url: OURS, former: OTHER }, OTHER],
		['ours with an old token', `${OURS}?token=old`, { url: OURS, former: OTHER }, OTHER],
		['ours, from nobody knows when', OURS, undefined, ''],
		[
			'another, after an earlier publication',
			'https://new.example/',
			{ url: OURS, former: OTHER },
			'https://new.example/',
		],
	])('remembers the former default where there is %s', async (_what, current, saved, former) => {
		const { account, sets } = accountWith(current);
		expect(await register(account, OURS, undefined, saved)).toEqual({ url: OURS, former });
		expect(sets).toEqual([OURS]);
	});

	it('gives the token to the API, and saves it nowhere', async () => {
		const { account, sets } = accountWith(OTHER);
		const saved = await register(account, OURS, 'a&b c', undefined);
		expect(sets).toEqual([`${OURS}?token=a%26b%20c`]);
		expect(JSON.stringify(saved)).not.toContain('a%26b');
	});

	it.each<[string, Partial<DefaultReplyUrl>]>([
		['be read', { get: async () => unreachable }],
		['be set', { set: async () => unreachable }],
	])('says what happened where the account cannot %s', async (_what, broken) => {
		const { account } = accountWith(OTHER);
		expect(await register({ ...account, ...broken }, OURS, undefined, undefined)).toMatchObject({
			message: expect.stringContaining('ECONNRESET'),
			description: expect.stringContaining('publish'),
		});
	});

	it('refuses a URL of more than 1024 characters before any request', async () => {
		const { account, sets } = accountWith(OTHER);
		const get = jest.spyOn(account, 'get');
		expect(await register(account, OURS, 'x'.repeat(1024), undefined)).toHaveProperty('message');
		expect([get.mock.calls, sets]).toEqual([[], []]);
	});
});

describe('restore', () => {
	it('puts the former default back', async () => {
		const { account, sets } = accountWith(OURS);
		expect(await restore(account, { url: OURS, former: OTHER }, undefined)).toEqual({
			isSettled: true,
		});
		expect(sets).toEqual([OTHER]);
	});

	it('puts the token back that the former default had', async () => {
		const { account, sets } = accountWith(`${OURS}?token=s`, 'token=s');
		const former = 'https://n8n.example.com/webhook/2/pika?[hidden]';
		await restore(account, { url: OURS, former }, 's');
		expect(sets).toEqual(['https://n8n.example.com/webhook/2/pika?token=s']);
	});

	it.each([
		['somebody else has set another', OTHER, OTHER, undefined, undefined],
		['there was none before', OURS, '', undefined, 'not documented'],
		['its secret is gone', OURS, 'https://a.example/?[hidden]', undefined, 'secret'],
	])('changes nothing where %s', async (_what, current, former, token, note) => {
		const { account, sets } = accountWith(current);
		const end = await restore(account, { url: OURS, former }, token);
		expect(sets).toEqual([]);
		expect(end.isSettled).toBe(true);
		expect(end.note ?? '').toContain(note ?? '');
	});

	it.each<[string, Partial<DefaultReplyUrl>]>([
		['be read', { get: async () => unreachable }],
		['be set', { set: async () => unreachable }],
	])('is not settled where the account cannot %s', async (_what, broken) => {
		const { account } = accountWith(OURS);
		const end = await restore({ ...account, ...broken }, { url: OURS, former: OTHER }, undefined);
		expect(end).toMatchObject({ isSettled: false, note: expect.stringContaining('ECONNRESET') });
	});
});

describe('a registration', () => {
	it.each([
		['the same URL', OURS, true],
		['the same under another public address', 'http://127.0.0.1:5678/webhook/1/pika', true],
		['the test URL', 'https://n8n.example.com/webhook-test/1/pika', false],
		['another trigger', 'https://n8n.example.com/webhook/2/pika', false],
		['nothing', '', false],
	])('is or is not that of %s', (_what, url, expected) => {
		expect(isRegistered({ url: OURS, former: '' }, url)).toBe(expected);
	});

	it.each<[string, unknown]>([
		['nothing', undefined],
		['null', null],
		['a text', OURS],
		['a list', [OURS, OTHER]],
		['half of it', { url: OURS }],
		['other types', { url: 1, former: 2 }],
	])('is not read from %s', (_what, saved) => {
		expect(readRegistration(saved)).toBeUndefined();
	});

	it('is read as it was saved', () => {
		const saved = { url: OURS, former: OTHER };
		expect(readRegistration(JSON.parse(JSON.stringify(saved)))).toEqual(saved);
	});
});

describe('callbackUrl', () => {
	it.each([
		[undefined, OURS],
		['', OURS],
		['plain', `${OURS}?token=plain`],
		['=&#?', `${OURS}?token=%3D%26%23%3F`],
	])('with the token %j is %s', (token, expected) => {
		expect(callbackUrl(OURS, token)).toBe(expected);
	});
});
