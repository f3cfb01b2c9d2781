import type { SubmitOutcome } from '../../../nodes/Pika/api/outcomes';
import type { JobItem } from '../../../nodes/Pika/jobs/jobItem';
import {
	accepted,
	busy,
	fakeRun,
	found,
	inTurn,
	knownItem,
	MINUTE,
	pendingItem,
	pendingItems,
	running,
	unknown,
} from './fakeClient';
import { jobOf, stopAll } from './runAll';

const cancelling = { cancelOnStop: true };
const hanging = async () => await new Promise<never>(() => undefined);
const toCancel = <Item extends JobItem>(items: Item[]): Item[] =>
	items.map((item) => ({ ...item, ...cancelling }));

/** A run that is stopped after this many milliseconds. */
function stopping(milliseconds: number, answers: Parameters<typeof fakeRun>[0]) {
	const stop = new AbortController();
	const run = fakeRun({ ...answers, signal: stop.signal });
	void run.clock.latency(milliseconds).then(() => stop.abort());
	return run;
}

const cancellations = ({ requests }: { requests: string[] }) =>
	requests.filter((request) => request.startsWith('cancel'));

describe('cancelJobs', () => {
	it.each(['off', 'poll', 'callback'] as const)(
		'A stopped run cancels every job that has not ended, also while items are deferred (%s)',
		async (completion) => {
			let tries = 0;
			const run = stopping(5000, {
				completion,
				submit: (submission) => (++tries > 2 ? busy() : jobOf(submission)),
				getRunning: () => running('job of ref-0', 'job of ref-1'),
				getJob: (jobid) => found(jobid),
			});
			const { end, report } = await stopAll(run, toCancel(pendingItems(4)));
			expect(end.kind).toBe('stopped');
			expect(report).toMatchObject({
				cancelled: ['job of ref-0', 'job of ref-1'],
				running: [],
				possiblySubmitted: [],
			});
		},
	);

	it('A stopped run does not cancel the jobs of items without Cancel on Stop, and names them', async () => {
		const run = stopping(5000, {
			completion: 'poll',
			submit: jobOf,
			getRunning: () => running('job of ref-0', 'job of ref-1'),
		});
		const items = [pendingItem(0), { ...pendingItem(1), ...cancelling }];
		const { report } = await stopAll(run, items);
		expect(report).toMatchObject({ cancelled: ['job of ref-1'], running: ['job of ref-0'] });
	});

	it('A stopped run does not cancel jobs that have ended', async () => {
		const run = stopping(5000, {
			completion: 'poll',
			submit: ({ fields: { replyRef = '' } }) =>
				accepted(replyRef, replyRef === 'ref-0' ? { status: 'moderated' } : {}),
			getRunning: () => running('ref-1'),
		});
		const { report } = await stopAll(run, toCancel(pendingItems(2)));
		expect(report).toMatchObject({ cancelled: ['ref-1'], running: [], possiblySubmitted: [] });
	});

	it('A stopped run cancels a job that reached its wait limit', async () => {
		const run = stopping(90_000, {
			completion: 'poll',
			submit: jobOf,
			getRunning: () => running('job of ref-0', 'job of ref-1'),
			getJob: (jobid) => found(jobid),
		});
		const items = toCancel(pendingItems(2));
		const [first] = items;
		if (first) first.waitLimitMilliseconds = MINUTE;
		const { report } = await stopAll(run, items);
		expect(report.cancelled).toEqual(['job of ref-0', 'job of ref-1']);
	});

	it('A stopped run waits for the response to a pending submission, and cancels its job', async () => {
		const run = stopping(1000, {
			submit: async (submission, clock) => {
				await clock.latency(10_000);
				return jobOf(submission);
			},
		});
		const { report } = await stopAll(run, toCancel(pendingItems(3)));
		expect(report.cancelled).toEqual(['job of ref-0', 'job of ref-1', 'job of ref-2']);
	});

	it('A stopped run finds and cancels the job of a submission that hangs', async () => {
		const run = stopping(1000, {
			submit: hanging,
			getRunning: () => running('a'),
			getJob: (jobid) => found(jobid, 'started', { replyRef: 'ref-0' }),
		});
		const start = run.clock.now();
		const { report } = await stopAll(run, toCancel(pendingItems(2)));
		expect(report).toMatchObject({ cancelled: ['a'], running: [], possiblySubmitted: ['ref-1'] });
		expect(run.clock.now() - start).toBeLessThanOrEqual(MINUTE);
	});

	it('A stopped run waits until it may read the list again, then finds and cancels the job', async () => {
		const listedAt: number[] = [];
		const run = stopping(3000, {
			completion: 'poll',
			submit: () => unknown,
			getRunning: (clock) => {
				listedAt.push(clock.now());
				return listedAt.length === 1 ? running() : running('a');
			},
			getJob: (jobid) => found(jobid, 'started', { replyRef: 'ref-0' }),
		});
		const { report } = await stopAll(run, toCancel(pendingItems(1)));
		expect(report).toMatchObject({ cancelled: ['a'], running: [], possiblySubmitted: [] });
		const [first = NaN, second = NaN] = listedAt;
		expect(second - first).toBeGreaterThanOrEqual(10_000);
	});

	it.each<[string, SubmitOutcome]>([
		['its connection breaks', unknown],
		['an error names its job', { kind: 'unknown', reason: 'HTTP 504', jobid: 'a' }],
	])(
		'A stopped run finds and cancels the job of a pending submission if %s',
		async (_, outcome) => {
			const run = stopping(1000, {
				submit: async (__, clock) => {
					await clock.latency(5000);
					return outcome;
				},
				getRunning: () => running('a'),
				getJob: (jobid) => found(jobid, 'started', { replyRef: 'ref-0' }),
			});
			const { report } = await stopAll(run, toCancel(pendingItems(1)));
			expect(report).toMatchObject({ cancelled: ['a'], running: [], possiblySubmitted: [] });
		},
	);

	it('A stopped run names what may have been submitted, even if the item had failed before', async () => {
		const run = stopping(3 * MINUTE, {
			completion: 'poll',
			submit: inTurn<SubmitOutcome>(unknown, accepted('b')),
			getRunning: () => running('b'),
		});
		const { report } = await stopAll(run, toCancel(pendingItems(2)));
		expect(report).toMatchObject({ cancelled: ['b'], running: [], possiblySubmitted: ['ref-0'] });
	});

	it('A stopped run names what an earlier try may have submitted, whatever state was saved', async () => {
		const run = stopping(1000, {});
		const sent = { outcome: 'unknown', sentAt: run.clock.now() } as const;
		const { report } = await stopAll(run, [{ ...pendingItem(0), possiblySubmitted: sent }]);
		expect(report.possiblySubmitted).toEqual(['ref-0']);
	});

	it('A stopped run never cancels a job that only the user’s reference identifies', async () => {
		const run = stopping(1000, {
			submit: async (_, clock) => {
				await clock.latency(5000);
				return unknown;
			},
			getRunning: inTurn(running(), running('a')),
			getJob: (jobid) => found(jobid, 'started', { replyRef: 'order', prompt: 'waves' }),
		});
		const items = toCancel(pendingItems(1, { replyRef: 'order', isUniqueReplyRef: false }));
		const { report } = await stopAll(run, items);
		expect(report).toMatchObject({ cancelled: [], running: [], possiblySubmitted: ['order'] });
	});

	it('A stopped run submits nothing more', async () => {
		const run = stopping(1000, {
			submit: async (submission, clock) => {
				await clock.latency(5000);
				return jobOf(submission);
			},
		});
		await stopAll(run, toCancel(pendingItems(50, { fields: { maxJobs: '1' } })));
		expect(run.submissions()).toHaveLength(1);
	});

	it('A stopped run sends no request if there is nothing to cancel', async () => {
		const run = stopping(1000, { completion: 'poll', submit: jobOf });
		const { report } = await stopAll(run, pendingItems(2));
		expect(run.requests).toEqual(['submit ref-0', 'submit ref-1']);
		expect(report.running).toEqual(['job of ref-0', 'job of ref-1']);
	});

	it('A stopped run sends at most ten requests at a time, and waits for none that hangs', async () => {
		let active = 0;
		let most = 0;
		const ids = Array.from({ length: 30 }, (_, n) => `job-${n}`);
		const run = stopping(1000, {
			submit: hanging,
			getRunning: () => running(...ids),
			getJob: async () => {
				most = Math.max(most, ++active);
				return await hanging();
			},
		});
		const start = run.clock.now();
		const { report } = await stopAll(run, toCancel(pendingItems(10)));
		expect(most).toBe(10);
		expect(report.possiblySubmitted).toHaveLength(10);
		expect(run.clock.now() - start).toBeLessThanOrEqual(MINUTE);
	});

	it('A run that was stopped before it began has submitted nothing', async () => {
		const run = fakeRun({ signal: AbortSignal.abort() });
		const { end, report } = await stopAll(run, toCancel(pendingItems(2)));
		expect(end).toEqual({ kind: 'stopped' });
		expect(report).toMatchObject({ cancelled: [], running: [], possiblySubmitted: [] });
		expect(run.requests).toEqual([]);
	});

	it('A run that was stopped before it began cancels the jobs of an earlier try', async () => {
		const run = fakeRun({ signal: AbortSignal.abort() });
		const { report } = await stopAll(run, toCancel([knownItem(0, 'a')]));
		expect([report.cancelled, cancellations(run)]).toEqual([['a'], ['cancel a']]);
	});
});
