import type { Accounts } from '../api/accounts';
import type { Client } from '../api/client';
import type { ItemResult } from '../results/output';
import type { ChannelsKnowledge } from './channels';
import type { JobItem } from './jobItem';
import type { RunContext } from './runContext';

/** How the run learns that jobs have ended: not at all, by polling, or by callback. */
export type Completion = 'off' | 'poll' | 'callback';

export interface RunPlan {
	completion: Completion;
	/** Makes the result of an item from its job as it was last read, for example by downloading the video. Never throws. */
	finish: (item: JobItem) => Promise<ItemResult | undefined>;
	accounts: Pick<Accounts, 'getMany'>;
	/** Until then the run polls instead of waiting for callbacks, in milliseconds since 1970. */
	canSuspendFrom?: number;
	/** What the run before a wait learned about channels. */
	channels?: ChannelsKnowledge;
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
