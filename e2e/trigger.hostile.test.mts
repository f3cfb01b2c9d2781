import assert from 'node:assert/strict';
import { after, before, beforeEach, describe, it } from 'node:test';
import { setTimeout as wait } from 'node:timers/promises';
import { gzipSync } from 'node:zlib';
import { type RealN8n, startRealN8n } from './fixture/real-n8n.mts';
import { filesWithToken } from './fixture/secrets.mts';
import {
	executionsBy,
	foreignJob,
	publishTrigger,
	type PublishedTrigger,
} from './fixture/triggers.mts';

type Row = readonly [what: string, request: RequestInit & { query?: string }, status: number];

const MEGABYTE = 1024 * 1024;

function sent(body: RequestInit['body'], type?: string, more: Row[1] = {}): Row[1] {
	const headers = new Headers(more.headers);
	if (type) headers.set('content-type', type);
	// A text would be sent as text/plain.
	const bytes = typeof body === 'string' ? new TextEncoder().encode(body) : body;
	return { method: 'POST', body: bytes, ...more, headers };
}

function json(value: unknown, more?: Row[1]): Row[1] {
	return sent(typeof value === 'string' ? value : JSON.stringify(value), 'application/json', more);
}

/** A callback with this ID, which no job has. */
function withJobid(jobid: unknown): Row[1] {
	return json({ jobid, status: 'completed', verb: 'pika-create' });
}

function deep(levels: number, open: string, close: string, inner = ''): string {
	return open.repeat(levels) + inner + close.repeat(levels);
}

const form = new FormData();
form.append('jobid', 'in-a-form');
form.append('file', new Blob(['{"jobid":"in-a-file"}'], { type: 'application/json' }), 'a.json');

const JOB = '{"jobid":"invented-text","status":"completed"}';

