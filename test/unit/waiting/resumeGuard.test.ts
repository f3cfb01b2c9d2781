import { claimResumption, isResumed } from '../../../nodes/Pika/waiting/resumeGuard';

const MINUTE = 60_000;

describe('claimResumption', () => {
	it('claimResumption lets only the first callback resume a suspension', () => {
		expect([isResumed('first', 0), claimResumption('first', 0)]).toEqual([false, true]);
		expect([isResumed('first', 1), claimResumption('first', 1)]).toEqual([true, false]);
	});

	it('claimResumption keeps suspensions separate', () => {
		expect([claimResumption('one', 0), claimResumption('other', 0)]).toEqual([true, true]);
	});

	it('claimResumption lets the next callback through after five minutes, in case n8n could not resume', () => {
		claimResumption('late', 0);
		expect(claimResumption('late', 5 * MINUTE - 1)).toBe(false);
		expect(claimResumption('late', 5 * MINUTE)).toBe(true);
		expect(claimResumption('late', 5 * MINUTE + 1)).toBe(false);
	});
});
