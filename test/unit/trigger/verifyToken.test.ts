import { verifyToken } from '../../../nodes/Pika/trigger/verifyToken';

describe('verifyToken', () => {
	it.each([
		['the same text', 'secret', 'secret'],
		['the same text in other scripts', 'gehëim 秘密', 'gehëim 秘密'],
		['the same very long text', 'x'.repeat(10_000), 'x'.repeat(10_000)],
	])('verifyToken accepts a request with %s', (_what, expected, given) => {
		expect(verifyToken(expected, given)).toBe(true);
	});

	it.each<[string, string | undefined, unknown]>([
		['another text of the same length', 'secret', 'sacred'],
		['the beginning of the token', 'secret', 'secre'],
		['more than the token', 'secret', 'secret '],
		['the token in another case', 'secret', 'Secret'],
		['no token', 'secret', undefined],
		['an empty text', 'secret', ''],
		['a list that contains the token', 'secret', ['secret']],
		['an object', 'secret', { token: 'secret' }],
		['a number', '1', 1],
		['any token if there is no secret', undefined, 'undefined'],
		['no token if there is no secret', undefined, undefined],
		['an empty text if the secret is empty', '', ''],
	])('verifyToken refuses a request with %s', (_what, expected, given) => {
		expect(verifyToken(expected, given)).toBe(false);
	});
});
