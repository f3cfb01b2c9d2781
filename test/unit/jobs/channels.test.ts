import { Channels } from '../../../nodes/Pika/jobs/channels';
import { RetryBudget } from '../../../nodes/Pika/jobs/retryBudget';
import { ControlledClock } from './controlledClock';
import { MINUTE } from './fakeClient';

function channelsWith(known?: unknown): Channels {
	const clock = new ControlledClock();
	return new Channels(clock, new RetryBudget(clock), new AbortController().signal, known);
}

describe('Channels', () => {
	it('Channels keeps the slots of each channel separate', () => {
		const channels = channelsWith();
		expect(channels.of('one')).toBe(channels.of('one'));
		expect(channels.of('one')).not.toBe(channels.of(''));
	});

	it('Channels counts the waiting items of all channels', () => {
		const channels = channelsWith();
		for (const name of ['one', 'two']) {
			channels.of(name).hold();
			void channels.of(name).acquire(0, 1, MINUTE);
		}
		expect([channels.waiting, channels.areFreedByJobs]).toEqual([2, true]);
	});

	it('Channels reports whether an item waits for a channel in which this run has no job', () => {
		const channels = channelsWith();
		channels.of('one').hold();
		void channels.of('one').acquire(0, 1, MINUTE);
		void channels.of('two').acquire(1, 0, MINUTE);
		expect(channels.areFreedByJobs).toBe(false);
	});

	it('Channels keeps the state of channels that this run did not use', () => {
		const known = { one: { learned: 2 }, two: { cap: 3 } };
		const channels = channelsWith(JSON.parse(JSON.stringify(known)));
		channels.of('one').hold();
		expect(channels.knowledge).toMatchObject(known);
	});

	it.each<[string, unknown]>([
		['null', null],
		['a text', 'one'],
		['a channel that is null', { one: null }],
		['an object with the names of built-in properties', { constructor: 5, toString: null }],
	])('Channels starts with an empty state if the saved one is %s', async (_, known) => {
		const channels = channelsWith(known);
		const names = ['one', 'constructor', 'toString', '__proto__'];
		const slots = names.map(async (name) => (await channels.of(name).acquire(0, 1, MINUTE)).kind);
		expect(await Promise.all(slots)).toEqual(names.map(() => 'slot'));
		expect(() => JSON.stringify(channels.knowledge)).not.toThrow();
	});
});
