import type { IDataObject, INodeExecutionData } from 'n8n-workflow';

import { readStamp, type Stamp } from '../../../sandbox/stamp.cts';
import type { WorkflowRun } from '../harness/run.cts';
import { type Order, type Sequence, isAgent, ordersOf } from './sequence.cts';

/** The result of one item, as the workflow sees it. */
export interface Ending {
	order: Order;
	jobid?: string;
	status?: string;
	error?: string;
	replyRef?: string;
	timedOut?: boolean;
	/** The inputs that its video, or the linked one, says it was made from. */
	video?: { stamp: Stamp | undefined };
}

/** The results of the items of one run of a node, by output. */
export interface Outputs {
	node: string;
	/** The orders of the node's input items. */
	orders: Order[];
	items: INodeExecutionData[][];
}

/** Every run of a Pika node that ended and returned items. */
export function outputsOf(sequence: Sequence, run: WorkflowRun): Outputs[] {
	const orders = ordersOf(sequence);
	if (isAgent(sequence)) return [{ node: 'Agent', orders, items: [answersOf(run)] }];
	const names = [...new Set(orders.map(({ node }) => node))];
	return names.flatMap((node) => {
		const own = orders.filter((order) => order.node === node);
		return run.runsOf(node).flatMap(({ error, executionStatus, source }, runIndex) => {
			if (error || executionStatus === 'waiting') return [];
			const round = source[0]?.previousNodeRun ?? 0;
			const given = sequence.shape === 'a loop' ? own.slice(round, round + 1) : own;
			const items = [0, 1].map((output) => run.output(node, output, runIndex));
			return items.flat().length > 0 ? [{ node, orders: given, items }] : [];
		});
	});
}

/** The agent's results as if they were items of the tool. */
function answersOf(run: WorkflowRun): INodeExecutionData[] {
	return run.output('Agent').map((item) => {
		const json = [item.json.answer].flat()[0] as IDataObject | undefined;
		return { ...item, json: json ?? {} };
	});
}

function itemOf({ pairedItem }: INodeExecutionData): number {
	return typeof pairedItem === 'object' && 'item' in pairedItem ? pairedItem.item : Number.NaN;
}

/** The items of an output, as the positions that they say they have. */
export function pairedItems(items: INodeExecutionData[]): number[] {
	return items.map(itemOf);
}

export async function endingsOf(outputs: Outputs[], run: WorkflowRun): Promise<Ending[]> {
	const all = outputs.flatMap(({ orders, items }) =>
		items.flat().flatMap((item) => {
			const order = orders[itemOf(item)];
			return order ? [endingOf(order, item, run)] : [];
		}),
	);
	return await Promise.all(all);
}

async function endingOf(order: Order, item: INodeExecutionData, run: WorkflowRun): Promise<Ending> {
	const { details = {}, ...json } = item.json as IDataObject & { details?: IDataObject };
	const { jobid, status, error, replyRef, timedOut } = { ...json, ...details };
	const text = (value: unknown) => (typeof value === 'string' ? value : undefined);
	return {
		order,
		jobid: text(jobid),
		status: text(status),
		// A failed job has a text of that name too.
		error: item.json.details === undefined && jobid !== undefined ? undefined : text(error),
		replyRef: text(replyRef),
		timedOut: timedOut === true,
		video: await videoOf(item, run),
	};
}

async function videoOf(item: INodeExecutionData, run: WorkflowRun): Promise<Ending['video']> {
	if (item.binary?.video) return { stamp: readStamp(await run.binary(item, 'video')) };
	// An agent, and a node without download, gets the link.
	const [{ url } = { url: undefined }] = (item.json.attachments ?? []) as { url?: string }[];
	if (url === undefined) return undefined;
	const response = await fetch(url);
	return { stamp: readStamp(Buffer.from(await response.arrayBuffer())) };
}

/** Every text in which an execution reports an error. */
export function errorTexts(run: WorkflowRun): string[] {
	const { error, runData } = run.run.data.resultData;
	const errors = [
		error,
		...Object.values(runData).flatMap((runs) => runs.map((each) => each.error)),
	];
	return errors.flatMap((each) =>
		each ? [`${each.message} ${(each as { description?: string | null }).description ?? ''}`] : [],
	);
}
