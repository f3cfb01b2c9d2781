import { verifyToken } from '../../../nodes/Pika/trigger/verifyToken';

describe('isAuthentic', () => {
	it.each([
		['the same', 'secret', 'secret'],
		['the same in other scripts', 'gehëim 秘密', 'gehëim 秘密'],
		['the same, very long', 'x'.repeat(10_000), 'x'.repeat(10_000)],
	])('accepts %s', (_what, expected, given) => {
		expect(verifyToken(expected, given)).toBe(true);
	});

	it.each<[string, string | undefined, unknown]>([
		['another text of the same length', 'secret', 'sacred'],
		['a beginning of it', 'secret', 'secre'],
		['more than it', 'secret', 'secret '],
		['another case', 'secret', 'Secret'],
		['nothing', 'secret', undefined],
		['an empty text', 'secret', ''],
		['a list that holds it', 'secret', ['secret']],
		['an object', 'secret', { token: 'secret' }],
		['a number', '1', 1],
		['anything where there is no secret', undefined, 'undefined'],
		['nothing where there is no secret', undefined, undefined],
		['an empty text where the secret is empty', '', ''],
	])('refuses %s', (_what, expected, given) => {
		expect(verifyToken(expected, given)).toBe(false);
	});
});
