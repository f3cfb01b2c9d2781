import type { DefaultReplyUrl, ReplyUrlOutcome } from '../../../nodes/Pika/api/defaultReplyUrlApi';
import {
	callbackUrl,
	isRegistered,
	parseRegistration,
	register,
	restore,
} from '../../../nodes/Pika/trigger/registration';

const OURS = 'https://n8n.example.com/webhook/1/pika';
const OTHER = 'https://other.example/hook?x=1';

function accountWith(replyUrl: string, secret?: string) {
	const sets: string[] = [];
	const account: DefaultReplyUrl = {
		// The API's client hides tokens in this way.
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
		['no default', '', undefined, ''],
		['our URL, from an earlier publication', OURS, { url: OURS, previous: OTHER }, OTHER],
		['our URL with an old token', `${OURS}?token=old`, { url: OURS, previous: OTHER }, OTHER],
		['our URL, and nothing is saved', OURS, undefined, ''],
		[
			'another default, after an earlier publication',
			'https://new.example/',
			{ url: OURS, previous: OTHER },
			'https://new.example/',
		],
	])(
		'register remembers the previous default if the account has %s',
		async (_what, current, saved, previous) => {
			const { account, sets } = accountWith(current);
			expect(await register(account, OURS, undefined, saved)).toEqual({ url: OURS, previous });
			expect(sets).toEqual([OURS]);
		},
	);

	it('register sends the token to the API, but does not save it', async () => {
		const { account, sets } = accountWith(OTHER);
		const saved = await register(account, OURS, 'a&b c', undefined);
		expect(sets).toEqual([`${OURS}?token=a%26b%20c`]);
		expect(JSON.stringify(saved)).not.toContain('a%26b');
	});

	it.each<[string, Partial<DefaultReplyUrl>]>([
		['be read', { get: async () => unreachable }],
		['be set', { set: async () => unreachable }],
	])('register explains what happened if the account cannot %s', async (_what, broken) => {
		const { account } = accountWith(OTHER);
		expect(await register({ ...account, ...broken }, OURS, undefined, undefined)).toMatchObject({
			message: expect.stringContaining('ECONNRESET'),
			description: expect.stringContaining('publish'),
		});
	});

	it('register refuses a URL of more than 1024 characters before any request', async () => {
		const { account, sets } = accountWith(OTHER);
		const get = jest.spyOn(account, 'get');
		expect(await register(account, OURS, 'x'.repeat(1024), undefined)).toHaveProperty('message');
		expect([get.mock.calls, sets]).toEqual([[], []]);
	});
});

describe('restore', () => {
	it('restore sets the previous default', async () => {
		const { account, sets } = accountWith(OURS);
		expect(await restore(account, { url: OURS, previous: OTHER }, undefined)).toEqual({
			isSettled: true,
		});
		expect(sets).toEqual([OTHER]);
	});

	it('restore puts the token back into the previous default', async () => {
		const { account, sets } = accountWith(`${OURS}?token=s`, 'token=s');
		const previous = 'https://n8n.example.com/webhook/2/pika?[hidden]';
		await restore(account, { url: OURS, previous }, 's');
		expect(sets).toEqual(['https://n8n.example.com/webhook/2/pika?token=s']);
	});

	it.each([
		['somebody else has set another default', OTHER, OTHER, undefined, undefined],
		['there was none before', OURS, '', undefined, 'not documented'],
		['its token is gone', OURS, 'https://a.example/?[hidden]', undefined, 'token'],
	])('restore changes nothing if %s', async (_what, current, previous, token, note) => {
		const { account, sets } = accountWith(current);
		const end = await restore(account, { url: OURS, previous }, token);
		expect(sets).toEqual([]);
		expect(end.isSettled).toBe(true);
		expect(end.note ?? '').toContain(note ?? '');
	});

	it.each<[string, Partial<DefaultReplyUrl>]>([
		['be read', { get: async () => unreachable }],
		['be set', { set: async () => unreachable }],
	])('restore is not complete if the account cannot %s', async (_what, broken) => {
		const { account } = accountWith(OURS);
		const end = await restore({ ...account, ...broken }, { url: OURS, previous: OTHER }, undefined);
		expect(end).toMatchObject({ isSettled: false, note: expect.stringContaining('ECONNRESET') });
	});
});

describe('isRegistered and parseRegistration', () => {
	it.each([
		['the same URL', OURS, true],
		['the same path under another public URL', 'http://127.0.0.1:5678/webhook/1/pika', true],
		['the test URL', 'https://n8n.example.com/webhook-test/1/pika', false],
		['another trigger', 'https://n8n.example.com/webhook/2/pika', false],
		['nothing', '', false],
	])('isRegistered compares a registration with %s', (_what, url, expected) => {
		expect(isRegistered({ url: OURS, previous: '' }, url)).toBe(expected);
	});

	it.each<[string, unknown]>([
		['nothing', undefined],
		['null', null],
		['a text', OURS],
		['a list', [OURS, OTHER]],
		['an incomplete one', { url: OURS }],
		['fields of other types', { url: 1, previous: 2 }],
	])('parseRegistration reads no registration from %s', (_what, saved) => {
		expect(parseRegistration(saved)).toBeUndefined();
	});

	it('parseRegistration reads a registration as it was saved', () => {
		const saved = { url: OURS, previous: OTHER };
		expect(parseRegistration(JSON.parse(JSON.stringify(saved)))).toEqual(saved);
	});
});

describe('callbackUrl', () => {
	it.each([
		[undefined, OURS],
		['', OURS],
		['plain', `${OURS}?token=plain`],
		['=&#?', `${OURS}?token=%3D%26%23%3F`],
	])('callbackUrl with the token %j is %s', (token, expected) => {
		expect(callbackUrl(OURS, token)).toBe(expected);
	});
});
