import type { SubmitOutcome } from '../../../nodes/Pika/api/outcomes';
import { submit } from '../../../nodes/Pika/jobs/submit';
import {
	accepted,
	busy,
	cutOff,
	type FakeRun,
	fakeRun,
	inTurn,
	notSent,
	refused,
	unknown,
	wanted,
} from './fakeClient';

async function submitOne({ tools, clock }: FakeRun, item = wanted(0)) {
	return await clock.run(submit(item, tools));
}

describe('submit', () => {
	it.each<[string, SubmitOutcome, string]>([
		['accepted', accepted('a'), 'accepted'],
		['busy', busy(), 'unsent'],
		['refused', refused, 'unsent'],
		['cancelled', { kind: 'cancelled' }, 'unknown'],
	])('sends once and saves what is known where the outcome is %s', async (_, outcome, saved) => {
		const run = fakeRun({ submit: () => outcome });
		expect(await submitOne(run)).toEqual(outcome);
		expect(run.requests).toEqual(['submit ref-0']);
		expect(run.saved(0)).toMatchObject({ outcome: saved, replyRef: 'ref-0' });
	});

	it('saves before the request leaves that a job may exist', async () => {
		const during: unknown[] = [];
		const run: FakeRun = fakeRun({
			submit: () => {
				during.push(run.saved(0));
				return accepted('a');
			},
		});
		await submitOne(run);
		expect(during).toEqual([{ outcome: 'unknown', replyRef: 'ref-0', isUniqueReplyRef: true }]);
		expect(run.saved(0)).toMatchObject({ outcome: 'accepted', jobid: 'a' });
		expect(run.tools.claims.has('a')).toBe(true);
	});

	it('tries a connection that never got through three times', async () => {
		const run = fakeRun({ submit: () => notSent });
		expect(await submitOne(run)).toEqual(notSent);
		expect(run.requests).toEqual(Array(3).fill('submit ref-0'));
		expect(run.clock.pauses).toEqual([2000, 4000]);
		expect(run.saved(0)?.outcome).toBe('unsent');
	});

	it('stops trying when one gets through', async () => {
		const run = fakeRun({ submit: inTurn(notSent, accepted('a')) });
		expect((await submitOne(run)).kind).toBe('accepted');
		expect(run.clock.pauses).toEqual([2000]);
	});

	it('looks up an unknown outcome and adopts its job', async () => {
		const run = fakeRun({
			submit: () => unknown,
			getRunning: () => ({ kind: 'found', jobids: ['a'] }),
			getJob: (jobid) => ({ kind: 'found', job: { jobid, status: 'started', replyRef: 'ref-0' } }),
		});
		expect(await submitOne(run)).toMatchObject({ kind: 'accepted', job: { jobid: 'a' } });
		expect(run.requests).toEqual(['submit ref-0', 'list', 'get a']);
		expect(run.saved(0)).toMatchObject({ outcome: 'accepted', jobid: 'a' });
	});

	it('never sends an unknown outcome again', async () => {
		const run = fakeRun({ submit: () => unknown });
		expect(await submitOne(run)).toEqual(unknown);
		expect(run.requests.filter((request) => request.startsWith('submit'))).toHaveLength(1);
		expect(run.saved(0)).toMatchObject({ outcome: 'unknown' });
	});

	it('looks up an upload that was cut off, and adopts a job that is there all the same', async () => {
		const run = fakeRun({
			submit: () => cutOff,
			getRunning: () => ({ kind: 'found', jobids: ['a'] }),
			getJob: (jobid) => ({ kind: 'found', job: { jobid, status: 'started', replyRef: 'ref-0' } }),
		});
		expect(await submitOne(run)).toMatchObject({ kind: 'accepted', job: { jobid: 'a' } });
	});

	it('looks for a minute after an upload that was cut off, then leaves it to be sent again', async () => {
		const run = fakeRun({ submit: () => cutOff });
		const begun = run.clock.now();
		expect(await submitOne(run)).toEqual(cutOff);
		expect(run.clock.now() - begun).toBe(60_000);
		expect(run.requests.filter((request) => request.startsWith('submit'))).toHaveLength(1);
		expect(run.saved(0)).toMatchObject({ outcome: 'unsent' });
	});

	it('does not know of an upload that was cut off whether it made a job, where the look-up was stopped', async () => {
		const stop = new AbortController();
		const run = fakeRun({
			signal: stop.signal,
			submit: () => cutOff,
			getRunning: () => {
				stop.abort();
				return { kind: 'found', jobids: [] };
			},
		});
		await submitOne(run);
		expect(run.saved(0)).toMatchObject({ outcome: 'unknown' });
	});

	it('never sends again after a connection that first failed and then broke', async () => {
		const run = fakeRun({ submit: inTurn(notSent, unknown) });
		expect(await submitOne(run)).toEqual(unknown);
		expect(run.requests.filter((request) => request.startsWith('submit'))).toHaveLength(2);
	});

	it('sends no more once the execution is stopped', async () => {
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
});
