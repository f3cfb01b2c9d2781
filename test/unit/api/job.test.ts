import {
	hasJobid,
	isTerminal,
	isUnsuccessful,
	type Job,
	parseJob,
	TERMINAL_STATUSES,
} from '../../../nodes/Pika/api/job';
import { isRecord } from '../../../nodes/Pika/api/isRecord';

describe('parseJob', () => {
	it('parseJob keeps the documented job of encrypt_image unchanged', () => {
		const job = {
			jobid: '<jobid>',
			verb: 'pika-encrypt_image',
			status: 'started',
			created: '2023-09-09T02:04:49.667Z',
			updated: '2023-09-09T02:04:53.490Z',
			message: { size: 92729, type: 'image/jpeg' },
			prompt: 'waves crashing over the sandy beach, overhead shot -w 2 -size 100',
			image: { size: 23558, type: 'image/webp' },
			discord: '<ABC…secured…xyz>',
			channel: '<Discord channel id>',
			maxJobs: 10,
			replyUrl: 'https://webhook.site/abc',
			replyRef: '<your optional reference id>',
			messageId: '<Discord message id>',
			content: '<@Discord user id>  Creation job queued.',
			timestamp: '2023-09-09T02:04:51.926000+00:00',
			code: 200,
		};
		expect(parseJob(job)).toEqual(job);
	});

	it.each<[string, unknown, unknown]>([
		['a list', [{ jobid: 'a' }], {}],
		['null', null, {}],
		['nothing', undefined, {}],
		['a text', '{"jobid":"a"}', {}],
		['a number', 7, {}],
		['true', true, {}],
		['a job id that is a number', { jobid: 12, status: 'started' }, { status: 'started' }],
		['a job id that is null', { jobid: null }, {}],
		['a status that is an object', { jobid: 'a', status: {} }, { jobid: 'a' }],
		['a prompt that is a list', { prompt: ['a'] }, {}],
		['undocumented fields', { jobid: 'a', seed: 7, tags: [1] }, { jobid: 'a', seed: 7, tags: [1] }],
		['empty texts', { jobid: '', status: '' }, { jobid: '', status: '' }],
	])('parseJob handles %s', (_, answer, job) => {
		expect(parseJob(answer)).toEqual(job);
	});

	it('parseJob changes no prototype', () => {
		const job = parseJob(
			JSON.parse('{"jobid":"a","__proto__":{"status":"completed"},"constructor":1}'),
		);
		expect(Object.getPrototypeOf(job)).toBe(Object.prototype);
		expect(job.status).toBeUndefined();
		expect(isTerminal(job)).toBe(false);
	});

	it('parseJob accepts an object without a prototype', () => {
		expect(parseJob(Object.assign(Object.create(null), { jobid: 'a' }))).toEqual({ jobid: 'a' });
	});

	it('parseJob copes with a hundred thousand levels of nesting', () => {
		const deep: unknown = JSON.parse(`${'['.repeat(100_000)}${']'.repeat(100_000)}`);
		expect(parseJob({ jobid: 'a', embeds: deep }).jobid).toBe('a');
	});
});

describe('isTerminal and isUnsuccessful', () => {
	it.each<[string, string | undefined, boolean, boolean]>([
		['created', 'created', false, false],
		['started', 'started', false, false],
		['progress', 'progress', false, false],
		['completed', 'completed', true, false],
		['failed', 'failed', true, true],
		['moderated', 'moderated', true, true],
		['cancelled', 'cancelled', true, true],
		['that is not documented', 'expired', true, true],
		['in capitals', 'COMPLETED', true, true],
		['undefined', undefined, false, false],
	])(
		'isTerminal and isUnsuccessful classify a job with the status %s',
		(_, status, terminal, unsuccessful) => {
			const job = status === undefined ? {} : { status };
			expect([isTerminal(job), isUnsuccessful(job)]).toEqual([terminal, unsuccessful]);
		},
	);

	it('TERMINAL_STATUSES lists the four documented statuses', () => {
		expect([...TERMINAL_STATUSES].sort()).toEqual([
			'cancelled',
			'completed',
			'failed',
			'moderated',
		]);
	});
});

describe('hasJobid', () => {
	it.each<[string, Job, boolean]>([
		['an id', { jobid: 'a' }, true],
		['an empty id', { jobid: '' }, false],
		['no id', {}, false],
	])('hasJobid classifies a job with %s', (_, job, is) => {
		expect(hasJobid(job)).toBe(is);
	});
});

describe('isRecord', () => {
	it.each<[string, unknown, boolean]>([
		['an object', {}, true],
		['a list', [], false],
		['null', null, false],
		['a text', 'a', false],
		['nothing', undefined, false],
	])('isRecord classifies %s', (_, value, is) => {
		expect(isRecord(value)).toBe(is);
	});
});
