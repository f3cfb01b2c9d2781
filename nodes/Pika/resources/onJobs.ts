import { type IExecuteFunctions, type INodeExecutionData, NodeOperationError } from 'n8n-workflow';

import { createClient } from '../api/client';
import { createSend } from '../api/request';
import { type Settings, readSettings, settingsFault } from '../api/settings';
import { Claims } from '../run/claims';
import { clock } from '../run/clock';
import { type ItemStates, createItemStates } from '../run/itemState';
import { type ItemResult, type KnownItem, obtainJobs } from '../run/obtain';
import type { RunTools, WantedJob } from '../run/submit';
import { type ItemEnd, toOutput } from './output';
import { type OwnParts, wantedJob } from './submission';

/** Turns the parameters of item `i` into what its operation sends. Throws what the user must correct. */
export type ReadSubmission = (node: IExecuteFunctions, i: number) => Promise<OwnParts>;

export type Execute = (this: IExecuteFunctions) => Promise<INodeExecutionData[][]>;

type Reading = { item: WantedJob | KnownItem } | { error: Error };

function createTools(node: IExecuteFunctions, settings: Settings): RunTools {
	const { $runIndex } = node.getWorkflowDataProxy(0);
	return {
		client: createClient(createSend(node, settings)),
		states: createItemStates(node.getContext('node'), Number($runIndex)),
		claims: new Claims(),
		clock,
		signal: node.getExecutionCancelSignal(),
	};
}

async function readItem(
	node: IExecuteFunctions,
	i: number,
	settings: Settings,
	read: ReadSubmission,
	states: ItemStates,
): Promise<Reading> {
	const saved = states.get(i);
	if (saved?.jobid) return { item: { item: i, jobid: saved.jobid, replyRef: saved.replyRef } };
	try {
		const own = await read(node, i);
		return { item: wantedJob(node, i, settings, own, saved?.replyRef) };
	} catch (error) {
		return { error: error instanceof Error ? error : new Error(String(error)) };
	}
}

function endsOf(readings: Reading[], results: ItemResult[]): ItemEnd[] {
	const remaining = [...results];
	return readings.map((reading) =>
		'error' in reading ? { kind: 'unread', error: reading.error } : remaining.shift()!,
	);
}

/**
 * Makes the `execute` of an operation that ends in jobs: reads and checks every item before anything is sent,
 * obtains each item's one job, and gives the items back in input order.
 */
export function onJobs(read: ReadSubmission): Execute {
	return async function execute(this: IExecuteFunctions) {
		const settings = readSettings(await this.getCredentials('useApiPikaApi'));
		const fault = settingsFault(settings);
		if (fault) {
			throw new NodeOperationError(this.getNode(), fault, {
				description: 'Correct the credential "useapi.net Pika API" that this node uses.',
			});
		}
		const tools = createTools(this, settings);
		const readings: Reading[] = [];
		for (let i = 0; i < this.getInputData().length; i++) {
			readings.push(await readItem(this, i, settings, read, tools.states));
		}
		const unread = readings.find((reading) => 'error' in reading);
		if (unread && !this.continueOnFail()) {
			throw new NodeOperationError(this.getNode(), unread.error);
		}
		const items = readings.flatMap((reading) => ('item' in reading ? [reading.item] : []));
		return [toOutput(this, endsOf(readings, await obtainJobs(items, tools)))];
	};
}
