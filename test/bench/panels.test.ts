import type { Measurement } from '../../bench/report/measurement.cts';
import { panelOf } from '../../bench/report/panels.cts';

const measured = (ours: [string, number], theirs?: [string, number]): Measurement => ({
	section: 'many',
	what: 'Time',
	unit: 's',
	ours: { name: ours[0], values: [ours[1]] },
	theirs: theirs && { name: theirs[0], values: [theirs[1]] },
});

describe('panelOf', () => {
	it('A panel shows each contender once, with its median.', () => {
		const panel = panelOf('Time', [
			measured(['Pika', 10], ['HTTP Request', 12]),
			measured(['Pika', 10], ['ideal', 8]),
		]);
		expect(panel?.bars).toEqual([
			{ name: 'Pika', value: 10, isOurs: true },
			{ name: 'HTTP Request', value: 12, isOurs: false },
			{ name: 'ideal', value: 8, isOurs: false },
		]);
	});

	it('A panel says which direction is better.', () => {
		const rate: Measurement = { ...measured(['Pika', 10]), unit: 'per second' };
		expect([
			panelOf('', [rate])?.isMoreBetter,
			panelOf('', [measured(['Pika', 1])])?.isMoreBetter,
		]).toEqual([true, false]);
	});

	it('There is no panel if nothing was measured.', () => {
		expect(panelOf('Time', [])).toBeUndefined();
	});
});
