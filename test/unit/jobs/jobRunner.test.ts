import type { JobOutcome } from '../../../nodes/Pika/api/client';
import type { Submission } from '../../../nodes/Pika/api/submission';
import {
	accepted,
	busy,
	uploadAborted,
	type FakeRun,
	fakeRun,
	found,
	inTurn,
	knownItem,
	MINUTE,
	notSent,
	pendingItem,
	pendingItems,
	refused,
	running,
	shortPauses,
	unknown,
} from './fakeClient';
import { endsOf, jobOf, runAll } from './runAll';

const allowing = (maxJobs: number) => ({ fields: { maxJobs: String(maxJobs) } });
const down: JobOutcome = { kind: 'unreachable', reason: 'HTTP 503' };
const numberOf = ({ fields }: Submission) => Number(fields.replyRef?.slice(4));

describe('JobRunner with many items', () => {
	it('JobRunner never has more than maxJobs items in flight, and keeps their order', async () => {
		let inFlight = 0;
		let most = 0;
		const run = fakeRun({
			submit: async (submission, clock) => {
				most = Math.max(most, ++inFlight);
				await clock.latency(1000 * (1 + (numberOf(submission) % 3)));
				inFlight--;
				return jobOf(submission);
			},
		});
		const items = pendingItems(50, allowing(3));
		expect(await runAll(run, items)).toEqual({ kind: 'finished' });
		expect(most).toBe(3);
		expect(endsOf(items)).toEqual(items.map(({ item }) => `job of ref-${item}`));
		expect(run.submissions()).toEqual(items.map(({ item }) => `submit ref-${item}`));
	});

	it('JobRunner lets one item fail without disturbing the others', async () => {
		const outcomes = [accepted('a'), refused, notSent, unknown, accepted('b')];
		const run = fakeRun({ submit: (submission) => outcomes[numberOf(submission)] ?? refused });
		const items = pendingItems(5);
		await runAll(run, items);
		expect(endsOf(items)).toEqual(['a', 'failure', 'failure', 'failure', 'b']);
		expect(run.submissions()).toHaveLength(7);
	});

	it('JobRunner uses the slots of each channel independently', async () => {
		const inFlight: Record<string, number> = {};
		const most: Record<string, number> = {};
		const run = fakeRun({
			submit: async (submission, clock) => {
				const { channel = '' } = submission;
				const now = (inFlight[channel] ?? 0) + 1;
				inFlight[channel] = now;
				most[channel] = Math.max(most[channel] ?? 0, now);
				await clock.latency(1000);
				inFlight[channel] = (inFlight[channel] ?? 0) - 1;
				return jobOf(submission);
			},
		});
		const items = Array.from({ length: 12 }, (_, item) =>
			pendingItem(
				item,
				item % 2 === 0 ? { channel: 'one', ...allowing(1) } : { channel: 'two', ...allowing(3) },
			),
		);
		await runAll(run, items);
		expect(most).toEqual({ one: 1, two: 3 });
	});

	it('JobRunner submits as many jobs as the accounts can run if maxJobs is not set', async () => {
		let inFlight = 0;
		let most = 0;
		const run = fakeRun({
			accounts: () => ({ kind: 'found', accounts: [{ channel: 'one', maxJobs: 4 }] }),
			submit: async (submission, clock) => {
				most = Math.max(most, ++inFlight);
				await clock.latency(1000);
				inFlight--;
				return jobOf(submission);
			},
		});
		await runAll(run, pendingItems(20, { channel: 'one', fields: { maxJobs: '' } }));
		expect(most).toBe(4);
		expect(run.requests.filter((request) => request === 'accounts')).toHaveLength(1);
	});

	it('JobRunner does not request the accounts for a single item', async () => {
		const run = fakeRun({ submit: jobOf });
		await runAll(run, pendingItems(1, { fields: { maxJobs: '' } }));
		expect(run.requests).toEqual(['submit ref-0']);
	});

	it('JobRunner does not delay other items while one submission hangs', async () => {
		const run = fakeRun({
			submit: async (submission, clock) => {
				if (numberOf(submission) === 0) await clock.latency(300_000);
				return jobOf(submission);
			},
			getJob: (jobid) => found(jobid, 'completed'),
		});
		const items = pendingItems(5);
		const start = run.clock.now();
		const ended: number[] = [];
		await runAll(run, items, {
			completion: 'poll',
			finish: async ({ item, job }) => {
				ended[item] = run.clock.now() - start;
				return job && { kind: 'job', job };
			},
		});
		expect(Math.max(...ended.slice(1))).toBeLessThanOrEqual(15_000);
	});

	it('JobRunner waits for a hanging list of running jobs only if references are not unique', async () => {
		const run = fakeRun({
			submit: jobOf,
			getRunning: async (clock) => {
				await clock.latency(180_000);
				return running();
			},
		});
		const items = [
			pendingItem(0),
			pendingItem(1, { replyRef: 'order', isUniqueReplyRef: false }),
			pendingItem(2),
		];
		const start = run.clock.now();
		const sent: number[] = [];
		await runAll(run, items, {
			finish: async ({ item, job }) => {
				sent[item] = run.clock.now() - start;
				return job && { kind: 'job', job };
			},
		});
		expect(sent).toEqual([0, 180_000, 0]);
	});

	it('JobRunner does not let an item with maxJobs 1 block those behind it', async () => {
		const run = fakeRun({
			submit: jobOf,
			getRunning: () => running('job of ref-0'),
			getJob: (id) => found(id),
		});
		const items = [pendingItem(0), pendingItem(1, allowing(1)), pendingItem(2), pendingItem(3)].map(
			(item) => ({ ...item, waitLimitMilliseconds: 5 * MINUTE }),
		);
		await runAll(run, items, { completion: 'poll' });
		expect(run.submissions().slice(0, 3)).toEqual(['submit ref-0', 'submit ref-2', 'submit ref-3']);
		expect(run.submissions()).toHaveLength(4);
	});

	it('JobRunner skips items that already have a result', async () => {
		const run = fakeRun({ submit: jobOf });
		const failure = { message: 'Prompt: it is empty', description: '' };
		const items = [
			{ ...pendingItem(0), result: { kind: 'failure', failure } as const },
			{ ...knownItem(1, 'a'), result: { kind: 'job', job: { jobid: 'a' } } as const },
			pendingItem(2),
		];
		expect(await runAll(run, items)).toEqual({ kind: 'finished' });
		expect(run.requests).toEqual(['submit ref-2']);
	});

	it('JobRunner ends at once without items', async () => {
		expect(await runAll(fakeRun(), [])).toEqual({ kind: 'finished' });
		expect(await runAll(fakeRun(), [], { completion: 'callback' })).toEqual({ kind: 'finished' });
	});
});