/** 400 from the node, a quiet 200 from the node, or the status with which n8n itself refuses. */
const HOSTILE: readonly Row[] = [
	// Not a job at all
	['null', json('null'), 400],
	['a number', json('42'), 400],
	['a boolean', json('true'), 400],
	['a JSON text', json('"completed"'), 400],
	['an empty list', json([]), 400],
	['a list of jobs', json([{ jobid: 'a-1', status: 'completed' }]), 400],
	['an empty object', json({}), 400],
	['a job inside an object', json({ body: { jobid: 'a-1', status: 'completed' } }), 400],
	['an empty body of JSON', sent('', 'application/json'), 400],
	['an empty body without a type', sent(''), 400],
	['no body', { method: 'POST' }, 400],
	['lists in lists, a thousand deep', json(deep(1000, '[', ']')), 400],
	['lists in lists, fifty thousand deep', json(deep(50_000, '[', ']')), 400],
	['objects in objects, ten thousand deep', json(deep(10_000, '{"jobid":', '}', '1')), 400],
	// Names of prototypes
	['a jobid under __proto__', json('{"__proto__":{"jobid":"a-1","status":"completed"}}'), 400],
	['a jobid under constructor', json('{"constructor":{"prototype":{"jobid":"a-1"}}}'), 400],
	[
		'__proto__ beside a jobid',
		json('{"jobid":"a-2","status":"completed","__proto__":{"status":1}}'),
		200,
	],
	[
		'toString and valueOf as fields',
		json({ jobid: 'a-3', status: 'completed', toString: 1, valueOf: 2 }),
		200,
	],
	['__proto__ as jobid', withJobid('__proto__'), 200],
	['constructor as jobid', withJobid('constructor'), 200],
	// Impossible ids
	['an empty jobid', withJobid(''), 400],
	['a jobid of white space', withJobid(' \t '), 400],
	['a number as jobid', withJobid(7), 400],
	['null as jobid', withJobid(null), 400],
	['true as jobid', withJobid(true), 400],
	['a list as jobid', withJobid(['a-1']), 400],
	['a query operator as jobid', withJobid({ $ne: null }), 400],
	['a jobid with a line break', withJobid('a-1\r\nX-Injected: 1'), 400],
	['a jobid with a NUL', withJobid('a-1\u0000'), 400],
	['a jobid with an escape sequence', withJobid('a\u001b[31m'), 400],
	['a jobid with a right-to-left mark', withJobid('a\u202e-1'), 400],
	['a jobid with half a surrogate pair', json('{"jobid":"\\ud800"}'), 400],
	['a jobid that climbs', withJobid('../../v2/account'), 400],
	['a jobid that is a URL', withJobid('https://evil.example/'), 400],
	['a jobid that begins with two slashes', withJobid('//evil.example'), 400],
	['a jobid with a query', withJobid('a?jobid=b'), 400],
	['a jobid with a second parameter', withJobid('a&token=b'), 400],
	['a jobid with a fragment', withJobid('a#b'), 400],
	['a jobid with a space', withJobid('a b'), 400],
	['a jobid of 257 characters', withJobid('x'.repeat(257)), 400],
	['a jobid of 100,000 characters', withJobid('x'.repeat(100_000)), 400],
	// Possible ids that no job has
	['an invented jobid', withJobid('job-20240101-invented'), 200],
	['the same again', withJobid('job-20240101-invented'), 200],
	['a jobid of 256 characters', withJobid('x'.repeat(256)), 200],
	['a jobid in percent signs', withJobid('%2e%2e%2fcancel'), 200],
	['an @ in a jobid', withJobid('user@evil.example'), 200],
	['a jobid with a backslash', withJobid('..\\account'), 200],
	['a jobid with an expression', withJobid('{{$env.PATH}}'), 200],
	['a jobid that begins with =', withJobid('={{1+1}}'), 200],
	['a jobid with quotes', withJobid(`'"\`;--`), 200],
	['a jobid of other scripts', withJobid('ジョブ-😀'), 200],
	// Wrong types elsewhere
	[
		'numbers in all fields',
		json({ jobid: 'b-1', status: 1, verb: 2, replyRef: 3, attachments: 4 }),
		200,
	],
	['null in all fields', json({ jobid: 'b-2', status: null, verb: null, attachments: null }), 200],
	[
		'objects in all fields',
		json({ jobid: 'b-3', status: {}, verb: {}, prompt: {}, content: {} }),
		200,
	],
	['lists in all fields', json({ jobid: 'b-4', status: ['completed'], verb: [], code: [] }), 200],
	[
		'attachments full of nothing',
		json({ jobid: 'b-5', status: 'completed', attachments: [null, 1, [[]]] }),
		200,
	],
	[
		'embeds ten thousand deep',
		json(`{"jobid":"b-6","status":"completed","embeds":${deep(10_000, '[', ']')}}`),
		200,
	],
	[
		'an error as n8n knows it',
		json({ jobid: 'b-7', status: 'failed', error: { message: 'x', stack: 'y' } }),
		200,
	],
	[
		'a binary as n8n knows it',
		json({ jobid: 'b-8', status: 'completed', binary: { data: { id: 'filesystem:x' } } }),
		200,
	],
	[
		'a pairedItem as n8n knows it',
		json({ jobid: 'b-9', status: 'completed', pairedItem: { item: 9 } }),
		200,
	],
	[
		'fifty thousand fields',
		json({
			jobid: 'b-10',
			...Object.fromEntries(Array.from({ length: 50_000 }, (_, i) => [`f${i}`, i])),
		}),
		200,
	],
	['a field twice', json('{"jobid":"b-11","jobid":{"$gt":""},"status":"completed"}'), 400],
	['a status of a running job', json({ jobid: 'b-12', status: 'progress' }), 200],
	['an unknown status', json({ jobid: 'b-13', status: 'expired' }), 200],
	// Content types
	['a job as text/plain', sent(JOB, 'text/plain'), 200],
	['a job without a content type', sent(JOB), 200],
	['a job as HTML', sent(JOB, 'text/html'), 200],
	['a job as octets', sent(JOB, 'application/octet-stream'), 200],
	['a job of an unknown type', sent(JOB, 'not a type'), 200],
	['text that is not JSON', sent('completed', 'text/plain'), 400],
	['broken JSON as text', sent('{"jobid":', 'text/plain'), 400],
	['lists in lists as text', sent(deep(50_000, '[', ']'), 'text/plain'), 400],
	['bytes that are not text', sent(new Uint8Array(1000).fill(0xff)), 400],
	['a form', sent('jobid=in-a-form&status=completed', 'application/x-www-form-urlencoded'), 200],
	[
		'a form with the jobid twice',
		sent('jobid=a&jobid=b', 'application/x-www-form-urlencoded'),
		400,
	],
	['XML without a job', sent('<job><jobid>a-1</jobid></job>', 'application/xml'), 400],
	['a form of parts', { method: 'POST', body: form }, 400],
	[
		'gzipped JSON',
		sent(new Uint8Array(gzipSync(JOB)), 'application/json', {
			headers: { 'content-encoding': 'gzip' },
		}),
		200,
	],
	// Sizes
	[
		'15 MB of JSON',
		json({ jobid: 'c-1', status: 'completed', prompt: 'x'.repeat(15 * MEGABYTE) }),
		400,
	],
	['15 MB of a list', json(`[${'0,'.repeat(7 * MEGABYTE)}0]`), 400],
	['15 MB of text', sent('x'.repeat(15 * MEGABYTE), 'text/plain'), 400],
	['15 MB without a type', sent('x'.repeat(15 * MEGABYTE)), 400],
	[
		'a zip bomb',
		sent(new Uint8Array(gzipSync(Buffer.alloc(64 * MEGABYTE, 32))), 'application/json', {
			headers: { 'content-encoding': 'gzip' },
		}),
		500,
	],
	['17 MB of JSON', json({ jobid: 'c-2', prompt: 'x'.repeat(17 * MEGABYTE) }), 500],
	['17 MB without a type', sent('x'.repeat(17 * MEGABYTE)), 400],
	[
		'broken gzip without a type',
		sent('no gzip', undefined, { headers: { 'content-encoding': 'gzip' } }),
		400,
	],
	// What n8n refuses before the node
	['broken JSON', json('{"jobid":'), 422],
	['JSON with a comment', json('{"jobid":"d-1"} // yes'), 422],
	['broken XML', sent('<job>', 'application/xml'), 422],
	['parts without a boundary', sent('x', 'multipart/form-data'), 400],
	[
		'broken gzip',
		sent('no gzip', 'application/json', { headers: { 'content-encoding': 'gzip' } }),
		500,
	],
	['GET', { method: 'GET' }, 404],
	['PUT', json({ jobid: 'd-2', status: 'completed' }, { method: 'PUT' }), 404],
	['DELETE', { method: 'DELETE' }, 404],
	// Around the body
	['a query full of fields', { ...json({}), query: '?jobid=e-1&status=completed' }, 400],
	[
		'a query of prototypes',
		{ ...json([]), query: '?__proto__[jobid]=e-2&constructor[prototype][x]=1' },
		400,
	],
	[
		'a host of its own',
		json(
			{ jobid: 'e-3', status: 'completed' },
			{ headers: { 'x-forwarded-host': 'evil.example', 'x-forwarded-for': '1.2.3.4' } },
		),
		200,
	],
	[
		'a token that is not required',
		{ ...json({ jobid: 'e-4', status: 'completed' }), query: '?token=guess' },
		200,
	],
];

