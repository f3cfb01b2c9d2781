import { parseCallback } from '../../../nodes/Pika/trigger/callback';

const job = { jobid: 'pika-1-2', status: 'completed' };

function nested(depth: number): unknown {
	return JSON.parse('['.repeat(depth) + ']'.repeat(depth));
}

describe('parseCallback', () => {
	it.each<[string, unknown]>([
		['a parsed job', job],
		['a job as text', JSON.stringify(job)],
		['a job as bytes', Buffer.from(JSON.stringify(job))],
		['a job after a byte order mark', `\uFEFF${JSON.stringify(job)}`],
		['a job surrounded by white space', `\r\n ${JSON.stringify(job)}\n`],
	])('parseCallback finds the job in %s', (_what, body) => {
		expect(parseCallback(body)).toEqual(job);
	});

	it.each<[string, unknown]>([
		['nothing', undefined],
		['null', null],
		['a list of jobs', [job]],
		['a number', 42],
		['a boolean', true],
		['an empty text', ''],
		['a text that is not JSON', 'completed'],
		['broken JSON', '{"jobid":'],
		['null as text', 'null'],
		['a list as text', '[{"jobid":"1"}]'],
		['an empty object', {}],
		['bytes that are not text', Buffer.from([0xff, 0xfe, 0])],
		['an inherited jobid', Object.create({ jobid: 'pika-1' })],
		['a jobid under __proto__', '{"__proto__":{"jobid":"pika-1"}}'],
		['a jobid inside', { job }],
		[
			'JSON that is nested too deeply',
			`{"jobid":"1","prompt":${'['.repeat(9999)}${']'.repeat(9999)}}`,
		],
		['more text than a job has', JSON.stringify({ ...job, x: 'x'.repeat(200_000) })],
		['more in a field than a job has', { ...job, prompt: 'x'.repeat(200_000) }],
	])('parseCallback finds no job in this body: %s', (_what, body) => {
		expect(parseCallback(body)).toBeUndefined();
	});

	it.each<[string, unknown]>([
		['a number', 5],
		['null', null],
		['a list', ['pika-1']],
		['an object', { $ne: 1 }],
		['an empty text', ''],
		['a space', 'pika 1'],
		['a line break', 'pika-1\r\nHost: x'],
		['a control character', 'pika\u0000'],
		['a right-to-left mark', 'pika\u202e'],
		['half a surrogate pair', 'pika\ud800'],
		['a slash', '../account'],
		['a query', 'pika?x=1'],
		['another parameter', 'pika&jobid=2'],
		['a fragment', 'pika#1'],
		['257 characters', 'x'.repeat(257)],
		['thousands of characters', 'x'.repeat(50_000)],
	])('parseCallback refuses a job ID that is or contains %s', (_what, jobid) => {
		expect(parseCallback({ ...job, jobid })).toBeUndefined();
	});

	it.each([
		'1',
		'job:20240101-user:1-bot:pika-1',
		'__proto__',
		'x'.repeat(256),
		'é-漢-😀',
		'%2e%2e',
		'a\\b',
	])('parseCallback accepts the job ID %j', (jobid) => {
		expect(parseCallback({ jobid })).toEqual({ jobid });
	});

	it('parseCallback keeps only documented fields', () => {
		const attachments = [{ url: 'https://cdn.example/1.mp4', content_type: 'video/mp4' }];
		const known = { ...job, verb: 'pika-create', replyRef: 'r', maxJobs: 3, attachments };
		expect(parseCallback({ ...known, confirmed: true, admin: 1, toString: 'x' })).toEqual(known);
	});

	it('parseCallback leaves out a field whose type is not the documented one', () => {
		expect(parseCallback({ ...job, status: 5, verb: {}, replyRef: ['r'], prompt: null })).toEqual({
			jobid: job.jobid,
		});
	});

	it('parseCallback removes the names of prototypes at every depth', () => {
		const text =
			'{"jobid":"1","__proto__":{"a":1},"constructor":{},"attachments":[{"__proto__":{"b":1},"constructor":1,"prototype":2,"url":"u"}]}';
		const callback = parseCallback(text);
		expect(JSON.stringify(callback)).toBe('{"jobid":"1","attachments":[{"url":"u"}]}');
		expect(Object.getPrototypeOf(callback)).toBe(Object.prototype);
	});

	it('parseCallback limits the depth of a body that n8n has parsed', () => {
		const callback = parseCallback({ ...job, embeds: nested(5000) });
		expect(JSON.stringify(callback?.embeds)).toBe('[[[[null]]]]');
	});
});