describe('JobRunner with a busy channel', () => {
	it('JobRunner tries a busy channel again after 10 seconds', async () => {
		const run = fakeRun({ submit: inTurn(busy(), busy(), accepted('a')) });
		const items = pendingItems(1);
		await runAll(run, items);
		expect(shortPauses(run)).toEqual([10_000, 10_000]);
		expect(endsOf(items)).toEqual(['a']);
	});

	it('JobRunner tries a busy channel again after a random pause of up to 30 seconds', async () => {
		const run = fakeRun({ submit: inTurn(busy(), accepted('a')) });
		run.clock.chance = 0.999;
		await runAll(run, pendingItems(1));
		const [pause = 0] = shortPauses(run);
		expect(pause).toBeGreaterThan(29_000);
		expect(pause).toBeLessThan(30_000);
	});

	it.each<[string, number, number]>([
		['retry_after if that is longer', 45, 45_000],
		['10 seconds if retry_after is shorter', 3, 10_000],
	])('JobRunner tries a busy channel again after %s', async (_, seconds, pause) => {
		const run = fakeRun({ submit: inTurn(busy(seconds), accepted('a')) });
		await runAll(run, pendingItems(1));
		expect(shortPauses(run)).toEqual([pause]);
	});

	it('JobRunner tries a busy channel until Keep Retrying For is over, then fails the item with the error text of the API', async () => {
		const run = fakeRun({ submit: () => busy() });
		const items = pendingItems(1, { retryForMilliseconds: MINUTE });
		const start = run.clock.now();
		await runAll(run, items);
		expect(run.clock.now() - start).toBe(MINUTE);
		expect(run.submissions().length).toBeGreaterThanOrEqual(6);
		expect(run.submissions().length).toBeLessThanOrEqual(7);
		expect(items[0]?.result).toMatchObject({
			kind: 'failure',
			failure: { httpStatus: 429, message: expect.stringContaining('Maximum of 10 jobs') },
		});
		expect(run.saved(0)?.outcome).toBe('unsent');
	});

	it.each<[string, number]>([
		['longer than that', 3600],
		['30 days', 2_592_000],
		['endless', Infinity],
	])(
		'JobRunner does not wait beyond Keep Retrying For if retry_after is %s',
		async (_, seconds) => {
			const run = fakeRun({ submit: () => busy(seconds) });
			const items = pendingItems(1);
			const start = run.clock.now();
			await runAll(run, items);
			expect(run.clock.now() - start).toBe(15 * MINUTE);
			expect(run.clock.pauses.length).toBeLessThan(10);
			expect(endsOf(items)).toEqual(['failure']);
		},
	);

	it.each<[string, number]>([
		['zero', 0],
		['negative', -5],
		['not a number', NaN],
	])(
		'JobRunner does not try a busy channel again if Keep Retrying For is %s',
		async (_, retryForMilliseconds) => {
			const run = fakeRun({ submit: () => busy() });
			const items = pendingItems(1, { retryForMilliseconds });
			await runAll(run, items);
			expect(run.submissions()).toHaveLength(1);
			expect(endsOf(items)).toEqual(['failure']);
		},
	);

	it('JobRunner lets only one item at a time try a busy channel', async () => {
		const run = fakeRun({ submit: () => busy() });
		const items = pendingItems(5, { retryForMilliseconds: MINUTE });
		await runAll(run, items);
		expect(run.submissions().length).toBeLessThanOrEqual(5 + 6);
		expect(new Set(run.submissions().slice(5))).toEqual(new Set(['submit ref-0']));
		expect(endsOf(items)).toEqual(Array(5).fill('failure'));
	});

	it('JobRunner restarts Keep Retrying For after each acceptance', async () => {
		const accepting = [13, 26];
		let tries = 0;
		const run = fakeRun({
			submit: (submission) => (accepting.includes(++tries) ? jobOf(submission) : busy()),
		});
		const items = pendingItems(3, { retryForMilliseconds: 3 * MINUTE });
		const start = run.clock.now();
		await runAll(run, items);
		expect(endsOf(items).filter((end) => end === 'failure')).toHaveLength(1);
		expect(run.clock.now() - start).toBeGreaterThan(2 * 3 * MINUTE - 2 * MINUTE);
	});

	it('JobRunner measures Keep Retrying For separately for each item', async () => {
		const run = fakeRun({ submit: () => busy() });
		const patience = [5 * MINUTE, MINUTE, 0];
		const items = patience.map((retryForMilliseconds, item) =>
			pendingItem(item, { retryForMilliseconds }),
		);
		const over: number[] = [];
		const start = run.clock.now();
		const watch = async (): Promise<void> => {
			for (;;) {
				await run.clock.latency(1000);
				items.forEach((item, i) => {
					if ('result' in item) over[i] ??= run.clock.now() - start;
				});
			}
		};
		void watch();
		await runAll(run, items);
		expect(over.slice(1)).toEqual([MINUTE, 1000]);
		expect(run.clock.now() - start).toBe(5 * MINUTE);
	});

	it('JobRunner pauses at least 10 seconds, whatever Keep Retrying For the items have', async () => {
		const times: number[] = [];
		const run = fakeRun({
			submit: (_, clock) => {
				times.push(clock.now());
				return busy();
			},
		});
		const items = [0, MINUTE, 2 * MINUTE].map((retryForMilliseconds, item) =>
			pendingItem(item, { retryForMilliseconds }),
		);
		await runAll(run, items);
		const [first = 0] = times;
		const later = times.filter((time) => time > first);
		const gaps = later.map((time, i) => time - (later[i - 1] ?? first));
		expect(gaps.filter((gap) => gap < 10_000)).toEqual([]);
		expect(gaps.length).toBeGreaterThan(5);
	});

	it('JobRunner stops waiting for a busy channel when the execution is stopped', async () => {
		const stop = new AbortController();
		const run = fakeRun({
			signal: stop.signal,
			submit: async (_, clock) => {
				void clock.latency(25_000).then(() => stop.abort());
				return busy();
			},
		});
		const start = run.clock.now();
		expect(await runAll(run, pendingItems(3, allowing(1)))).toEqual({ kind: 'stopped' });
		expect(run.submissions()).toHaveLength(3);
		expect(run.clock.now() - start).toBe(25_000);
	});

	it('JobRunner sends an aborted upload again after it has searched for its job for a minute', async () => {
		const run = fakeRun({ submit: inTurn(uploadAborted, accepted('a')) });
		const items = pendingItems(1);
		await runAll(run, items);
		expect(run.submissions()).toHaveLength(2);
		expect(endsOf(items)).toEqual(['a']);
	});

	it('JobRunner sends at most one refused upload for each slot that becomes free', async () => {
		const live = new Set<string>();
		const run = fakeRun({
			submit: (submission) => {
				if (live.size >= 3) return busy();
				const jobid = `job of ${submission.fields.replyRef ?? ''}`;
				live.add(jobid);
				return accepted(jobid);
			},
			getRunning: () => {
				const [first] = live;
				if (first) live.delete(first);
				return running(...live);
			},
			getJob: (jobid) => found(jobid, live.has(jobid) ? 'started' : 'completed'),
		});
		const items = pendingItems(30);
		await runAll(run, items, { completion: 'poll' });
		expect(endsOf(items)).not.toContain('failure');
		const inVain = run.submissions().length - 30;
		expect(inVain).toBeLessThanOrEqual(7 + 30);
	});

	it('JobRunner sends no upload that is refused once an accepted job has reported the number of slots', async () => {
		const live = new Set<string>();
		let inVain = 0;
		const run = fakeRun({
			submit: async (submission, clock) => {
				await clock.latency(100);
				if (live.size >= 3) {
					inVain++;
					return busy();
				}
				const jobid = `job of ${submission.fields.replyRef ?? ''}`;
				live.add(jobid);
				return accepted(jobid, { maxJobs: 3 });
			},
			getRunning: () => {
				const [first] = live;
				if (first) live.delete(first);
				return running(...live);
			},
			getJob: (jobid) => found(jobid, live.has(jobid) ? 'started' : 'completed'),
		});
		const items = pendingItems(30, { channel: 'one' });
		await runAll(run, items, { completion: 'poll' });
		expect(endsOf(items)).not.toContain('failure');
		expect(inVain).toBeLessThanOrEqual(7);
	});
});

