import {
	Node,
	NodeConnectionTypes,
	type IExecuteFunctions,
	type INodeExecutionData,
	type INodeTypeDescription,
} from 'n8n-workflow';

/** Passes its items one at a time to its second output, and all returned ones to its first, as "Loop Over Items" does. */
export class Loop extends Node {
	readonly description: INodeTypeDescription = {
		displayName: 'Loop',
		name: 'loop',
		group: ['organization'],
		version: 1,
		description: 'Loops over items',
		defaults: { name: 'Loop' },
		inputs: [NodeConnectionTypes.Main],
		outputs: [NodeConnectionTypes.Main, NodeConnectionTypes.Main],
		outputNames: ['done', 'loop'],
		properties: [],
	};

	override async execute(context: IExecuteFunctions): Promise<INodeExecutionData[][]> {
		const state = context.getContext('node');
		const items = context.getInputData();
		// Contexts hold plain data of any shape; this node alone writes into its own.
		const left = (state.left as INodeExecutionData[] | undefined) ?? [...items];
		const done = (state.done as INodeExecutionData[] | undefined) ?? [];
		if (state.left !== undefined) done.push(...items);
		const next = left.shift();
		Object.assign(state, { left, done });
		return await Promise.resolve(next === undefined ? [done, []] : [[], [next]]);
	}
}
