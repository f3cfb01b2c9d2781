import { idealSeconds } from '../../bench/report/schedule.cts';

it.each<[string, number[], number, number]>([
	['in rounds if all jobs are equal', [60, 60, 60, 60], 2, 120],
	['in one round if there are slots for all', [40, 80, 60], 10, 80],
	['with the next job in the slot that is free first', [50, 10, 10, 10], 2, 50],
	['in their order, although another one would be faster', [10, 10, 40], 2, 50],
	['at once if there are no jobs', [], 10, 0],
])('Jobs ideally end %s.', (_, durations, slots, seconds) => {
	expect(idealSeconds(durations, slots)).toBe(seconds);
});
