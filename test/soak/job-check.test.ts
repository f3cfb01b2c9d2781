import {
	checkJobs,
	kindOf,
	type CheckedExecution,
	type CheckedJob,
	markOf,
	type Outcome,
} from '../../e2e/soak/job-check.cts';

const FIRST = markOf(7, 0);
const SECOND = markOf(7, 1);
const NONE = { doubles: [], losses: [], unended: [] };

function job(jobid: string, mark = FIRST, replyRef = `ref ${jobid}`): CheckedJob {
	return { jobid, prompt: `waves ${mark} [fail]`, replyRef };
}

function execution(rest: Partial<CheckedExecution> = {}): CheckedExecution {
	return { id: '12', marks: [FIRST, SECOND], status: 'success', outcomes: [], ...rest };
}

const BOTH = [job('pika-a', FIRST), job('pika-b', SECOND)];
const HELD = [
	{ item: 0, jobid: 'pika-a' },
	{ item: 1, jobid: 'pika-b' },
];
const UNSURE = 'The job may have been submitted, but no usable answer came: ECONNRESET';

describe('the marks of items', () => {
	it('The mark of an item is never part of another mark.', () => {
		expect(markOf(1, 12)).not.toContain(markOf(1, 1));
		expect(markOf(11, 2)).not.toContain(markOf(1, 2));
	});
});

describe('what is in order', () => {
	it.each<[string, CheckedJob[], Partial<CheckedExecution>]>([
		['each item holds its job, whatever the order', BOTH, { outcomes: [...HELD].reverse() }],
		[
			'an item without a job has an error',
			[job('pika-a')],
			{
				outcomes: [
					{ item: 0, jobid: 'pika-a' },
					{ item: 1, error: 'The Pika API answered 400' },
				],
			},
		],
		[
			'an error names the job',
			BOTH,
			{
				outcomes: [
					{ item: 0, error: 'The Pika job failed (job pika-a)' },
					{ item: 1, jobid: 'pika-b' },
				],
			},
		],
		[
			'an item says that its job may have been submitted',
			BOTH,
			{
				outcomes: [
					{ item: 0, error: UNSURE },
					{ item: 1, jobid: 'pika-b' },
				],
			},
		],
		[
			'a failed execution names all jobs',
			BOTH,
			{
				status: 'error',
				error: 'The Pika job failed (job pika-a). The other items have jobs: item 1: pika-b.',
			},
		],
		[
			'a failed execution names a job, and the reply reference of one that may have been submitted',
			BOTH,
			{
				status: 'error',
				error: 'failed (job pika-a) item 1: may have been submitted as ref pika-b',
			},
		],
		['a failed execution has no jobs', [], { status: 'error', error: 'Prompt: it is empty' }],
	])('The check passes: %s.', (_, jobs, rest) => {
		expect(checkJobs([execution(rest)], jobs)).toEqual(NONE);
	});
});

describe('a loss', () => {
	it.each<[string, CheckedJob[], Partial<CheckedExecution>, string]>([
		[
			'is a job that no item reports',
			BOTH,
			{ outcomes: [{ item: 0, jobid: 'pika-a' }] },
			'job pika-b',
		],
		[
			'is a job whose item has an error without a job',
			BOTH,
			{
				outcomes: [
					{ item: 0, jobid: 'pika-a' },
					{ item: 1, error: 'The channel is full' },
				],
			},
			'job pika-b',
		],
		[
			'is a job that a failed execution does not name',
			BOTH,
			{ status: 'error', error: 'failed (job pika-a)' },
			'job pika-b',
		],
		[
			'is a job that a failed execution calls unsure under another reference',
			BOTH,
			{ status: 'error', error: 'job pika-a; item 1: may have been submitted as ref pika-c' },
			'job pika-b',
		],
		[
			'is an item without a job and without an error',
			[job('pika-a')],
			{ outcomes: [{ item: 0, jobid: 'pika-a' }] },
			'neither a job nor an error',
		],
		[
			'is an item that holds the job of another one',
			[job('pika-a'), job('pika-b', SECOND)],
			{
				outcomes: [
					{ item: 0, jobid: 'pika-a' },
					{ item: 1, jobid: 'pika-a', error: 'job pika-b' },
				],
			},
			'not its job',
		],
		[
			'is an item that is returned twice',
			BOTH,
			{ outcomes: [...HELD, { item: 1, jobid: 'pika-b' }] },
			'came out 2 times',
		],
	])('A loss %s.', (_, jobs, rest, words) => {
		const { losses, ...others } = checkJobs([execution(rest)], jobs);
		expect(losses).toEqual([expect.stringContaining(words)]);
		expect(others).toEqual({ doubles: [], unended: [] });
	});

	it('A job that belongs to no execution is a loss.', () => {
		const { losses } = checkJobs([], [job('pika-a'), { jobid: 'pika-b' }]);
		expect(losses).toHaveLength(2);
	});
});

describe('a double', () => {
	it('An item with two jobs is a duplicate, even with different reply references.', () => {
		const jobs = [...BOTH, job('pika-c', SECOND)];
		const outcomes = [HELD[0], { item: 1, jobid: 'pika-b', error: 'job pika-c' }].flatMap(
			(each) => each ?? [],
		);
		const { doubles } = checkJobs([execution({ outcomes })], jobs);
		expect(doubles).toEqual([`item ${SECOND} has pika-b and pika-c`]);
	});

	it('A reply reference with two jobs is a duplicate, unless several items share it.', () => {
		const jobs = [job('pika-a', FIRST, 'same'), job('pika-b', SECOND, 'same')];
		const executions = [execution({ outcomes: HELD })];
		expect(checkJobs(executions, jobs).doubles).toEqual([
			'reply reference same has pika-a and pika-b',
		]);
		expect(checkJobs(executions, jobs, new Set(['same']))).toEqual(NONE);
	});
});

describe('an execution that has not ended', () => {
	it.each([undefined, 'waiting', 'running', 'crashed', 'canceled'])(
		'An execution with the status %s has not ended, and its items are not checked.',
		(status) => {
			const { unended, ...others } = checkJobs([execution({ status })], BOTH);
			expect(unended).toEqual([expect.stringContaining('Execution 12')]);
			expect(others).toEqual({ doubles: [], losses: [] });
		},
	);
});

describe('what an item says', () => {
	it.each<[string, Partial<Outcome>]>([
		['has its job', { jobid: 'pika-a' }],
		['has an error', { error: 'The Pika job failed (job pika-a)', jobid: 'pika-a' }],
		['unsure whether there is a job', { error: UNSURE }],
		['the wait limit was over', { error: 'has not ended', jobid: 'pika-a', timedOut: true }],
		['no slot in time', { error: 'was not submitted', timedOut: true }],
	])('An outcome is counted as "%s".', (expected, outcome) => {
		expect(kindOf({ item: 0, ...outcome })).toBe(expected);
	});
});
