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
	it('emits what the API says, not what the callback says', async () => {
		const confirm = saying({ kind: 'job', job: record });
		expect(await decide(callback, ends, new Set(), confirm)).toEqual({ kind: 'emit', job: record });
	});

	it('emits a job and status once', async () => {
		const seen: Seen = new Set();
		const confirm = saying({ kind: 'job', job: record });
		const both = [
			await decide(callback, ends, seen, confirm),
			await decide(callback, ends, seen, confirm),
		];
		expect(both.map(({ kind }) => kind)).toEqual(['emit', 'ignore']);
		expect(confirm).toHaveBeenCalledTimes(1);
	});

	it('emits once of eight at the same moment', async () => {
		const seen: Seen = new Set();
		const confirm = saying({ kind: 'job', job: record });
		const all = await Promise.all(
			Array.from({ length: 8 }, async () => await decide(callback, ends, seen, confirm)),
		);
		expect(all.filter(({ kind }) => kind === 'emit')).toHaveLength(1);
	});

	it('emits the same job with another status', async () => {
		const seen: Seen = new Set();
		const failed = { ...record, status: 'failed' };
		await decide(callback, ends, seen, saying({ kind: 'job', job: record }));
		const next = await decide(failed, ends, seen, saying({ kind: 'job', job: failed }));
		expect(next.kind).toBe('emit');
	});

	it.each<[string, JobWithId, JobWithId]>([
		['announces a status that is not wanted', { jobid: '1', status: 'progress' }, record],
	])('ignores a callback that %s, without asking', async (_what, announced, truth) => {
		const confirm = saying({ kind: 'job', job: truth });
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
			'the API refuses us',
			{ kind: 'refused', reason: 'r' },
			{ kind: 'ignore', reason: 'the job 1 could not be read: r' },
		],
		[
			'the API cannot answer',
			{ kind: 'unavailable', reason: 'r' },
			{ kind: 'later', reason: 'the job 1 could not be read: r' },
		],
	])('emits and remembers nothing where %s', async (_what, confirmation, expected) => {
		const seen: Seen = new Set();
		expect(await decide(callback, ends, seen, saying(confirmation))).toEqual(expected);
		expect(seen.size).toBe(0);
	});

	it('asks for a job whose status the callback does not say', async () => {
		const confirm = saying({ kind: 'job', job: record });
		expect((await decide({ jobid: '1' }, ends, new Set(), confirm)).kind).toBe('emit');
	});

	it('marks what it takes at its word', async () => {
		expect(await decide(callback, ends, new Set(), acceptUnconfirmed)).toEqual({
			kind: 'emit',
			job: { ...callback, confirmed: false },
		});
	});

	it('emits nothing without a status, also where all are wanted', async () => {
		const all = { statuses: [], verbs: [] };
		expect((await decide({ jobid: '1' }, all, new Set(), acceptUnconfirmed)).kind).toBe('ignore');
	});
});

describe('putOff', () => {
	it.each<[string, unknown, string]>([
		['an error', new Error('no credential\n'), 'no credential'],
		['anything else', 'gone', 'gone'],
	])('says in one line why, for %s', (_what, error, reason) => {
		expect(defer(error)).toEqual({ kind: 'later', reason });
	});
});
