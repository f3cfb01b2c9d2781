import type { Client } from '../api/client';
import type { Claims } from './claims';
import type { Clock } from './clock';
import type { ItemStates } from './itemState';
import type { ChannelLimiter } from './limiter';

/** What all parts of one run share. */
export interface RunContext {
	client: Client;
	states: ItemStates;
	claims: Claims;
	clock: Clock;
	/** Undefined for a tool call that n8n makes outside an execution. */
	executionId?: string;
	uploads: ChannelLimiter;
	/** Fires when the run is over, including when it was stopped. */
	signal: AbortSignal;
}
