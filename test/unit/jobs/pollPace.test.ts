import type { Job } from '../../../nodes/Pika/api/job';
import { PollPace } from '../../../nodes/Pika/jobs/pollPace';

const START = 1_700_000_000_000;
const SECOND = 1000;

const record = (seconds: number) => ({
	created: new Date(START).toISOString(),
	updated: new Date(START + seconds * SECOND).toISOString(),
});

/** Seconds after the start. */
function next(pace: PollPace, isSlotAwaited: boolean, ...accepted: number[]): number {
	const times = accepted.map((seconds) => START + seconds * SECOND);
	return (pace.nextPollAt(isSlotAwaited, times) - START) / SECOND;
}

describe('PollPace', () => {
	it.each([
		[0, 10],
		[0.5, 10.5],
		[1, 11],
	])('PollPace polls first after a random 10 to 11 seconds (%d)', (chance, seconds) => {
		expect(next(new PollPace(START, chance), true, 0)).toBe(seconds);
	});

	it('PollPace counts the first pause from the last submission, up to 30 seconds', () => {
		const pace = new PollPace(START, 0);
		expect(next(pace, true, 0, 4, 2)).toBe(14);
		expect(next(pace, true, 0, 25)).toBe(30);
	});

	it('PollPace polls again after 15 seconds, or after 10 while an item waits for a slot', () => {
		const pace = new PollPace(START, 0);
		pace.polled(START + 10 * SECOND);
		expect([next(pace, false, 0), next(pace, true, 0)]).toEqual([25, 20]);
	});

	it('PollPace polls when the next job is expected to end, once it knows how long jobs take', () => {
		const pace = new PollPace(START, 0);
		pace.polled(START + 10 * SECOND);
		pace.learn(record(30));
		expect(next(pace, false, 0)).toBe(30.2);
		expect(next(pace, true, 0, 1, 1)).toBe(31.2);
	});

	it('PollPace polls when most of the jobs with a similar duration can have ended', () => {
		const pace = new PollPace(START, 0);
		pace.polled(START + 40 * SECOND);
		for (const seconds of [58, 59, 60, 61, 62]) pace.learn(record(seconds));
		const at = next(pace, true, ...Array.from({ length: 10 }, () => 0));
		expect(at).toBeGreaterThanOrEqual(61.2);
		expect(at).toBeLessThanOrEqual(62.2);
	});

	it('PollPace polls after 10 seconds for a slot if the durations in the middle half of recent jobs differ by that much', () => {
		const pace = new PollPace(START, 0);
		pace.polled(START + 10 * SECOND);
		for (const seconds of [50, 60]) pace.learn(record(seconds));
		expect([next(pace, true, 0), next(pace, false, 0)]).toEqual([20, 40]);
	});

	it('PollPace still expects the end of most jobs if some fail early', () => {
		const pace = new PollPace(START, 0);
		pace.polled(START + 40 * SECOND);
		for (const seconds of [2, 60, 60, 60]) pace.learn(record(seconds));
		expect(next(pace, true, 0)).toBe(60.2);
	});

	it('PollPace polls early enough before an expected end not to miss it', () => {
		const pace = new PollPace(START, 0);
		pace.polled(START + 10 * SECOND);
		pace.learn(record(45));
		const before = next(pace, true, 0);
		expect(before).toBeLessThanOrEqual(35.2);
		pace.polled(START + before * SECOND);
		expect(next(pace, true, 0)).toBe(45.2);
	});

	it('PollPace forgets durations after a while', () => {
		const pace = new PollPace(START, 0);
		pace.polled(START + 10 * SECOND);
		pace.learn(record(25));
		for (let n = 0; n < 32; n++) pace.learn(record(35));
		expect(next(pace, true, 0)).toBe(35.2);
	});

	it('PollPace polls never sooner than 10 and never later than 30 seconds after the last poll', () => {
		const pace = new PollPace(START, 0);
		pace.polled(START + 10 * SECOND);
		pace.learn(record(12));
		expect(next(pace, true, 0)).toBe(20);
		expect(next(pace, false, 600)).toBe(40);
	});

	it('PollPace goes on polling if a job takes longer than the others', () => {
		const pace = new PollPace(START, 0);
		pace.polled(START + 100 * SECOND);
		pace.learn(record(30));
		expect([next(pace, false, 0), next(pace, true, 0)]).toEqual([110, 110]);
	});

	it.each<[string, Job]>([
		['without times', {}],
		['with invalid times', { created: 'yesterday', updated: 'today' }],
		['that ended when it began', record(0)],
		['that ended before it began', record(-30)],
	])('PollPace learns nothing from a record %s', (_, job) => {
		const pace = new PollPace(START, 0);
		pace.polled(START + 10 * SECOND);
		pace.learn(job);
		expect(next(pace, false, 0)).toBe(25);
	});
});
