import type { JobOutcome } from '../../../nodes/Pika/api/client';
import {
	MAX_ACTIVE,
	MAX_MISSES,
	MAX_PENDING,
	confirm,
	createConfirmationQueue,
} from '../../../nodes/Pika/trigger/confirmationQueue';

const NOT_FOUND = refused(404);

function refused(httpStatus: number): JobOutcome {
	const refusal = {
		httpStatus,
		text: 'denied',
		isDocumentedShape: true,
		job: {},
		request: 'job' as const,
	};
	return { kind: 'refused', refusal };
}

function found(jobid: string): JobOutcome {
	return { kind: 'found', job: { jobid, status: 'completed' } };
}

/** An API that responds only on request of the test. */
function slowApi() {
	const asked: string[] = [];
	const answers: Array<(outcome: JobOutcome) => void> = [];
	const read = async (jobid: string) => {
		asked.push(jobid);
		return await new Promise<JobOutcome>((resolve) => answers.push(resolve));
	};
	return { asked, answers, read };
}

async function settle(): Promise<void> {
	for (let i = 0; i < 20; i++) await Promise.resolve();
}

describe('confirm', () => {
	let time = 0;
	const now = () => time;
	beforeEach(() => {
		time = 0;
	});

	it.each<[string, JobOutcome, object]>([
		['a job that exists', found('1'), { kind: 'job', job: { jobid: '1', status: 'completed' } }],
		['404', NOT_FOUND, { kind: 'unknown' }],
		['400', refused(400), { kind: 'unknown' }],
		['410', refused(410), { kind: 'unknown' }],
		['401', refused(401), { kind: 'refused', reason: 'the API answered 401: denied' }],
		['402', refused(402), { kind: 'refused', reason: 'the API answered 402: denied' }],
		['403', refused(403), { kind: 'refused', reason: 'the API answered 403: denied' }],
		[
			'no usable answer',
			{ kind: 'unreachable', reason: 'HTTP 503' },
			{ kind: 'unavailable', reason: 'HTTP 503' },
		],
		[
			'an aborted request',
			{ kind: 'cancelled' },
			{ kind: 'unavailable', reason: 'the read was cancelled' },
		],
	])('confirm classifies a confirming read that returns %s', async (_what, outcome, expected) => {
		expect(
			await confirm(createConfirmationQueue(), { jobid: '1' }, async () => outcome, now),
		).toEqual(expected);
	});

	it('confirm shares one read among identical callbacks at the same time, and reads again for another status', async () => {
		const { asked, answers, read } = slowApi();
		const queue = createConfirmationQueue();
		const same = [1, 2, 3].map(
			async () => await confirm(queue, { jobid: 'a', status: 's' }, read, now),
		);
		const other = confirm(queue, { jobid: 'a', status: 't' }, read, now);
		await settle();
		expect(asked).toEqual(['a', 'a']);
		for (const answer of answers) answer(found('a'));
		expect((await Promise.all([...same, other])).map(({ kind }) => kind)).toEqual(
			Array(4).fill('job'),
		);
		expect(queue.pending.size).toBe(0);
	});

	it(`confirm has at most ${MAX_ACTIVE} reads in flight, and starts the others in order`, async () => {
		const { asked, answers, read } = slowApi();
		const queue = createConfirmationQueue();
		const ids = Array.from({ length: 3 * MAX_ACTIVE }, (_, i) => `${i}`);
		const all = Promise.all(ids.map(async (jobid) => await confirm(queue, { jobid }, read, now)));
		for (let done = 0; done < ids.length; done++) {
			await settle();
			expect(asked).toHaveLength(Math.min(done + MAX_ACTIVE, ids.length));
			answers[done]?.(found(ids[done] ?? ''));
		}
		expect((await all).map((each) => each.kind === 'job' && each.job.jobid)).toEqual(ids);
		expect(asked).toEqual(ids);
		expect(queue.active).toBe(0);
	});

	it(`confirm defers a callback while ${MAX_PENDING} others wait`, async () => {
		const { read } = slowApi();
		const queue = createConfirmationQueue();
		for (let i = 0; i < MAX_PENDING; i++) void confirm(queue, { jobid: `${i}` }, read, now);
		expect(await confirm(queue, { jobid: 'late' }, read, now)).toMatchObject({
			kind: 'unavailable',
		});
	});

	it('confirm reads an unknown job again after a minute, and not before', async () => {
		const read = jest.fn(async () => NOT_FOUND);
		const queue = createConfirmationQueue();
		for (time of [0, 1000, 59_999, 60_000, 60_001]) await confirm(queue, { jobid: '1' }, read, now);
		expect(read).toHaveBeenCalledTimes(2);
	});

	it('confirm reads a job again at once after a response that may change', async () => {
		const read = jest.fn(async (): Promise<JobOutcome> => ({ kind: 'unreachable', reason: 'r' }));
		const queue = createConfirmationQueue();
		await confirm(queue, { jobid: '1' }, read, now);
		await confirm(queue, { jobid: '1' }, read, now);
		expect(read).toHaveBeenCalledTimes(2);
	});

	it.each([
		['one after another', false],
		['at once', true],
	])('confirm makes a bounded number of reads for 500 invented IDs, %s', async (_how, isAtOnce) => {
		const read = jest.fn(async () => NOT_FOUND);
		const queue = createConfirmationQueue();
		const ids = Array.from({ length: 500 }, (_, i) => `${i}`);
		const ask = async (jobid: string) => await confirm(queue, { jobid }, read, now);
		if (isAtOnce) await Promise.all(ids.map(ask));
		else for (const jobid of ids) await ask(jobid);
		expect(read.mock.calls.length).toBeLessThan(MAX_MISSES + MAX_ACTIVE);
		expect(await ask('true')).toMatchObject({ kind: 'unavailable' });
		time = 60_001;
		expect(await confirm(queue, { jobid: 'true' }, async () => found('true'), now)).toMatchObject({
			kind: 'job',
		});
		expect([queue.unknown.size, queue.misses.length]).toEqual([0, 0]);
	});

	it('confirm reads hundreds of existing jobs', async () => {
		const read = jest.fn(async (jobid: string) => found(jobid));
		const queue = createConfirmationQueue();
		const ids = Array.from({ length: 900 }, (_, i) => `${i}`);
		const all = await Promise.all(
			ids.map(async (jobid) => await confirm(queue, { jobid }, read, now)),
		);
		expect(all.filter(({ kind }) => kind === 'job')).toHaveLength(900);
	});
});
