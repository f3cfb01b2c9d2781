import { isRecord } from '../api/isRecord';
import { type ChannelKnowledge, parseKnowledge } from './channelKnowledge';
import { ChannelSlots } from './channelSlots';
import type { Clock } from './clock';
import type { RetryBudget } from './retryBudget';

/** What is known about all channels, as plain data that survives a wait. */
export type ChannelsKnowledge = Record<string, ChannelKnowledge>;

/** The slots of all channels that the items of a run use, by channel ID. An empty ID lets useapi.net pick the channel. */
export class Channels {
	private readonly slots = new Map<string, ChannelSlots>();

	private readonly known: Record<string, unknown>;

	constructor(
		private readonly clock: Clock,
		private readonly budget: RetryBudget,
		private readonly signal: AbortSignal,
		known?: unknown,
	) {
		this.known = isRecord(known) ? known : {};
	}

	of(channel: string): ChannelSlots {
		let slots = this.slots.get(channel);
		if (!slots) {
			slots = new ChannelSlots(this.clock, this.budget, this.signal, this.known[channel]);
			this.slots.set(channel, slots);
		}
		return slots;
	}

	/** The number of items that wait for a slot. */
	get waiting(): number {
		return this.all.reduce((sum, { waiting }) => sum + waiting, 0);
	}

	/** Whether every waiting item will get its slot from a job of this run that ends. */
	get areFreedByJobs(): boolean {
		return this.all.every(({ waiting, holdsJobs }) => waiting === 0 || holdsJobs);
	}

	get knowledge(): ChannelsKnowledge {
		const entries = [...this.slots].map(
			([channel, { knowledge }]) => [channel, knowledge] as const,
		);
		const others = Object.entries(this.known).map(
			([channel, saved]) => [channel, parseKnowledge(saved)] as const,
		);
		return Object.fromEntries([...others, ...entries]);
	}

	private get all(): ChannelSlots[] {
		return [...this.slots.values()];
	}
}
