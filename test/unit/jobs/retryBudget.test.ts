import { RetryBudget } from '../../../nodes/Pika/jobs/retryBudget';
import { ControlledClock } from './controlledClock';

describe('RetryBudget', () => {
	it('RetryBudget counts down from its start, and never below 0', async () => {
		const clock = new ControlledClock();
		const budget = new RetryBudget(clock);
		const left = [budget.remaining(1000)];
		await clock.run(clock.latency(400));
		left.push(budget.remaining(1000));
		await clock.run(clock.latency(1000));
		left.push(budget.remaining(1000));
		expect(left).toEqual([1000, 600, 0]);
	});

	it('RetryBudget starts again when a job is accepted or ends', async () => {
		const clock = new ControlledClock();
		const budget = new RetryBudget(clock);
		await clock.run(clock.latency(900));
		budget.reset();
		expect(budget.remaining(1000)).toBe(1000);
	});

	it.each<[string, number]>([
		['zero', 0],
		['negative', -1],
		['not a number', NaN],
	])('RetryBudget has nothing remaining if its time is %s', (_, time) => {
		expect(new RetryBudget(new ControlledClock()).remaining(time)).toBe(0);
	});
});
