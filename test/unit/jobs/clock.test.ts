import { sleep } from 'n8n-workflow';

import { clock } from '../../../nodes/Pika/jobs/clock';

jest.mock('n8n-workflow', () => ({ sleep: jest.fn() }));

const slept = jest.mocked(sleep);
const LONGEST_TIMER = 2 ** 31 - 1;
const DAY = 24 * 60 * 60_000;

beforeEach(() => {
	slept.mockReset();
	slept.mockResolvedValue(undefined);
});

describe('the clock', () => {
	it('The clock sleeps for 30 days in parts that a timer can hold', async () => {
		await clock.pause(30 * DAY);
		const parts = slept.mock.calls.map(([milliseconds]) => milliseconds);
		expect(parts.reduce((sum, part) => sum + part, 0)).toBe(30 * DAY);
		expect(Math.max(...parts)).toBeLessThanOrEqual(LONGEST_TIMER);
		expect(parts).toHaveLength(2);
	});

	it('The clock starts no further part of a long pause after it was stopped', async () => {
		const stop = new AbortController();
		slept.mockImplementation(async () => stop.abort());
		await clock.pause(Infinity, stop.signal);
		expect(slept).toHaveBeenCalledTimes(1);
	});

	it('The clock ends a pause without an error if n8n rejects the sleep of a stopped execution', async () => {
		slept.mockRejectedValue(new Error('The operation was aborted'));
		await expect(clock.pause(1000)).resolves.toBeUndefined();
	});

	it('The clock adds at most ten listeners to a signal, however many pauses it can end', async () => {
		const stop = new AbortController();
		const listen = jest.spyOn(stop.signal, 'addEventListener');
		slept.mockImplementation(async (_, signal) => {
			signal?.addEventListener('abort', () => undefined);
		});
		await Promise.all(Array.from({ length: 50 }, async () => await clock.pause(1, stop.signal)));
		expect(listen.mock.calls.length).toBeLessThanOrEqual(10);
	});

	it('The clock does not go back if the system clock is set back', () => {
		const before = clock.now();
		const setBack = jest.spyOn(Date, 'now').mockReturnValue(before - 3_600_000);
		expect(clock.now()).toBeGreaterThanOrEqual(before);
		setBack.mockRestore();
	});

	it('The clock draws random numbers from 0 up to 1', () => {
		const chance = clock.random();
		expect(chance >= 0 && chance < 1).toBe(true);
	});
});
