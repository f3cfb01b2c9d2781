import { checkAnnouncements } from '../../e2e/soak/announcements.cts';

const TERMINAL = ['completed', 'failed'];
const a = { jobid: 'a', status: 'completed' };
const b = { jobid: 'b', status: 'failed' };

describe('judgeAnnouncements', () => {
	it('The check passes if each accepted callback is announced once, even if it arrived several times.', () => {
		const callbacks = [a, b, a].map((job) => ({ ...job, answer: 200 }));
		expect(checkAnnouncements(callbacks, [b, a], TERMINAL)).toEqual({ repeated: [], missing: [] });
	});

	it('The check lists jobs that were announced more than once.', () => {
		const { repeated } = checkAnnouncements([], [a, b, a], TERMINAL);
		expect(repeated).toEqual(['a completed']);
	});

	it('The check lists each accepted callback that was never announced, once.', () => {
		const callbacks = [a, a, b].map((job) => ({ ...job, answer: 200 }));
		expect(checkAnnouncements(callbacks, [b], TERMINAL).missing).toEqual(['a completed']);
	});

	it.each([
		['was answered with 503', { ...a, answer: 503 }],
		['had no answer', a],
		['is about a job that is still running', { jobid: 'a', status: 'started', answer: 200 }],
	])('The check expects no announcement of a callback that %s.', (_, callback) => {
		expect(checkAnnouncements([callback], [], TERMINAL).missing).toEqual([]);
	});
});
