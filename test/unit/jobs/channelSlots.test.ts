import { ChannelSlots, type Slot } from '../../../nodes/Pika/jobs/channelSlots';
import { RetryBudget } from '../../../nodes/Pika/jobs/retryBudget';
import { ControlledClock } from './controlledClock';
import { busy, MINUTE } from './fakeClient';
import type { Deferred } from '../../../nodes/Pika/jobs/submit';

const full = busy() as Deferred;
const limited = (seconds: number) => busy(seconds) as Deferred;

interface Admitted {
	order: number;
	at: number;
	slot?: Slot;
}

class Channel {
	readonly clock = new ControlledClock();

	readonly budget = new RetryBudget(this.clock);

	readonly slots: ChannelSlots;

	/** In the order of the answers; times in seconds after the start. */
	readonly admitted: Admitted[] = [];

	readonly givenUp: Admitted[] = [];

	private readonly start = this.clock.now();

	constructor(saved?: unknown) {
		const { signal } = new AbortController();
		const known = typeof saved === 'function' ? (saved(this.start) as unknown) : saved;
		this.slots = new ChannelSlots(this.clock, this.budget, signal, known);
	}

	get seconds(): number {
		return (this.clock.now() - this.start) / 1000;
	}

	get orders(): number[] {
		return this.admitted.map(({ order }) => order);
	}

	ask(order: number, maxJobs = 10, retryForMilliseconds = 15 * MINUTE): void {
		void this.slots.acquire(order, maxJobs, retryForMilliseconds).then((admission) => {
			if (admission.kind === 'slot')
				this.admitted.push({ order, at: this.seconds, slot: admission });
			else this.givenUp.push({ order, at: this.seconds });
		});
	}

	async pass(seconds: number): Promise<void> {
		await this.clock.run(this.clock.latency(seconds * 1000));
	}

	accept(order: number, isHeld = true, cap?: number): void {
		this.slots.accepted(
			[...this.admitted].reverse().find((each) => each.order === order)?.slot as Slot,
			isHeld,
			cap,
		);
	}
}

describe('ChannelSlots of an unknown channel', () => {
	it('ChannelSlots admits as many items as each of them allows, in their order', async () => {
		const channel = new Channel();
		for (const order of [3, 1, 2, 0]) channel.ask(order, 2);
		await channel.pass(0);
		expect(channel.orders).toEqual([3, 1]);
		channel.accept(3);
		channel.accept(1);
		channel.slots.ended();
		channel.slots.ended();
		await channel.pass(0);
		expect(channel.orders).toEqual([3, 1, 0, 2]);
	});

	it('ChannelSlots does not let an item that allows one job block those behind it', async () => {
		const channel = new Channel();
		channel.slots.hold();
		channel.ask(0, 1);
		for (const order of [1, 2, 3]) channel.ask(order, 3);
		await channel.pass(0);
		expect(channel.orders).toEqual([1, 2]);
		expect(channel.slots.waiting).toBe(2);
	});

	it('ChannelSlots admits the next item when a submission has made no job', async () => {
		const channel = new Channel();
		channel.ask(0, 1);
		channel.ask(1, 1);
		await channel.pass(0);
		channel.slots.released();
		await channel.pass(0);
		expect(channel.orders).toEqual([0, 1]);
	});

	it('ChannelSlots admits no more jobs than an accepted job reports', async () => {
		const channel = new Channel();
		for (const order of [0, 1, 2, 3, 4]) channel.ask(order, 1 + order);
		await channel.pass(0);
		channel.accept(0, true, 2);
		await channel.pass(0);
		const before = channel.orders.length;
		channel.accept(1);
		await channel.pass(0);
		expect(channel.orders).toHaveLength(before);
		expect(channel.slots.knowledge.cap).toBe(2);
	});
});

