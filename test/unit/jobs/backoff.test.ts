import { busyDelay, pollDelay, reconnectDelay } from '../../../nodes/Pika/jobs/backoff';

const ALMOST_ONE = 1 - Number.EPSILON;

describe('pollDelay', () => {
	it.each<[string, number, number]>([
		['at least 10 seconds', 0, 10_000],
		['20 seconds in the middle', 0.5, 20_000],
	])('is %s', (_, chance, milliseconds) => {
		expect(pollDelay(chance)).toBe(milliseconds);
	});

	it('is at most 30 seconds', () => {
		expect(pollDelay(ALMOST_ONE)).toBeLessThanOrEqual(30_000);
	});

	it.each<[string, number, number]>([
		['at least 10 seconds', 0, 10_000],
		['12.5 seconds in the middle', 0.5, 12_500],
		['15 seconds at most', 1, 15_000],
	])('is %s where an item waits for a slot', (_, chance, milliseconds) => {
		expect(pollDelay(chance, true)).toBe(milliseconds);
	});
});

describe('busyDelay', () => {
	it.each<[string, number | undefined, number]>([
		['a poll where retry_after is not said', undefined, 10_000],
		['a poll where retry_after is shorter', 3, 10_000],
		['a poll where retry_after is as long', 10, 10_000],
		['retry_after where that is longer', 45.5, 45_500],
		['retry_after of a billion', 1e9, 1e12],
		['a poll where retry_after is negative', -5, 10_000],
	])('is as long as %s', (_, retryAfter, milliseconds) => {
		expect(busyDelay(0, retryAfter)).toBe(milliseconds);
	});
});

describe('reconnectDelay', () => {
	it.each<[string, number, number, number]>([
		['2 seconds after the first try', 0, 1, 2000],
		['4 seconds after the second', 0, 2, 4000],
		['3 seconds in the middle', 0.5, 1, 3000],
	])('is %s', (_, chance, tries, milliseconds) => {
		expect(reconnectDelay(chance, tries)).toBe(milliseconds);
	});
});
