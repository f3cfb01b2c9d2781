import { judgeAnnouncements } from '../../e2e/soak/announcements.cts';

const TERMINAL = ['completed', 'failed'];
const a = { jobid: 'a', status: 'completed' };
const b = { jobid: 'b', status: 'failed' };

describe('judgeAnnouncements', () => {
	it('is content where each callback that was taken is announced once, however often it came', () => {
		const callbacks = [a, b, a].map((job) => ({ ...job, answer: 200 }));
		expect(judgeAnnouncements(callbacks, [b, a], TERMINAL)).toEqual({ repeated: [], missing: [] });
	});

	it('names what was announced again', () => {
		const { repeated } = judgeAnnouncements([], [a, b, a], TERMINAL);
		expect(repeated).toEqual(['a completed']);
	});

	it('names once what was taken and never announced', () => {
		const callbacks = [a, a, b].map((job) => ({ ...job, answer: 200 }));
		expect(judgeAnnouncements(callbacks, [b], TERMINAL).missing).toEqual(['a completed']);
	});

	it.each([
		['was answered with 503', { ...a, answer: 503 }],
		['had no answer', a],
		['is about a job that is still running', { jobid: 'a', status: 'started', answer: 200 }],
	])('expects no announcement of a callback that %s', (_, callback) => {
		expect(judgeAnnouncements([callback], [], TERMINAL).missing).toEqual([]);
	});
});