describe('ChannelSlots after a 429', () => {
	it('ChannelSlots admits one item after 10 seconds if the channel has no job of this run', async () => {
		const channel = new Channel();
		for (const order of [0, 1, 2]) channel.ask(order);
		await channel.pass(0);
		for (const order of [0, 1, 2]) {
			channel.slots.refused(full);
			channel.ask(order);
		}
		await channel.pass(60);
		expect(channel.admitted.slice(3)).toMatchObject([{ order: 0, at: 10 }]);
	});

	it('ChannelSlots waits 10 seconds after the last of several refusals', async () => {
		const channel = new Channel();
		channel.ask(0);
		channel.ask(1);
		await channel.pass(0);
		channel.slots.refused(full);
		channel.ask(0);
		await channel.pass(9);
		channel.slots.refused(full);
		channel.ask(1);
		await channel.pass(60);
		expect(channel.admitted.slice(2)).toMatchObject([{ order: 0, at: 19 }]);
	});

	it('ChannelSlots admits one item for each job that ends, and none of them is refused', async () => {
		const channel = new Channel();
		for (let order = 0; order < 6; order++) channel.ask(order);
		await channel.pass(0);
		channel.accept(0);
		channel.accept(1);
		for (const order of [2, 3, 4, 5]) {
			channel.slots.refused(full);
			channel.ask(order);
		}
		await channel.pass(600);
		expect(channel.orders).toHaveLength(6);
		channel.slots.ended();
		await channel.pass(0);
		expect(channel.orders.slice(6)).toEqual([2]);
		channel.slots.refused(full);
		channel.ask(2);
		await channel.pass(600);
		expect(channel.orders).toHaveLength(7);
	});

	it('ChannelSlots admits one more item after each acceptance', async () => {
		const channel = new Channel();
		for (const order of [0, 1, 2, 3]) channel.ask(order);
		await channel.pass(0);
		for (const order of [0, 1, 2, 3]) {
			channel.slots.refused(full);
			channel.ask(order);
		}
		await channel.pass(10);
		channel.accept(0);
		await channel.pass(0);
		expect(channel.orders.slice(4)).toEqual([0, 1]);
	});

	it('ChannelSlots admits an item when a recovered job ends, even if every submission was refused before', async () => {
		const channel = new Channel();
		channel.ask(0);
		await channel.pass(0);
		channel.slots.refused(full);
		channel.slots.hold();
		channel.ask(0);
		await channel.pass(60);
		channel.slots.ended();
		await channel.pass(0);
		expect(channel.admitted.slice(1)).toMatchObject([{ order: 0, at: 60 }]);
	});

	it.each([
		['a minute', 60],
		['30 days', 2_592_000],
	])(
		'ChannelSlots admits an item after a retry_after of %s, with a single pause',
		async (_, seconds) => {
			const channel = new Channel();
			channel.slots.hold();
			channel.ask(0, 10, Infinity);
			await channel.pass(0);
			channel.slots.refused(limited(seconds));
			channel.ask(0, 10, Infinity);
			await channel.pass(seconds + 1);
			expect(channel.admitted.slice(1)).toMatchObject([{ order: 0, at: seconds }]);
			expect(channel.clock.pauses.filter(isFinite)).toEqual([seconds * 1000]);
		},
	);

	it('ChannelSlots keeps items waiting for a longer retry_after while a shorter pause is active', async () => {
		const channel = new Channel();
		channel.ask(0);
		channel.ask(1);
		await channel.pass(0);
		channel.slots.refused(full);
		channel.slots.refused(limited(300));
		channel.ask(0);
		await channel.pass(400);
		expect(channel.admitted.slice(2)).toMatchObject([{ order: 0, at: 300 }]);
	});
});

