import type { JobOutcome, RunningOutcome } from '../../../nodes/Pika/api/client';
import type { JobWithId } from '../../../nodes/Pika/api/job';
import type { SubmissionQuery } from '../../../nodes/Pika/jobs/jobMatch';
import { RunningJobsReader } from '../../../nodes/Pika/jobs/runningJobs';
import { type SearchOutcome, SubmittedJobs } from '../../../nodes/Pika/jobs/submittedJobs';
import { contextOf, type FakeRun, fakeRun, found, inTurn, refusal, running } from './fakeClient';

const job = (jobid: string, replyRef?: string): JobOutcome =>
	found(jobid, 'started', { replyRef, prompt: 'waves' });

const queryOf = (replyRef: string, changes: Partial<SubmissionQuery> = {}): SubmissionQuery => ({
	endpoint: 'encrypt_image',
	fields: { prompt: 'waves', replyRef },
	files: {},
	isUniqueReplyRef: true,
	sentAt: 1_700_000_000_000,
	...changes,
});

function searchOf(run: FakeRun): SubmittedJobs {
	const context = contextOf(run);
	return new SubmittedJobs(context, new RunningJobsReader(context));
}

async function search(run: FakeRun): Promise<SearchOutcome> {
	return await run.clock.run(searchOf(run).find(queryOf('ref-0')));
}

function jobIn(outcome: SearchOutcome): JobWithId | undefined {
	return outcome.kind === 'found' ? outcome.job : undefined;
}

async function find(run: FakeRun, query = queryOf('ref-0')): Promise<JobWithId | undefined> {
	return jobIn(await run.clock.run(searchOf(run).find(query)));
}

const lists = ({ requests }: FakeRun) => requests.filter((request) => request === 'list');

