import type { JobItem } from '../../../nodes/Pika/jobs/jobItem';
import {
	accepted,
	busy,
	EXECUTION,
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
import { endsOf, jobOf, resumeAll, runAll } from './runAll';

const callbacks = { completion: 'callback' } as const;
const called = { callbackTo: EXECUTION };
const channelsOf = (end: object) => ('channels' in end ? (end.channels as never) : undefined);

/** An API whose jobs end when the test says so. */
function apiWith(limit = Infinity) {
	const live = new Set<string>();
	return {
		live,
		completion: 'callback' as const,
		submit: ({ fields }: { fields: Record<string, string> }) => {
			if (live.size >= limit) return busy();
			const jobid = `job of ${fields.replyRef ?? ''}`;
			live.add(jobid);
			return accepted(jobid);
		},
		getRunning: () => running(...live),
		getJob: (jobid: string) => found(jobid, live.has(jobid) ? 'started' : 'completed'),
	};
}

describe('JobRunner in callback mode', () => {
	it('JobRunner suspends the run until the last wait limit while jobs run', async () => {
		const run = fakeRun(apiWith());
		const items = pendingItems(2, called);
		const start = run.clock.now();
		expect(await runAll(run, items, callbacks)).toMatchObject({
			kind: 'suspended',
			until: start + 30 * MINUTE,
		});
		expect(run.clock.now()).toBe(start);
	});

	it('JobRunner does not suspend the run for jobs that have already ended', async () => {
		const run = fakeRun({
			submit: ({ fields }) => accepted(fields.replyRef ?? '', { status: 'moderated' }),
		});
		expect(await runAll(run, pendingItems(2, called), callbacks)).toEqual({ kind: 'finished' });
	});

	it('JobRunner polls jobs whose callbacks go to another execution', async () => {
		const run = fakeRun({
			getJob: inTurn(found('a'), found('a'), found('a', 'completed')),
			getRunning: inTurn(running('a'), running()),
		});
		const items = [knownItem(0, 'a', { callbackTo: 'another execution' })];
		expect(await runAll(run, items, callbacks)).toEqual({ kind: 'finished' });
		expect(endsOf(items)).toEqual(['a']);
	});

	it('JobRunner suspends the run only if every open job calls this execution', async () => {
		const api = apiWith();
		api.live.add('a');
		const run = fakeRun(api);
		const items = [knownItem(0, 'a'), pendingItem(1, called)];
		const finish = async ({ job }: JobItem) => job && ({ kind: 'job', job } as const);
		void run.clock.latency(5 * MINUTE).then(() => api.live.delete('a'));
		expect(await runAll(run, items, { ...callbacks, finish })).toMatchObject({ kind: 'suspended' });
		expect(endsOf(items)).toEqual(['a', undefined]);
	});

	it('JobRunner does not wait for callbacks if the run has no execution', async () => {
		const run = fakeRun(apiWith());
		delete run.parts.executionId;
		const items = pendingItems(1).map((item) => ({ ...item, waitLimitMilliseconds: MINUTE }));
		expect(await runAll(run, items, callbacks)).toEqual({ kind: 'finished' });
		expect(endsOf(items)).toEqual(['failure']);
	});

	it('JobRunner polls until the given time and suspends the run only from then on', async () => {
		const run = fakeRun(apiWith());
		const start = run.clock.now();
		const end = await runAll(run, pendingItems(1, called), {
			...callbacks,
			canSuspendFrom: start + MINUTE,
		});
		expect(end).toMatchObject({ kind: 'suspended' });
		expect(run.clock.now() - start).toBe(MINUTE);
	});

	it('JobRunner submits the next item when a callback resumes the run', async () => {
		const api = apiWith();
		const run = fakeRun(api);
		const items = pendingItems(2, { ...called, fields: { maxJobs: '1' } });
		const first = await runAll(run, items, callbacks);
		expect(first).toMatchObject({ kind: 'suspended' });
		expect(run.submissions()).toEqual(['submit ref-0']);
		api.live.clear();
		const second = await resumeAll(run, items, channelsOf(first));
		expect(second.end).toMatchObject({ kind: 'suspended' });
		expect(run.submissions()).toEqual(['submit ref-0', 'submit ref-1']);
		api.live.clear();
		const last = await resumeAll(run, second.items, channelsOf(second.end));
		expect(last.end).toEqual({ kind: 'finished' });
		expect(endsOf(last.items)).toEqual(['job of ref-0', 'job of ref-1']);
	});

	it('JobRunner ends the run at the wait limit, instead of suspending it again, if no callback comes', async () => {
		const run = fakeRun({ getRunning: () => running('a'), getJob: (jobid) => found(jobid) });
		const job = { jobid: 'a', status: 'started' };
		for (const late of [{}, { job }]) {
			const items = [knownItem(0, 'a', { ...called, ...late, deadline: run.clock.now() })];
			expect(await runAll(run, items, callbacks)).toEqual({ kind: 'finished' });
			expect(items[0]?.result).toMatchObject({ failure: { timedOut: true } });
			const resumed = await resumeAll(run, [{ ...items[0], result: undefined } as JobItem], {});
			expect(resumed.end).toEqual({ kind: 'finished' });
		}
	});

	it('JobRunner ends the run after the callback of a job that the API no longer knows', async () => {
		const run = fakeRun({ submit: jobOf });
		const items = pendingItems(1, called);
		expect(await runAll(run, items, callbacks)).toEqual({ kind: 'finished' });
		expect(endsOf(items)).toEqual(['failure']);
	});

	it.each(['list', 'reads'])(
		'JobRunner ends the run at the wait limit if requests hang after a callback: %s',
		async (what) => {
			const hanging = async () => await new Promise<never>(() => undefined);
			const run = fakeRun({
				completion: 'callback',
				getRunning: what === 'list' ? hanging : () => running(),
				getJob: hanging,
			});
			const job = { jobid: 'a', status: 'started' };
			const items = [knownItem(0, 'a', { ...called, job, waitLimitMilliseconds: MINUTE })];
			const start = run.clock.now();
			const { end } = await resumeAll(run, items, undefined);
			expect(end).toEqual({ kind: 'finished' });
			expect(run.clock.now() - start).toBeLessThanOrEqual(2 * MINUTE);
		},
	);
});

describe('the last poll before the run is suspended', () => {
	it('JobRunner finds a job that ended while the others were being submitted, before it suspends the run', async () => {
		const api = apiWith();
		const run = fakeRun({
			...api,
			submit: async (submission, clock) => {
				if (submission.fields.replyRef === 'ref-1') {
					await clock.latency(3000);
					api.live.delete('job of ref-0');
				}
				return api.submit(submission);
			},
		});
		const items = pendingItems(2, called);
		expect(await runAll(run, items, callbacks)).toMatchObject({ kind: 'suspended' });
		expect(endsOf(items)).toEqual(['job of ref-0', undefined]);
	});

	it('JobRunner polls again before it suspends the run if jobs were accepted during the poll', async () => {
		const api = apiWith();
		let looks = 0;
		const run = fakeRun({
			...api,
			submit: (submission, clock) => {
				const outcome = api.submit(submission);
				void clock.latency(3000).then(() => api.live.delete('job of ref-2'));
				return outcome;
			},
			getRunning: () => (++looks === 1 ? running() : running('slow', ...api.live)),
			getJob: async (jobid, clock) => {
				if (jobid !== 'slow') return api.getJob(jobid);
				await clock.latency(5000);
				return found(jobid);
			},
		});
		const known = (item: number, jobid: string) =>
			knownItem(item, jobid, { ...called, channel: '', job: { jobid, status: 'started' } });
		const next = pendingItem(2, { ...called, fields: { maxJobs: '2' } });
		const items = [known(0, 'ended'), known(1, 'slow'), next];
		expect(await runAll(run, items, callbacks)).toMatchObject({ kind: 'suspended' });
		expect(endsOf(items)).toEqual(['ended', undefined, 'job of ref-2']);
	});
});

describe('what JobRunner knows of a channel', () => {
	it('JobRunner keeps the state of a channel: 30 items on 3 slots send at most one refused upload for each free slot', async () => {
		const api = apiWith(3);
		const run = fakeRun(api);
		let items: JobItem[] = pendingItems(30, called);
		let end = await runAll(run, items, callbacks);
		let waits = 0;
		while (end.kind === 'suspended') {
			expect(++waits).toBeLessThan(40);
			const [first = ''] = api.live;
			api.live.delete(first);
			const resumed = await resumeAll(run, items, channelsOf(end));
			({ end, items } = resumed);
		}
		expect(endsOf(items)).not.toContain('failure');
		expect(run.submissions().length - 30).toBeLessThanOrEqual(7 + 30);
	});

	it('JobRunner keeps the time until which Discord limits the rate', async () => {
		const api = apiWith();
		const times: number[] = [];
		let tries = 0;
		const run = fakeRun({
			...api,
			submit: (submission, clock) => {
				times.push(clock.now());
				return ++tries === 2 ? busy(600) : api.submit(submission);
			},
		});
		const start = run.clock.now();
		const items = pendingItems(2, called);
		const first = await runAll(run, items, callbacks);
		expect(first).toMatchObject({ kind: 'suspended' });
		await run.clock.run(run.clock.latency(MINUTE));
		api.live.clear();
		const second = await resumeAll(run, items, channelsOf(first));
		expect(second.end).toMatchObject({ kind: 'suspended' });
		expect(times.map((time) => time - start)).toEqual([0, 0, 600_000]);
	});

	it('JobRunner ignores an invalid saved state of a channel', async () => {
		for (const channels of [null, 'full', [], { '': null }, { '': { learned: null, cap: 'x' } }]) {
			const api = apiWith();
			const run = fakeRun(api);
			const resumed = await resumeAll(run, pendingItems(2, called), channels as never);
			expect(resumed.end).toMatchObject({ kind: 'suspended' });
			expect(run.submissions()).toHaveLength(2);
		}
	});
});

describe('a saved state that is out of date', () => {
	it('JobRunner does not submit an item twice if it may have been submitted, and recovers its job', async () => {
		const run = fakeRun({
			submit: jobOf,
			completion: 'callback',
			getRunning: () => running('a', 'newer', 'stranger'),
			getJob: (jobid) =>
				found(jobid, 'started', {
					replyRef: jobid === 'newer' ? 'ref-1' : jobid,
					replyUrl: 'https://n8n.example/resume',
				}),
		});
		const replyUrl = 'https://n8n.example/resume';
		const sent = { outcome: 'unknown', sentAt: run.clock.now(), replyUrl } as const;
		const items = [
			knownItem(0, 'a', { ...called, job: { jobid: 'a', status: 'started' } }),
			{ ...pendingItem(1, { ...called, fields: { replyUrl } }), possiblySubmitted: sent },
		];
		const resumed = await resumeAll(run, items, undefined);
		expect(resumed.end.kind).toBe('suspended');
		expect(resumed.items[1]?.jobid).toBe('newer');
		expect(run.submissions()).toEqual([]);
	});
});

describe('a submission of unknown outcome in callback mode', () => {
	it('JobRunner looks up a submission of unknown outcome before it suspends the run', async () => {
		const api = apiWith();
		let tries = 0;
		const run = fakeRun({
			...api,
			submit: (submission) => (++tries === 2 ? unknown : api.submit(submission)),
		});
		const items = pendingItems(2, called);
		const start = run.clock.now();
		expect(await runAll(run, items, callbacks)).toMatchObject({ kind: 'suspended' });
		expect(endsOf(items)).toEqual([undefined, 'failure']);
		expect(run.clock.now() - start).toBe(MINUTE);
	});
});