for (const binaryMode of ['separate', 'combined']) {
	describe(`hostile and unusual requests to Pika Trigger, ${binaryMode} binary mode`, () => {
		let n8n: RealN8n;
		let trigger: PublishedTrigger;

		before(async () => {
			n8n = await startRealN8n({ sandbox: { jobSeconds: Infinity } });
			const parameters = { download: true };
			trigger = await publishTrigger(n8n, { parameters, settings: { binaryMode } });
		});
		after(async () => {
			await n8n.stop();
		});
		beforeEach(() => {
			n8n.sandbox.reset();
		});

		async function expectNothingEmitted(): Promise<void> {
			assert.deepEqual(await n8n.rest.executionsOf(trigger.workflowId), []);
		}

		for (const [what, { query = '', ...request }, expected] of HOSTILE) {
			it(`Pika Trigger answers ${expected} to ${what} and emits nothing`, async () => {
				const response = await fetch(trigger.url + query, request);
				const text = await response.text();
				assert.equal(response.status, expected, text);
				assert.ok(!text.includes(n8n.sandbox.apiToken));
				for (const { method, path, query: asked } of n8n.sandbox.requests) {
					assert.deepEqual(
						[method, path, Object.keys(asked)],
						['GET', '/v1/pika/jobs/', ['jobid']],
					);
				}
				assert.ok(n8n.sandbox.requests.length <= 1);
				await expectNothingEmitted();
			});
		}

		it('Pika Trigger has emitted nothing a while later, and still accepts a real callback', async () => {
			await wait(2000);
			await expectNothingEmitted();
			assert.equal((await fetch(`${n8n.baseUrl}/healthz`)).status, 200);
			const { jobid } = await foreignJob(n8n, 'completed');
			const response = await fetch(trigger.url, json({ jobid, status: 'completed' }));
			assert.equal(response.status, 200);
			const executions = await executionsBy(n8n, trigger, 1);
			assert.deepEqual(
				executions.map(({ status }) => status),
				['success'],
			);
		});

		it('The API token is in none of n8n’s files', async () => {
			assert.deepEqual(await filesWithToken(n8n), []);
		});
	});
}

describe('a flood of invented IDs', () => {
	let n8n: RealN8n;

	before(async () => {
		n8n = await startRealN8n({ sandbox: { jobSeconds: Infinity } });
	});
	after(async () => {
		await n8n.stop();
	});

	it('500 simultaneous invented IDs make a bounded number of reads, and n8n still responds', async () => {
		const trigger = await publishTrigger(n8n);
		const began = Date.now();
		const all = Array.from({ length: 500 }, async (_, i) => {
			const response = await fetch(trigger.url, withJobid(`invented-${i}`));
			return response.status;
		});
		const answers = new Set(await Promise.all(all));
		assert.ok(
			[...answers].every((status) => status === 200 || status === 503),
			[...answers].join(),
		);
		const minutes = Math.ceil((Date.now() - began) / 60_000);
		const reads = n8n.sandbox.requests.length;
		assert.ok(reads <= 110 * minutes, `${reads} reads in ${minutes} minutes`);
		assert.deepEqual(await n8n.rest.executionsOf(trigger.workflowId), []);
		assert.equal((await fetch(`${n8n.baseUrl}/healthz`)).status, 200);
	});
});
