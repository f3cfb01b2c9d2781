import {
	type IDataObject,
	type IExecuteFunctions,
	type INodeExecutionData,
	NodeOperationError,
} from 'n8n-workflow';

import { type Accounts, createAccounts } from '../api/accounts';
import { type Client, createClient } from '../api/client';
import { toNodeApiError } from '../results/errors';
import { type Failure, refusalFailure, unreachableFailure } from '../results/failures';
import type { ReadOutcome } from '../api/outcomes';
import { createSend } from '../api/request';
import type { Credentials } from '../api/credentials';
import { readConnection } from './connection';
import type { Execute } from './jobOperation';
import { toItem } from '../results/output';

export interface Connection {
	client: Client;
	accounts: Accounts;
	settings: Credentials;
}

type Unfound = Exclude<ReadOutcome, { kind: 'found' }>;

/** What became of one input item: any number of output items, or the reason why there are none. */
export type ItemOutcome = { kind: 'items'; items: IDataObject[] } | Unfound;

type ItemHandler = (
	node: IExecuteFunctions,
	i: number,
	connection: Connection,
) => Promise<ItemOutcome>;

function failureOf(outcome: Unfound): Failure {
	switch (outcome.kind) {
		case 'refused':
			return refusalFailure(outcome.refusal);
		case 'unreachable':
			return unreachableFailure(outcome.reason);
		case 'cancelled':
			return unreachableFailure('the execution was canceled');
	}
}

function unread(node: IExecuteFunctions, error: unknown, i: number): NodeOperationError {
	return new NodeOperationError(node.getNode(), error as Error, { itemIndex: i });
}

/**
 * Makes the `execute` of an operation that makes requests for one item after the other, each on its own: a failure of
 * one is an error, or an item with `error` and `details` where the node is to continue.
 */
export function perItem(act: ItemHandler): Execute {
	return async function execute(this: IExecuteFunctions) {
		const settings = await readConnection(this);
		const send = createSend(this, settings);
		const connection = {
			client: createClient(send, settings),
			accounts: createAccounts(send, settings),
			settings,
		};
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
				const failure = failureOf(acted);
				if (!this.continueOnFail()) throw toNodeApiError(this.getNode(), failure, i);
				output.push(toItem({ kind: 'failure', failure }, i, ''));
			}
		}
		return [output];
	};
}
