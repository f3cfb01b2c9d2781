import type { SubmitOutcome } from '../../../nodes/Pika/api/outcomes';
import { RunningJobsReader } from '../../../nodes/Pika/jobs/runningJobs';
import { submit } from '../../../nodes/Pika/jobs/submit';
import { SubmittedJobs } from '../../../nodes/Pika/jobs/submittedJobs';
import {
	accepted,
	busy,
	contextOf,
	uploadAborted,
	EXECUTION,
	type FakeRun,
	fakeRun,
	found,
	inTurn,
	notSent,
	pendingItem,
	refused,
	running,
	unknown,
} from './fakeClient';

const REPLY_URL = 'https://n8n.example/resume';

async function submitOne(run: FakeRun, item = pendingItem(0)): Promise<SubmitOutcome> {
	const context = contextOf(run);
	const submittedJobs = new SubmittedJobs(context, new RunningJobsReader(context));
	return await run.clock.run(submit(item, context, submittedJobs));
}

describe('submit', () => {
	it.each<[string, SubmitOutcome, string]>([
		['accepted', accepted('a'), 'accepted'],
		['busy', busy(), 'unsent'],
		['refused', refused, 'unsent'],
		['cancelled', { kind: 'cancelled' }, 'unknown'],
	])(
		'submit sends one request and saves the result if the outcome is %s',
		async (_, outcome, saved) => {
			const run = fakeRun({ submit: () => outcome });
			expect(await submitOne(run)).toEqual(outcome);
			expect(run.requests).toEqual(['submit ref-0']);
			expect(run.saved(0)).toMatchObject({ outcome: saved, replyRef: 'ref-0' });
		},
	);

	it('submit saves that a job may exist before the request is sent', async () => {
		const during: unknown[] = [];
		const run: FakeRun = fakeRun({
			submit: () => {
				during.push(run.saved(0));
				return accepted('a');
			},
		});
		await submitOne(run, pendingItem(0, { fields: { replyUrl: REPLY_URL } }));
		expect(during).toEqual([
			{
				outcome: 'unknown',
				replyRef: 'ref-0',
				isUniqueReplyRef: true,
				fingerprint: 'print-0',
				executionId: EXECUTION,
				sentAt: run.clock.now(),
				replyUrl: REPLY_URL,
			},
		]);
		expect(run.saved(0)).toMatchObject({ outcome: 'accepted', jobid: 'a' });
		expect(run.parts.claims.has('a')).toBe(true);
	});

	it('submit tries three times if the connection fails', async () => {
		const run = fakeRun({ submit: () => notSent });
		expect(await submitOne(run)).toEqual(notSent);
		expect(run.requests).toEqual(Array(3).fill('submit ref-0'));
		expect(run.clock.pauses).toEqual([2000, 4000]);
		expect(run.saved(0)?.outcome).toBe('unsent');
	});

	it('submit stops trying when a connection succeeds', async () => {
		const run = fakeRun({ submit: inTurn(notSent, accepted('a')) });
		expect((await submitOne(run)).kind).toBe('accepted');
		expect(run.clock.pauses).toEqual([2000]);
	});

	it('submit looks up an unknown outcome and recovers its job', async () => {
		const run = fakeRun({
			submit: () => unknown,
			getRunning: () => running('a'),
			getJob: (jobid) => found(jobid, 'started', { replyRef: 'ref-0' }),
		});
		expect(await submitOne(run)).toMatchObject({ kind: 'accepted', job: { jobid: 'a' } });
		expect(run.requests).toEqual(['submit ref-0', 'list', 'get a']);
		expect(run.saved(0)).toMatchObject({ outcome: 'accepted', jobid: 'a' });
	});

	it('submit never sends a submission of unknown outcome again', async () => {
		const run = fakeRun({ submit: () => unknown });
		expect(await submitOne(run)).toEqual(unknown);
		expect(run.submissions()).toHaveLength(1);
		expect(run.saved(0)).toMatchObject({ outcome: 'unknown' });
	});

	it('submit never sends again if the connection first failed and then broke', async () => {
		const run = fakeRun({ submit: inTurn(notSent, unknown) });
		expect(await submitOne(run)).toEqual(unknown);
		expect(run.submissions()).toHaveLength(2);
	});

	it('submit first reads the job that an error names, and recovers it', async () => {
		const run = fakeRun({
			submit: () => ({ kind: 'unknown', reason: 'HTTP 504', jobid: 'named' }),
			getJob: (jobid) => found(jobid, 'completed'),
		});
		expect(await submitOne(run)).toMatchObject({ kind: 'accepted', job: { status: 'completed' } });
		expect(run.requests).toEqual(['submit ref-0', 'get named']);
		expect(run.parts.claims.has('named')).toBe(true);
	});

	it('submit keeps the ID of a job that an error names for the next try if the job cannot be read', async () => {
		const run = fakeRun({
			submit: () => ({ kind: 'unknown', reason: 'HTTP 504', jobid: 'named' }),
			getJob: () => ({ kind: 'unreachable', reason: 'HTTP 503' }),
		});
		expect((await submitOne(run)).kind).toBe('unknown');
		expect(run.saved(0)).toMatchObject({ outcome: 'unknown', jobid: 'named' });
	});

	it('submit does not recover a named job that another item holds', async () => {
		const run = fakeRun({
			submit: () => ({ kind: 'unknown', reason: 'HTTP 504', jobid: 'named' }),
			getJob: (jobid) => found(jobid, 'started', { replyRef: 'ref-0' }),
			getRunning: () => running('named'),
			claims: ['named'],
		});
		expect((await submitOne(run)).kind).toBe('unknown');
	});

	it('submit looks up an aborted upload, and recovers its job if there is one', async () => {
		const run = fakeRun({
			submit: () => uploadAborted,
			getRunning: () => running('a'),
			getJob: (jobid) => found(jobid, 'started', { replyRef: 'ref-0' }),
		});
		expect(await submitOne(run)).toMatchObject({ kind: 'accepted', job: { jobid: 'a' } });
	});

	it('submit searches for the job of an aborted upload for a minute before the item may be sent again', async () => {
		const run = fakeRun({ submit: () => uploadAborted });
		const start = run.clock.now();
		expect(await submitOne(run)).toEqual(uploadAborted);
		expect(run.clock.now() - start).toBe(60_000);
		expect(run.submissions()).toHaveLength(1);
		expect(run.saved(0)).toMatchObject({ outcome: 'unsent' });
	});

	it('submit does not report an aborted upload as not submitted if the search was stopped', async () => {
		const stop = new AbortController();
		const run = fakeRun({
			signal: stop.signal,
			submit: () => uploadAborted,
			getRunning: () => {
				stop.abort();
				return running();
			},
		});
		await submitOne(run);
		expect(run.saved(0)).toMatchObject({ outcome: 'unknown' });
	});

	it('submit sends no further request once the execution is stopped', async () => {
		const stop = new AbortController();
		const run = fakeRun({
			signal: stop.signal,
			submit: () => {
				stop.abort();
				return notSent;
			},
		});
		expect(await submitOne(run)).toEqual(notSent);
		expect(run.requests).toHaveLength(1);
	});

	it('submit sends nothing if the execution is already stopped', async () => {
		const run = fakeRun({ signal: AbortSignal.abort() });
		expect(await submitOne(run)).toEqual({ kind: 'cancelled' });
		expect(run.requests).toEqual([]);
		expect(run.saved(0)).toBeUndefined();
	});

	it.each<[string, string | undefined, string | undefined]>([
		['this execution if the job echoes its URL', REPLY_URL, EXECUTION],
		['an unknown receiver if the job echoes nothing', undefined, undefined],
		['an unknown receiver if the job echoes another URL', 'https://n8n.example/other', undefined],
	])('submit records that an accepted job calls %s', async (_, replyUrl, callbackTo) => {
		const item = pendingItem(0, { fields: { replyUrl: REPLY_URL }, callbackTo: EXECUTION });
		await submitOne(fakeRun({ submit: () => accepted('a', { replyUrl }) }), item);
		expect(item.callbackTo).toBe(callbackTo);
	});

	it.each<[string, string | undefined, string | undefined]>([
		['echoes its URL', REPLY_URL, EXECUTION],
		['echoes nothing', undefined, undefined],
	])('submit records the callback of a recovered job if it %s', async (_, replyUrl, callee) => {
		const run = fakeRun({
			submit: () => unknown,
			getRunning: () => running('a'),
			getJob: (jobid) => found(jobid, 'started', { replyRef: 'ref-0', replyUrl }),
		});
		const item = pendingItem(0, { fields: { replyUrl: REPLY_URL }, callbackTo: EXECUTION });
		await submitOne(run, item);
		expect(item.callbackTo).toBe(callee);
	});
});