describe('JobRunner after an earlier try', () => {
	it('JobRunner reads a known job and does not submit it again', async () => {
		const run = fakeRun({ getJob: (jobid) => found(jobid, 'completed') });
		const items = [knownItem(0, 'a'), knownItem(1, 'b')];
		await runAll(run, items);
		expect(run.requests).toEqual(['get a', 'get b']);
		expect(endsOf(items)).toEqual(['a', 'b']);
	});

	it('JobRunner looks up a submission of unknown outcome and does not repeat it', async () => {
		const run = fakeRun({
			getRunning: () => running('a'),
			getJob: (jobid) => found(jobid, 'started', { replyRef: 'ref-0' }),
		});
		const sent = { outcome: 'unknown', sentAt: run.clock.now() } as const;
		const items = [{ ...pendingItem(0), possiblySubmitted: sent }];
		await runAll(run, items);
		expect(run.requests).toEqual(['list', 'get a']);
		expect(endsOf(items)).toEqual(['a']);
	});

	it('JobRunner never submits an item again if the job that may exist is not found', async () => {
		const run = fakeRun({ submit: jobOf });
		const sent = { outcome: 'unknown', sentAt: run.clock.now() } as const;
		const items = [{ ...pendingItem(0), possiblySubmitted: sent }, pendingItem(1)];
		await runAll(run, items);
		expect(run.submissions()).toEqual(['submit ref-1']);
		expect(endsOf(items)).toEqual(['failure', 'job of ref-1']);
		expect(items[0]).toMatchObject({
			result: { failure: { message: expect.stringContaining('may have been submitted') } },
		});
	});

	it('JobRunner fails an item if the API does not know its job, and does not disturb the others', async () => {
		const run = fakeRun({ submit: jobOf });
		const items = [knownItem(0, 'gone'), pendingItem(1)];
		await runAll(run, items);
		expect(endsOf(items)).toEqual(['failure', 'job of ref-1']);
	});

	it('JobRunner fails an item if its known job cannot be read in three tries', async () => {
		const run = fakeRun({
			getJob: inTurn(down, down, down, found('a')),
			getRunning: () => running('a'),
		});
		const items = [knownItem(0, 'a')];
		await runAll(run, items);
		expect(endsOf(items)).toEqual(['failure']);
	});

	it('JobRunner counts a known job as holding a slot of its channel until it ends', async () => {
		const live = new Set(['a']);
		const run: FakeRun = fakeRun({
			submit: (submission) => {
				expect(live.size).toBe(0);
				return jobOf(submission);
			},
			getRunning: inTurn(running('a'), running()),
			getJob: (jobid) => {
				if (run.requests.filter((request) => request === 'list').length > 1) live.clear();
				return found(jobid, live.has(jobid) ? 'started' : 'completed');
			},
		});
		const items = [knownItem(0, 'a', { channel: '' }), pendingItem(1, allowing(1))];
		await runAll(run, items, { completion: 'poll' });
		expect(endsOf(items)).toEqual(['a', 'job of ref-1']);
	});
});

