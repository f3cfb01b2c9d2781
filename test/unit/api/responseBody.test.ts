import { parseAndRedactBody } from '../../../nodes/Pika/api/responseBody';
import { parseApiError } from '../../../nodes/Pika/api/apiError';
import { parseCredentials, secretsOf } from '../../../nodes/Pika/api/credentials';

const DEEP = '['.repeat(100_000) + ']'.repeat(100_000);

describe('parseAndRedactBody', () => {
	it.each<[string, unknown, unknown]>([
		['an object', '{"a":[1,null]}', { a: [1, null] }],
		['broken JSON', '{"a":', '{"a":'],
		['HTML', '<h1>Gone</h1>', '<h1>Gone</h1>'],
		['nothing', '', ''],
		['no text at all', undefined, ''],
		['deeply nested JSON', DEEP, DEEP],
	])('parseAndRedactBody parses %s', (_, body, expected) => {
		expect(parseAndRedactBody(body, [])).toEqual(expected);
	});

	it('parseAndRedactBody limits the depth of a response, so that later code cannot fail on it', () => {
		const body = parseAndRedactBody(`{"error":${DEEP}}`, []);
		expect(() => parseApiError({ kind: 'answer', httpStatus: 500, body }, 'job')).not.toThrow();
	});
});

describe('secrets in a response', () => {
	const secrets = secretsOf(
		parseCredentials({ apiToken: 'user:1-a b', discordToken: 'd"q', callbackToken: 'job' }),
	);

	it.each<[string, string, unknown]>([
		['in a value', '{"error":"user:1-a b is bad"}', { error: '[hidden] is bad' }],
		['in a nested value', '{"a":[{"b":"user:1-a b"}]}', { a: [{ b: '[hidden]' }] }],
		['escaped in JSON', '{"error":"d\\"q"}', { error: '[hidden]' }],
		['encoded in a URL', '{"replyUrl":"u?t=user%3A1-a%20b"}', { replyUrl: 'u?t=[hidden]' }],
		['in a callback URL', '{"replyUrl":"u?token=job"}', { replyUrl: 'u?[hidden]' }],
		['in HTML', '<p>user:1-a b</p>', '<p>[hidden]</p>'],
		['in the name of a field', '{"user:1-a b":{"user:1-ab":1}}', { '[hidden]': { '[hidden]': 1 } }],
		['as they are sent', '{"error":"user:1-ab is bad"}', { error: '[hidden] is bad' }],
		['encoded in lower case', '{"replyUrl":"u?t=user%3a1-ab"}', { replyUrl: 'u?t=[hidden]' }],
		['encoded as a form', '{"replyUrl":"u?t=user%3A1-a+b"}', { replyUrl: 'u?t=[hidden]' }],
		['escaped in broken JSON', '{"error":"d\\"q', '{"error":"[hidden]'],
		['escaped in HTML', '<p>d&quot;q d&#34;q</p>', '<p>[hidden] [hidden]</p>'],
	])('parseAndRedactBody hides secrets %s', (_, body, expected) => {
		expect(parseAndRedactBody(body, secrets)).toEqual(expected);
	});

	it('parseAndRedactBody leaves names and values alone that merely resemble a callback token', () => {
		const body = '{"jobid":"job-1","verb":"pika-job"}';
		expect(parseAndRedactBody(body, secrets)).toEqual({ jobid: 'job-1', verb: 'pika-job' });
	});
});
