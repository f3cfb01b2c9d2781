import { askAgainDelay, busyDelay, reconnectDelay } from '../../../nodes/Pika/jobs/backoff';

const ALMOST_ONE = 1 - Number.EPSILON;

describe('askAgainDelay', () => {
	it.each<[string, number, number]>([
		['10 seconds at least', 0, 10_000],
		['20 seconds on average', 0.5, 20_000],
	])('askAgainDelay is %s', (_, chance, milliseconds) => {
		expect(askAgainDelay(chance)).toBe(milliseconds);
	});

	it('askAgainDelay is 30 seconds at most', () => {
		expect(askAgainDelay(ALMOST_ONE)).toBeLessThanOrEqual(30_000);
	});
});

describe('busyDelay', () => {
	it.each<[string, number | undefined, number]>([
		['10 seconds without retry_after', undefined, 10_000],
		['10 seconds if retry_after is shorter', 3, 10_000],
		['10 seconds if retry_after is 10 seconds', 10, 10_000],
		['retry_after if that is longer', 45.5, 45_500],
		['30 days if retry_after says so', 2_592_000, 2_592_000_000],
		['10 seconds if retry_after is negative', -5, 10_000],
	])('busyDelay is %s', (_, retryAfter, milliseconds) => {
		expect(busyDelay(0, retryAfter)).toBe(milliseconds);
	});
});

describe('reconnectDelay', () => {
	it.each<[string, number, number, number]>([
		['at least 2 seconds after the first try', 0, 1, 2000],
		['4 seconds after the second try', 0, 2, 4000],
		['3 seconds after the first try on average', 0.5, 1, 3000],
	])('reconnectDelay is %s', (_, chance, tries, milliseconds) => {
		expect(reconnectDelay(chance, tries)).toBe(milliseconds);
	});
});
