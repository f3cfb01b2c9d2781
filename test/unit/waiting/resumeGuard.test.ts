import { claimResumption, isResumed } from '../../../nodes/Pika/waiting/resumeGuard';

const SECOND = 1000;

describe('claimResumption', () => {
	it('claimResumption lets only the first callback resume a suspension', () => {
		expect([isResumed('first', 0), claimResumption('first', 0, 0)]).toEqual([false, true]);
		expect([isResumed('first', 1), claimResumption('first', 1, 1)]).toEqual([true, false]);
	});

	it('claimResumption keeps suspensions separate', () => {
		expect([claimResumption('one', 0, 0), claimResumption('other', 0, 0)]).toEqual([true, true]);
	});

	it('claimResumption never lets a callback through that began before the resumption, however slow it is', () => {
		claimResumption('slow', 10 * SECOND, 20 * SECOND);
		for (const now of [20, 60, 200]) {
			expect(claimResumption('slow', 9 * SECOND, now * SECOND)).toBe(false);
		}
	});

	it('claimResumption remembers a resumption while callbacks that began before it may be handled', () => {
		claimResumption('kept', 0, 0);
		claimResumption('another', 299 * SECOND, 299 * SECOND);
		expect(claimResumption('kept', 29 * SECOND, 299 * SECOND)).toBe(false);
		claimResumption('a third', 300 * SECOND, 300 * SECOND);
		expect(claimResumption('kept', 29 * SECOND, 300 * SECOND)).toBe(true);
	});

	it('claimResumption lets a callback through that begins half a minute later, because n8n could not resume', () => {
		claimResumption('late', 0, 0);
		expect(claimResumption('late', 30 * SECOND - 1, 40 * SECOND)).toBe(false);
		expect(claimResumption('late', 30 * SECOND, 40 * SECOND)).toBe(true);
		expect(claimResumption('late', 30 * SECOND + 1, 40 * SECOND)).toBe(false);
	});
});