describe('SubmittedJobs', () => {
	it('SubmittedJobs finds the job with the reference and claims it', async () => {
		const run = fakeRun({
			getRunning: () => running('a', 'b', 'c'),
			getJob: (id) => job(id, id === 'b' ? 'ref-0' : 'ref-7'),
		});
		expect(await find(run)).toMatchObject({ jobid: 'b' });
		expect(run.requests).toEqual(['list', 'get a', 'get b', 'get c']);
		expect(run.parts.claims.has('b')).toBe(true);
	});

	it('SubmittedJobs finds a job that appears late, and reads other jobs once', async () => {
		const run = fakeRun({
			getRunning: inTurn(running('a'), running('a'), running('a', 'b')),
			getJob: (id) => job(id, id === 'b' ? 'ref-0' : 'ref-7'),
		});
		expect(await find(run)).toMatchObject({ jobid: 'b' });
		expect(run.requests).toEqual(['list', 'get a', 'list', 'list', 'get b']);
	});

	it('SubmittedJobs gives up after a minute, with at most one request every 10 seconds', async () => {
		const run = fakeRun();
		const start = run.clock.now();
		expect(await find(run)).toBeUndefined();
		expect(run.clock.now() - start).toBe(60_000);
		expect(lists(run)).toHaveLength(7);
	});

	it('SubmittedJobs reads the list a last time when the minute ends', async () => {
		const run = fakeRun();
		run.clock.chance = 0.75;
		const start = run.clock.now();
		await find(run);
		expect(run.clock.now() - start).toBe(60_000);
		expect(lists(run)).toHaveLength(4);
	});

	it('SubmittedJobs accepts a job from the last list, however long the read takes', async () => {
		const run = fakeRun({
			getRunning: inTurn(
				...([0, 1, 2, 3, 4, 5].map(() => running()) as [RunningOutcome]),
				running('a'),
			),
			getJob: async (id, clock) => {
				await clock.latency(3000);
				return job(id, 'ref-0');
			},
		});
		expect(await find(run)).toMatchObject({ jobid: 'a' });
	});

	it('SubmittedJobs does not return the jobs of other items', async () => {
		const run = fakeRun({
			getRunning: () => running('a'),
			getJob: (id) => job(id, 'ref-0'),
			claims: ['a'],
		});
		expect(await find(run)).toBeUndefined();
		expect(run.requests).not.toContain('get a');
	});

	it('SubmittedJobs continues if the list or a job cannot be read', async () => {
		const down = { kind: 'unreachable', reason: 'HTTP 503' } as const;
		const run = fakeRun({
			getRunning: inTurn<RunningOutcome>(down, running('a')),
			getJob: inTurn<JobOutcome>(down, job('a', 'ref-0')),
		});
		expect(await find(run)).toMatchObject({ jobid: 'a' });
	});

	it('SubmittedJobs sends no request once the execution is stopped', async () => {
		const stop = new AbortController();
		const run = fakeRun({
			signal: stop.signal,
			getRunning: () => running(...Array.from({ length: 50 }, (_, n) => `job-${n}`)),
			getJob: () => {
				stop.abort();
				return { kind: 'cancelled' };
			},
		});
		expect(await find(run)).toBeUndefined();
		expect(lists(run)).toHaveLength(1);
		expect(run.requests.length).toBeLessThanOrEqual(11);
	});

	it.each<[string, Parameters<typeof fakeRun>[0]]>([
		['the list', { getRunning: async () => await new Promise<never>(() => undefined) }],
		[
			'every read',
			{
				getRunning: () => running('a'),
				getJob: async () => await new Promise<never>(() => undefined),
			},
		],
	])('SubmittedJobs gives up after a minute and a half if %s hangs', async (_, answers) => {
		const run = fakeRun(answers);
		const start = run.clock.now();
		expect(await find(run)).toBeUndefined();
		expect(run.clock.now() - start).toBeLessThanOrEqual(90_000);
	});

	it('SubmittedJobs gives up after about a minute if the API lists many jobs and is slow', async () => {
		const ids = Array.from({ length: 50 }, (_, n) => `job-${n}`);
		const run = fakeRun({
			getRunning: () => running(...ids),
			getJob: async (id, clock) => {
				await clock.latency(20_000);
				return job(id, 'ref-7');
			},
		});
		const start = run.clock.now();
		await find(run);
		expect(run.clock.now() - start).toBeLessThanOrEqual(120_000);
	});

	it('SubmittedJobs shares lists and reads among 500 searches, and reads at most ten jobs at a time', async () => {
		let active = 0;
		let most = 0;
		const ids = Array.from({ length: 20 }, (_, n) => `job-${n}`);
		const run = fakeRun({
			getRunning: () => running(...ids),
			getJob: async (id, clock) => {
				most = Math.max(most, ++active);
				await clock.latency(500);
				active--;
				return job(id, id.replace('job', 'ref'));
			},
		});
		const searching = searchOf(run);
		const searches = Array.from(
			{ length: 500 },
			async (_, n) => await searching.find(queryOf(`ref-${n}`)),
		);
		const jobs = await run.clock.run(Promise.all(searches));
		expect(jobs.flatMap((each) => jobIn(each)?.jobid ?? [])).toEqual(ids);
		expect(most).toBe(10);
		expect(run.requests.length).toBeLessThanOrEqual(7 + 20);
	});

	it('SubmittedJobs returns to neither of two items with the user’s reference the job of the other', async () => {
		const run = fakeRun({ getRunning: () => running('a', 'b'), getJob: (id) => job(id, 'order') });
		const searching = searchOf(run);
		const query = queryOf('order', { isUniqueReplyRef: false });
		const all = [query, query, query].map(async (each) => await searching.find(each));
		const jobs = await run.clock.run(Promise.all(all));
		expect(jobs.map((each) => jobIn(each)?.jobid)).toEqual(['a', 'b', undefined]);
	});

	it('SubmittedJobs does not return a job with the user’s reference while another item’s response is pending', async () => {
		const run = fakeRun({ getRunning: () => running('a'), getJob: (id) => job(id, 'order') });
		void run.parts.claims.during('order', new Promise(() => undefined));
		expect(await find(run, queryOf('order', { isUniqueReplyRef: false }))).toBeUndefined();
	});

	it('SubmittedJobs finds a job by a generated reference although a response is still pending', async () => {
		const run = fakeRun({ getRunning: () => running('a'), getJob: (id) => job(id, 'ref-0') });
		void run.parts.claims.during('ref-0', new Promise(() => undefined));
		expect(await find(run)).toMatchObject({ jobid: 'a' });
	});

	it('SubmittedJobs does not return a job that ran before the request was sent', async () => {
		const run = fakeRun({
			getRunning: inTurn(running('old'), running('old', 'new')),
			getJob: (id) => job(id, 'order'),
		});
		const searching = searchOf(run);
		const work = searching.runningJobs
			.read()
			.then(
				async () =>
					await searching.find(
						queryOf('order', { isUniqueReplyRef: false, listsBefore: searching.runningJobs.lists }),
					),
			);
		expect(jobIn(await run.clock.run(work))).toMatchObject({ jobid: 'new' });
	});
});

describe('SubmittedJobs without a matching job', () => {
	const down = { kind: 'unreachable', reason: 'HTTP 503' } as const;
	const gone = { kind: 'refused', refusal: refusal(404, 'Unable to locate job') } as const;
	const strangers = () => running('a', 'b');

	it.each<[string, Parameters<typeof fakeRun>[0]]>([
		['nothing runs', {}],
		['others’ jobs run', { getRunning: strangers, getJob: (id) => job(id, 'ref-7') }],
		['others’ jobs have ended since', { getRunning: strangers, getJob: () => gone }],
		['only the first list fails', { getRunning: inTurn<RunningOutcome>(down, running()) }],
	])('SubmittedJobs reports that there is no job if %s', async (_, answers) => {
		expect(await search(fakeRun(answers))).toEqual({ kind: 'absent' });
	});

	const noAnswer = async () => await new Promise<never>(() => undefined);

	it.each<[string, Parameters<typeof fakeRun>[0]]>([
		['there is no list', { getRunning: () => down }],
		['the list is refused', { getRunning: () => gone }],
		['the list hangs', { getRunning: noAnswer }],
		['the last list fails', { getRunning: inTurn<RunningOutcome>(running(), down) }],
		[
			'a job that runs cannot be read',
			{ getRunning: strangers, getJob: (id) => (id === 'a' ? job(id, 'ref-7') : down) },
		],
		['a read hangs', { getRunning: strangers, getJob: noAnswer }],
		['the execution is stopped', { signal: AbortSignal.abort() }],
	])('SubmittedJobs reports that a job may exist if %s', async (_, answers) => {
		expect(await search(fakeRun(answers))).toEqual({ kind: 'unsure' });
	});
});
