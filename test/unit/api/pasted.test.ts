import { cleanId, cleanSecret, cleanToken } from '../../../nodes/Pika/api/pasted';

const INVISIBLE: Record<string, string> = {
	'a blank': ' ',
	'a tab': '\t',
	'a line break': '\r\n',
	'a no-break space': '\u00a0',
	'a narrow no-break space': '\u202f',
	'an ideographic space': '\u3000',
	'a line separator': '\u2028',
	'a zero-width space': '\u200b',
	'a zero-width joiner': '\u200d',
	'a word joiner': '\u2060',
	'a byte order mark': '\ufeff',
	'a soft hyphen': '\u00ad',
	'a mark of direction': '\u200e',
	'a change of direction': '\u202e',
	'a combining grapheme joiner': '\u034f',
	'a Hangul filler': '\u3164',
	'an empty Braille pattern': '\u2800',
	'a variation selector': '\ufe0f',
	'a tag': '\u{e0041}',
};

describe.each(Object.entries(INVISIBLE))('cleanToken and cleanId: %s', (_what, unseen) => {
	it.each([
		['before the token', `${unseen}user:1-abc`],
		['after the token', `user:1-abc${unseen}`],
		['inside the token', `user:1${unseen}-abc`],
		['between all characters of the token', [...'user:1-abc'].join(unseen)],
		['between Bearer and the token', `Bearer${unseen}user:1-abc`],
		['around Bearer', `${unseen}bearer ${unseen}user:1-abc`],
		['after Authorization', `Authorization:${unseen}Bearer ${unseen}user:1-abc`],
	])('cleanToken removes an invisible character %s', (_where, pasted) => {
		expect(cleanToken(pasted)).toBe('user:1-abc');
	});

	it('cleanId removes an invisible character everywhere', () => {
		expect(cleanId(`${unseen}11${unseen}63${unseen}`)).toBe('1163');
	});
});

describe('cleanToken', () => {
	it.each([
		['Bearer twice', 'Bearer bearer user:1', 'user:1'],
		['a token that begins like Bearer', 'bearer-of-news', 'bearer-of-news'],
		['Bearer alone', ' Bearer ', ''],
		['a token with Bearer inside', 'user:Bearer-1', 'user:Bearer-1'],
	])('cleanToken handles %s', (_what, pasted, token) => {
		expect(cleanToken(pasted)).toBe(token);
	});

	it('cleanToken keeps visible characters, including those that n8n would refuse in a header', () => {
		expect(cleanToken('ключ\u0000é~!')).toBe('ключ\u0000é~!');
	});

	it('cleanToken takes no noticeable time for a long run of spaces', () => {
		expect(cleanToken(`${' '.repeat(1_000_000)}x`)).toBe('x');
	});
});

describe('cleanSecret', () => {
	it.each([
		['its own spaces', ' my  secret word\n', 'my  secret word'],
		['invisible characters', 'my\u200b sec\u00adret\u00a0\ufeff', 'my secret'],
		['Bearer', 'Bearer my secret', 'my secret'],
		['nothing but spaces', ' \u200b ', ''],
	])('cleanSecret handles a secret with %s', (_what, pasted, secret) => {
		expect(cleanSecret(pasted)).toBe(secret);
	});
});