describe('Keep Retrying For in ChannelSlots', () => {
	it('ChannelSlots measures Keep Retrying For separately for each item, in whatever order they come', async () => {
		const channel = new Channel();
		channel.ask(0);
		await channel.pass(0);
		channel.slots.refused(limited(7200));
		channel.ask(0, 10, 5 * MINUTE);
		await channel.pass(1);
		channel.ask(1, 10, MINUTE);
		channel.ask(2, 10, 0);
		await channel.pass(600);
		expect(channel.givenUp).toEqual([
			{ order: 2, at: 1 },
			{ order: 1, at: 60 },
			{ order: 0, at: 300 },
		]);
	});

	it('ChannelSlots starts Keep Retrying For with the first refusal', async () => {
		const channel = new Channel();
		for (const order of [0, 1]) channel.ask(order, 1, MINUTE);
		await channel.pass(3600);
		expect(channel.givenUp).toEqual([]);
	});

	it('ChannelSlots does not count the time during which a job of this run holds a slot', async () => {
		const channel = new Channel();
		for (const order of [0, 1]) channel.ask(order, 10, MINUTE);
		await channel.pass(0);
		channel.accept(0);
		channel.slots.refused(full);
		channel.ask(1, 10, MINUTE);
		await channel.pass(3600);
		expect(channel.givenUp).toEqual([]);
		channel.budget.reset();
		channel.slots.ended();
		await channel.pass(0);
		expect(channel.orders).toEqual([0, 1, 1]);
	});

	it.each([0, NaN, -1])(
		'ChannelSlots gives up at once if Keep Retrying For is %d',
		async (retryFor) => {
			const channel = new Channel();
			channel.ask(0, 10, retryFor);
			await channel.pass(0);
			channel.slots.refused(full);
			channel.ask(0, 10, retryFor);
			await channel.pass(0);
			expect(channel.givenUp).toMatchObject([{ order: 0, at: 0 }]);
		},
	);

	it('ChannelSlots never gives up if Keep Retrying For is infinite, and does not spin', async () => {
		const channel = new Channel();
		channel.ask(0, 10, Infinity);
		await channel.pass(0);
		channel.slots.refused(limited(86_400));
		channel.ask(0, 10, Infinity);
		await channel.pass(86_400);
		expect(channel.orders).toEqual([0, 0]);
		expect(channel.clock.pauses.length).toBeLessThan(5);
	});
});

describe('ChannelSlots restored after a wait', () => {
	const after = (channel: Channel): unknown => JSON.parse(JSON.stringify(channel.slots.knowledge));

	it('ChannelSlots remembers after a wait how many jobs of this run the channel can run', async () => {
		const before = new Channel();
		for (const order of [0, 1, 2]) before.ask(order);
		await before.pass(0);
		before.accept(0);
		before.accept(1);
		before.slots.refused(full);
		const channel = new Channel(after(before));
		for (const order of [2, 3, 4]) channel.ask(order);
		await channel.pass(0);
		expect(channel.orders).toEqual([2, 3]);
	});

	it('ChannelSlots remembers after a wait until when Discord limits the rate', async () => {
		const channel = new Channel((now: number) => ({ limitedUntil: now + 600_000 }));
		channel.ask(0);
		await channel.pass(3600);
		expect(channel.admitted).toMatchObject([{ order: 0, at: 600 }]);
	});

	it('ChannelSlots remembers after a wait that the channel refused, so that items still give up in time', async () => {
		const before = new Channel();
		before.slots.hold();
		before.ask(0);
		await before.pass(0);
		before.slots.refused(limited(2_592_000));
		const channel = new Channel(after(before));
		channel.ask(0);
		await channel.pass(3600);
		expect(channel.givenUp).toMatchObject([{ order: 0, at: 900 }]);
	});

	it.each<[string, unknown]>([
		['nothing', undefined],
		['null', null],
		['a text', 'full'],
		['a list', []],
		[
			'null in every field',
			{ learned: null, cap: null, room: null, limitedUntil: null, refusal: null },
		],
		[
			'an object with texts',
			{ learned: 'a', cap: 'b', room: 'c', limitedUntil: 'd', refusal: 'e' },
		],
		['an object with invalid numbers', { learned: NaN, cap: -1, room: 0, limitedUntil: -5 }],
		['the state of a channel that accepted nothing', { learned: 0 }],
		['a refusal without a response', { refusal: { kind: 'busy' } }],
		['a time in the past', { limitedUntil: 1 }],
	])('ChannelSlots ignores a saved state that is %s', async (_, saved) => {
		const channel = new Channel(saved);
		channel.ask(0);
		await channel.pass(1);
		expect(channel.orders).toEqual([0]);
	});
});

it('ChannelSlots admits no more items after the run was stopped', async () => {
	const clock = new ControlledClock();
	const slots = new ChannelSlots(clock, new RetryBudget(clock), AbortSignal.abort());
	let isAdmitted = false;
	void slots.acquire(0, 10, MINUTE).then(() => (isAdmitted = true));
	await clock.run(clock.latency(1000));
	expect(isAdmitted).toBe(false);
});
