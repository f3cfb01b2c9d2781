import type { IDataObject, INodeExecutionData } from 'n8n-workflow';

import { readStamp, type Stamp } from '../../../sandbox/stamp.cts';
import type { WorkflowRun } from '../harness/run.cts';
import { type Order, type Sequence, isAgent, ordersOf } from './sequence.cts';

/** What became of one item, as the workflow sees it. */
export interface Ending {
	order: Order;
	jobid?: string;
	status?: string;
	error?: string;
	replyRef?: string;
	timedOut?: boolean;
	/** The video that it has, or to which it has the link; what it says of itself. */
	video?: { stamp: Stamp | undefined };
}

/** What the items of one run of a node became, by its output. */
export interface Outputs {
	node: string;
	/** The orders of the items that the node was given. */
	orders: Order[];
	items: INodeExecutionData[][];
}

/** Every run of a Pika node that came to an end and gave items. */
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

/** The agent's answers as if they were items of the tool. */
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
		// A job that has failed has a text of that name too.
		error: item.json.details === undefined && jobid !== undefined ? undefined : text(error),
		replyRef: text(replyRef),
		timedOut: timedOut === true,
		video: await videoOf(item, run),
	};
}

async function videoOf(item: INodeExecutionData, run: WorkflowRun): Promise<Ending['video']> {
	if (item.binary?.video) return { stamp: readStamp(await run.binary(item, 'video')) };
	// An agent gets the link, and so does who does not download.
	const [{ url } = { url: undefined }] = (item.json.attachments ?? []) as { url?: string }[];
	if (url === undefined) return undefined;
	const response = await fetch(url);
	return { stamp: readStamp(Buffer.from(await response.arrayBuffer())) };
}

/** Every text in which an execution tells what went wrong. */
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
