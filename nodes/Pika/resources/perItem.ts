import {
	type IDataObject,
	type IExecuteFunctions,
	type INodeExecutionData,
	NodeOperationError,
} from 'n8n-workflow';

import { type Accounts, createAccounts } from '../api/accounts';
import { type Client, createClient } from '../api/client';
import { toNodeApiError } from '../results/errors';
import { unfoundFailure } from '../results/failures';
import type { Unfound, Unreachable } from '../api/outcomes';
import { type RequestKind, createSend } from '../api/request';
import { clock } from '../jobs/clock';
import { withReadRetries } from '../jobs/readRetries';
import type { Credentials } from '../api/credentials';
import { readCredentials } from './connection';
import type { Execute } from './jobOperation';
import { toItem } from '../results/output';

export interface Connection {
	client: Client;
	accounts: Accounts;
	settings: Credentials;
	/** Retries if the API could not answer. Only for requests that change nothing. */
	read: <Outcome extends { kind: string }>(
		ask: () => Promise<Outcome | Unreachable>,
	) => Promise<Outcome | Unreachable>;
}

/** The outcome of one input item: any number of output items, or the reason why there are none. */
export type ItemOutcome = { kind: 'items'; items: IDataObject[] } | Unfound;

type ItemHandler = (
	node: IExecuteFunctions,
	i: number,
	connection: Connection,
) => Promise<ItemOutcome>;

function unread(node: IExecuteFunctions, error: unknown, i: number): NodeOperationError {
	return new NodeOperationError(node.getNode(), error as Error, { itemIndex: i });
}

async function connect(node: IExecuteFunctions): Promise<Connection> {
	const settings = await readCredentials(node);
	const send = createSend(node, settings);
	const timing = { clock, signal: node.getExecutionCancelSignal() };
	return {
		client: createClient(send, settings),
		accounts: createAccounts(send, settings),
		settings,
		read: async (ask) => await withReadRetries(ask, timing),
	};
}

/**
 * Makes the `execute` of an operation that handles the items one after the other. An item that fails becomes an error, or
 * an item with `error` and `details` if On Error says to continue.
 */
export function perItem(request: RequestKind, act: ItemHandler): Execute {
	return async function execute(this: IExecuteFunctions) {
		const connection = await connect(this);
		const output: INodeExecutionData[] = [];
		for (let i = 0; i < this.getInputData().length; i++) {
			const acted = await act(this, i, connection).catch((error: unknown) =>
				unread(this, error, i),
			);
			if (acted instanceof NodeOperationError) {
				if (!this.continueOnFail()) throw acted;
				const failure = { message: acted.message, description: acted.description ?? '' };
				output.push(toItem({ kind: 'failure', failure }, i, ''));
			} else if (acted.kind === 'items') {
				output.push(...acted.items.map((json) => ({ json, pairedItem: { item: i } })));
			} else {
				const failure = unfoundFailure(acted, request);
				if (!this.continueOnFail()) throw toNodeApiError(this.getNode(), failure, i);
				output.push(toItem({ kind: 'failure', failure }, i, ''));
			}
		}
		return [output];
	};
}
