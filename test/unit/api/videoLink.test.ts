import { isExpired, linkProblem, readVideoLink } from '../../../nodes/Pika/api/videoLink';

const BASE = 'https://api.useapi.net';
const SANDBOX = 'http://127.0.0.1:4010';

describe('the link to a video', () => {
	it('readVideoLink returns the first attachment with the details in the job', () => {
		const attachments = [
			{
				url: 'https://cdn.example.com/a/b.mp4?ex=1',
				filename: 'x/y\\z.mp4',
				content_type: 'video/mp4; codecs=avc1',
				size: 12,
			},
		];
		expect(readVideoLink({ jobid: 'job-1', attachments })).toEqual({
			url: new URL('https://cdn.example.com/a/b.mp4?ex=1'),
			fileName: 'x_y_z.mp4',
			mimeType: 'video/mp4',
			size: 12,
		});
	});

	it.each<[string, object, object]>([
		[
			'the last part of the path as the file name',
			{ url: 'https://a.io/b/c.webm' },
			{ fileName: 'c.webm' },
		],
		['the job ID if the path has no name', { url: 'https://a.io/b/c' }, { fileName: 'job-1.mp4' }],
		[
			'no value that is a number instead of text',
			{ url: 'https://a.io/c.mp4', filename: 7 },
			{ fileName: 'c.mp4' },
		],
		['no invalid type', { url: 'https://a.io/c.mp4', content_type: 'x\r\ny' }, { mimeType: '' }],
		['no invalid size', { url: 'https://a.io/c.mp4', size: '12' }, { size: 0 }],
		['no infinite size', { url: 'https://a.io/c.mp4', size: Infinity }, { size: 0 }],
	])('readVideoLink uses %s', (_, attachment, expected) => {
		expect(readVideoLink({ jobid: 'job-1', attachments: [attachment] } as never)).toMatchObject(
			expected,
		);
	});

	it.each<[string, unknown]>([
		['no attachments', undefined],
		['an empty list', []],
		['an object', { url: 'https://a.io' }],
		['a text', ['https://a.io']],
		['null', [null]],
		['a link that is not one', [{ url: '/a.mp4' }]],
		['a link that is a number', [{ url: 7 }]],
		['an empty link', [{ url: '' }]],
	])('readVideoLink finds no link in %s', (_, attachments) => {
		expect(readVideoLink({ jobid: 'job-1', attachments } as never)).toBeUndefined();
	});

	it.each<[string, string, RegExp]>([
		['http://cdn.example.com/a.mp4', BASE, /not safe/],
		['http://api.useapi.net/a.mp4', BASE, /not safe/],
		['ftp://cdn.example.com/a.mp4', BASE, /not safe/],
		['file:///etc/passwd', BASE, /not safe/],
		['data:video/mp4;base64,AAAA', BASE, /not safe/],
		['javascript:alert(1)', BASE, /not safe/],
		['https://127.0.0.1/a.mp4', BASE, /private network/],
		['https://169.254.169.254/latest/meta-data', BASE, /private network/],
		['https://[::ffff:10.0.0.1]/a.mp4', BASE, /private network/],
		['https://vault.internal/a.mp4', BASE, /private network/],
		['https://127.0.0.1:4010/a.mp4', SANDBOX, /private network/],
		['http://127.0.0.1:4011/a.mp4', SANDBOX, /not safe/],
	])('linkProblem refuses %s with the base URL %s', (url, base, problem) => {
		expect(linkProblem(new URL(url), base)).toMatch(problem);
	});

	it.each<[string, string]>([
		['https://cdn.discordapp.com/attachments/1/2/a.mp4', BASE],
		['https://api.useapi.net/files/a.mp4', BASE],
		['https://cdn.example.com/a.mp4', SANDBOX],
		['http://127.0.0.1:4010/attachments/a.mp4', SANDBOX],
		['https://proxy.internal/a.mp4', 'https://proxy.internal/useapi'],
	])('linkProblem accepts %s with the base URL %s', (url, base) => {
		expect(linkProblem(new URL(url), base)).toBeUndefined();
	});

	it('linkProblem does not repeat a password from the link', () => {
		const url = new URL('http://user:hunter2@cdn.example.com/a.mp4?token=hunter2');
		expect(linkProblem(url, BASE)).not.toContain('hunter2');
	});

	it.each<[string, boolean]>([
		['?ex=65f00000', true],
		['?ex=65F00000&is=1', true],
		['?ex=7fffffff', false],
		['?ex=soon', false],
		['?ex=-1', false],
		['?ex=', false],
		['', false],
	])('isExpired says for the query %j whether the link has expired: %s', (query, is) => {
		expect(isExpired(new URL(`https://a.io/b.mp4${query}`), 0x65f00001 * 1000)).toBe(is);
	});
});
