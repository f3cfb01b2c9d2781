import type { JobOutcome, RunningOutcome } from '../../../nodes/Pika/api/client';
import {
	isJobOf,
	findSubmittedJob,
	type SubmissionQuery,
} from '../../../nodes/Pika/jobs/findSubmittedJob';
import { type FakeRun, fakeRun, inTurn, wanted } from './fakeClient';

const file = {
	fileName: 'a.png',
	contentType: 'image/png',
	size: 4,
	binary: { data: 'YWJjZA==', mimeType: 'image/png' },
};

const running = (...jobids: string[]): RunningOutcome => ({ kind: 'found', jobids });
const job = (jobid: string, replyRef?: string): JobOutcome => ({
	kind: 'found',
	job: { jobid, status: 'started', replyRef, prompt: 'waves' },
});

async function look({ tools, clock }: FakeRun, search: SubmissionQuery = wanted(0)) {
	return await clock.run(findSubmittedJob(search, tools.client, tools.claims, clock, tools.signal));
}

describe('isJobOf', () => {
	const search = (isUniqueReplyRef: boolean): SubmissionQuery => ({
		submission: {
			endpoint: 'encrypt_image',
			fields: { prompt: 'waves', replyRef: 'ref' },
			files: { message: file },
			withDiscordToken: false,
		},
		isUniqueReplyRef,
	});
	const same = { jobid: 'a', replyRef: 'ref', prompt: 'waves', message: { size: 4 } };

	it.each<[string, object, boolean, boolean]>([
		['the same in everything', {}, true, true],
		['another reference', { replyRef: 'reference' }, false, false],
		['no reference', { replyRef: undefined }, false, false],
		['another prompt', { prompt: 'wind' }, true, false],
		['no prompt', { prompt: undefined }, true, false],
		['a file of another size', { message: { size: 5 } }, true, false],
		['a file of which the size is not said', { message: {} }, true, true],
		['a file that is not said', { message: undefined }, true, true],
		['a file that is null', { message: null }, true, true],
		['a size that is a text', { message: { size: '4' } }, true, true],
	])(
		'compares a job with %s, by a reference of ours and of the user',
		(_, change, ours, theirs) => {
			const found = { ...same, ...change };
			expect([isJobOf(found, search(true)), isJobOf(found, search(false))]).toEqual([ours, theirs]);
		},
	);
});

describe('lookUp', () => {
	it('finds the job with the reference and claims it', async () => {
		const run = fakeRun({
			getRunning: () => running('a', 'b', 'c'),
			getJob: (id) => job(id, id === 'b' ? 'ref-0' : 'ref-7'),
		});
		expect(await look(run)).toMatchObject({ jobid: 'b' });
		expect(run.requests).toEqual(['list', 'get a', 'get b']);
		expect(run.tools.claims.has('b')).toBe(true);
		expect(run.clock.pauses).toEqual([]);
	});

	it('finds a job that appears late, and reads strangers once', async () => {
		const lists = inTurn(running('a'), running('a'), running('a', 'b'));
		const run = fakeRun({
			getRunning: lists,
			getJob: (id) => job(id, id === 'b' ? 'ref-0' : 'ref-7'),
		});
		expect(await look(run)).toMatchObject({ jobid: 'b' });
		expect(run.requests).toEqual(['list', 'get a', 'list', 'list', 'get b']);
	});

	it('gives up after a minute', async () => {
		const run = fakeRun();
		expect(await look(run)).toBeUndefined();
		expect(run.clock.pauses).toEqual(Array(6).fill(10_000));
		expect(run.requests).toEqual(Array(7).fill('list'));
	});

	it('cuts the last pause to the minute', async () => {
		const run = fakeRun();
		run.clock.chance = 0.75;
		await look(run);
		expect(run.clock.pauses).toEqual([25_000, 25_000, 10_000]);
	});

	it('leaves the jobs of other items alone', async () => {
		const run = fakeRun({ getRunning: () => running('a'), getJob: (id) => job(id, 'ref-0') });
		run.tools.claims.claim('a');
		expect(await look(run)).toBeUndefined();
		expect(run.requests).not.toContain('get a');
	});

	it('goes on where the list or a job cannot be read', async () => {
		const down = { kind: 'unreachable', reason: 'HTTP 503' } as const;
		const lists = inTurn<RunningOutcome>(down, running('a'));
		const jobs = inTurn<JobOutcome>(down, job('a', 'ref-0'));
		expect(await look(fakeRun({ getRunning: lists, getJob: jobs }))).toMatchObject({ jobid: 'a' });
	});

	it('ends at once when the execution is stopped', async () => {
		const stop = new AbortController();
		const run = fakeRun({
			signal: stop.signal,
			getRunning: () => {
				stop.abort();
				return running();
			},
		});
		expect(await look(run)).toBeUndefined();
		expect(run.requests).toEqual(['list']);
	});

	it('asks for no more jobs once the execution is stopped', async () => {
		const stop = new AbortController();
		const ids = Array.from({ length: 50 }, (_, index) => `job-${index}`);
		const run = fakeRun({
			signal: stop.signal,
			getRunning: () => running(...ids),
			getJob: () => {
				stop.abort();
				return { kind: 'cancelled' };
			},
		});
		await look(run);
		expect(run.requests.length).toBeLessThan(5);
	});

	it('ends after about a minute where the API lists many jobs and is slow', async () => {
		const ids = Array.from({ length: 50 }, (_, index) => `job-${index}`);
		const run = fakeRun({
			getRunning: () => running(...ids),
			getJob: async (id, clock) => {
				await clock.latency(20_000);
				return job(id, 'ref-7');
			},
		});
		const start = run.clock.now();
		await look(run);
		expect(run.clock.now() - start).toBeLessThanOrEqual(120_000);
	});
});
