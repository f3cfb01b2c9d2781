import type { JobWithId } from '../../../nodes/Pika/api/job';
import type { Confirmation } from '../../../nodes/Pika/trigger/confirmationQueue';
import { decide, defer, acceptUnconfirmed } from '../../../nodes/Pika/trigger/decision';
import type { Seen } from '../../../nodes/Pika/trigger/seen';

const ends = { statuses: ['completed', 'failed'], verbs: [] };
const callback = { jobid: '1', status: 'completed', prompt: 'forged' };
const record = { jobid: '1', status: 'completed', prompt: 'true' };

function saying(confirmation: Confirmation) {
	return jest.fn<Promise<Confirmation>, [JobWithId]>(async () => confirmation);
}

describe('decide', () => {
	it('decide emits what the API returns, not what the callback contains', async () => {
		const confirm = saying({ kind: 'job', job: record });
		expect(await decide(callback, ends, new Set(), confirm)).toEqual({ kind: 'emit', job: record });
	});

	it('decide emits a job with the same status once', async () => {
		const seen: Seen = new Set();
		const confirm = saying({ kind: 'job', job: record });
		const both = [
			await decide(callback, ends, seen, confirm),
			await decide(callback, ends, seen, confirm),
		];
		expect(both.map(({ kind }) => kind)).toEqual(['emit', 'ignore']);
		expect(confirm).toHaveBeenCalledTimes(1);
	});

	it('decide emits one of eight callbacks that arrive at the same time', async () => {
		const seen: Seen = new Set();
		const confirm = saying({ kind: 'job', job: record });
		const all = await Promise.all(
			Array.from({ length: 8 }, async () => await decide(callback, ends, seen, confirm)),
		);
		expect(all.filter(({ kind }) => kind === 'emit')).toHaveLength(1);
	});

	it('decide emits the same job again if its status has changed', async () => {
		const seen: Seen = new Set();
		const failed = { ...record, status: 'failed' };
		await decide(callback, ends, seen, saying({ kind: 'job', job: record }));
		const next = await decide(failed, ends, seen, saying({ kind: 'job', job: failed }));
		expect(next.kind).toBe('emit');
	});

	it('decide ignores a callback with an unwanted status without a read', async () => {
		const announced = { jobid: '1', status: 'progress' };
		const confirm = saying({ kind: 'job', job: record });
		expect((await decide(announced, ends, new Set(), confirm)).kind).toBe('ignore');
		expect(confirm).not.toHaveBeenCalled();
	});

	it.each<[string, Confirmation, object]>([
		[
			'the job still runs',
			{ kind: 'job', job: { jobid: '1', status: 'progress' } },
			{ kind: 'ignore' },
		],
		['the job does not exist', { kind: 'unknown' }, { kind: 'ignore' }],
		[
			'the API refuses the token',
			{ kind: 'refused', reason: 'r' },
			{ kind: 'ignore', reason: 'the job 1 could not be read: r' },
		],
		[
			'the API cannot answer',
			{ kind: 'unavailable', reason: 'r' },
			{ kind: 'defer', reason: 'the job 1 could not be read: r' },
		],
	])('decide emits and remembers nothing if %s', async (_what, confirmation, expected) => {
		const seen: Seen = new Set();
		expect(await decide(callback, ends, seen, saying(confirmation))).toEqual(expected);
		expect(seen.size).toBe(0);
	});

	it('decide confirms a callback without a status', async () => {
		const confirm = saying({ kind: 'job', job: record });
		expect((await decide({ jobid: '1' }, ends, new Set(), confirm)).kind).toBe('emit');
	});

	it('acceptUnconfirmed marks a callback as not confirmed', async () => {
		expect(await decide(callback, ends, new Set(), acceptUnconfirmed)).toEqual({
			kind: 'emit',
			job: { ...callback, confirmed: false },
		});
	});

	it('acceptUnconfirmed does not emit a job without a status, even if all statuses are wanted', async () => {
		const all = { statuses: [], verbs: [] };
		expect((await decide({ jobid: '1' }, all, new Set(), acceptUnconfirmed)).kind).toBe('ignore');
	});
});

describe('defer', () => {
	it.each<[string, unknown, string]>([
		['an error', new Error('no credential\n'), 'no credential'],
		['anything else', 'gone', 'gone'],
	])('defer gives the reason in one line, for %s', (_what, error, reason) => {
		expect(defer(error)).toEqual({ kind: 'defer', reason });
	});
});
