import { isRecord } from '../api/isRecord';
import { type ChannelKnowledge, parseKnowledge } from './channelKnowledge';
import { ChannelSlots } from './channelSlots';
import type { Clock } from './clock';
import type { RetryBudget } from './retryBudget';

/** What is known of all channels, as plain data that survives a wait. */
export type ChannelsKnowledge = Record<string, ChannelKnowledge>;

/** The slots of all channels that the items of a run use, by channel ID; the empty one is whichever useapi.net picks. */
export class Channels {
	private readonly slots = new Map<string, ChannelSlots>();

	/** What a wait has kept, as it was read. */
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

	/** How many items wait for a slot. */
	get waiting(): number {
		return this.all.reduce((sum, { waiting }) => sum + waiting, 0);
	}

	/** Whether every item that waits for a slot waits for a job of this run to free it. */
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
