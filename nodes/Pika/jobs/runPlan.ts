import type { Accounts } from '../api/accounts';
import type { Client } from '../api/client';
import type { ItemResult } from '../results/output';
import type { ChannelsKnowledge } from './channels';
import type { JobItem } from './jobItem';
import type { RunContext } from './runContext';

/** How the run learns that jobs have ended: not at all, by polling, or by callback. */
export type Completion = 'off' | 'poll' | 'callback';

/** Returns the next items that wait for a slot, or none if none are left. They compete for the same slots and give up at the same time. */
export type ItemQueue = () => Promise<JobItem[]>;

export interface RunPlan {
	completion: Completion;
	/** Makes the result of an item from its job as it was last read, for example by downloading the video. Never throws. */
	finish: (item: JobItem) => Promise<ItemResult | undefined>;
	accounts: Pick<Accounts, 'getMany'>;
	/** Until then the run polls instead of waiting for callbacks, in milliseconds since 1970. */
	canSuspendFrom?: number;
	/** What the run before a wait learned about channels. */
	channels?: ChannelsKnowledge;
	/** Items to process after the given ones, loaded only when their predecessors have slots. */
	queues?: ItemQueue[];
}

export type RunEnd =
	| { kind: 'finished' }
	| { kind: 'stopped' }
	| { kind: 'suspended'; until: number; channels: ChannelsKnowledge };

/** The part of the context that the caller provides; `signal` fires when the execution is stopped. */
export type RunParts = Omit<RunContext, 'client' | 'reads' | 'signal' | 'uploads'> & {
	client: Client;
	signal?: AbortSignal;
};