describe('JobRunner with a user’s reply reference that is not unique', () => {
	const sameRef = { replyRef: 'order', isUniqueReplyRef: false };
	const ofOrder = (jobid: string) =>
		found(jobid, 'started', { replyRef: 'order', prompt: 'waves' });

	it('JobRunner gives a job to only one of the items with the same reference', async () => {
		const run = fakeRun({
			submit: () => unknown,
			getRunning: inTurn(running(), running('a', 'b')),
			getJob: ofOrder,
		});
		const items = pendingItems(3, sameRef);
		await runAll(run, items);
		expect(endsOf(items).sort()).toEqual(['a', 'b', 'failure']);
	});

	it('JobRunner does not give a job to another item while its own response is pending', async () => {
		let tries = 0;
		const run = fakeRun({
			submit: async (_, clock) => {
				if (++tries > 1) return unknown;
				await clock.latency(5000);
				return accepted('a');
			},
			getRunning: inTurn(running(), running('a')),
			getJob: ofOrder,
		});
		const items = pendingItems(2, sameRef);
		await runAll(run, items);
		expect(endsOf(items)).toEqual(['a', 'failure']);
	});

	it('JobRunner does not accept a job with the same reference that ran before the run began', async () => {
		const run = fakeRun({
			submit: () => unknown,
			getRunning: () => running('stranger'),
			getJob: ofOrder,
		});
		const items = pendingItems(1, sameRef);
		await runAll(run, items);
		expect(endsOf(items)).toEqual(['failure']);
	});

	it('JobRunner does not accept a job that another node or loop round of the execution holds', async () => {
		const run = fakeRun({
			submit: () => unknown,
			getRunning: inTurn(running(), running('a')),
			getJob: ofOrder,
			claims: ['a'],
		});
		const items = pendingItems(1, sameRef);
		await runAll(run, items);
		expect(endsOf(items)).toEqual(['failure']);
	});
});

describe('JobRunner without waiting', () => {
	it('JobRunner submits all items that do not wait, although some are deferred, and waits for none', async () => {
		const run = fakeRun({ submit: inTurn(accepted('a'), busy(), accepted('b'), accepted('c')) });
		const items = pendingItems(3, allowing(1));
		expect(await runAll(run, items)).toEqual({ kind: 'finished' });
		expect(endsOf(items)).toEqual(['a', 'b', 'c']);
		expect(run.requests).not.toContain('list');
	});
});

describe('JobRunner with a job ID that the API returns more than once', () => {
	it('JobRunner gives a repeated job ID to the first item only, and fails the others as possibly submitted', async () => {
		const run = fakeRun({
			submit: () => accepted('same'),
			getRunning: inTurn(running('same'), running()),
			getJob: (jobid) => found(jobid, 'completed'),
		});
		const items = pendingItems(3, allowing(2));
		expect(await runAll(run, items, { completion: 'poll' })).toEqual({ kind: 'finished' });
		expect(endsOf(items)).toEqual(['same', 'failure', 'failure']);
		expect(run.saved(1)).toMatchObject({ outcome: 'unknown' });
	});
});
