import type { Client } from '../api/client';
import type { Claims } from './claims';
import type { Clock } from './clock';
import type { ItemStates } from './itemState';
import type { ChannelLimiter } from './limiter';
import type { Reads } from './reads';

/** What all parts of one run share. */
export interface RunContext {
	client: Pick<Client, 'submit' | 'sentFields' | 'slotRequestOf' | 'cancel'>;
	/** The only way to read jobs, which keeps to the pace that the API asks for. */
	reads: Reads;
	states: ItemStates;
	claims: Claims;
	clock: Clock;
	/** Undefined for a tool call that n8n makes outside an execution. */
	executionId?: string;
	uploads: ChannelLimiter;
	/** Fires when the run is over, including when it was stopped. */
	signal: AbortSignal;
}
