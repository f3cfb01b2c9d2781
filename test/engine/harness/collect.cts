import {
	Node,
	NodeConnectionTypes,
	type IExecuteFunctions,
	type INodeExecutionData,
	type INodeTypeDescription,
} from 'n8n-workflow';

/** The input of one run of a collecting node. */
export interface Received {
	node: string;
	items: INodeExecutionData[];
	/** The result of the expression `$input.all()`. */
	inputAll: unknown;
}

/** Passes its items on and records the input of every node of this type. */
export class Collect extends Node {
	readonly description: INodeTypeDescription = {
		displayName: 'Collect',
		name: 'collect',
		group: ['transform'],
		version: 1,
		description: 'Remembers what a node receives',
		defaults: { name: 'Collect' },
		inputs: [NodeConnectionTypes.Main],
		outputs: [NodeConnectionTypes.Main],
		properties: [],
	};

	readonly received: Received[] = [];

	override async execute(context: IExecuteFunctions): Promise<INodeExecutionData[][]> {
		const items = context.getInputData();
		this.received.push({
			node: context.getNode().name,
			items: structuredClone(items),
			inputAll: structuredClone(context.evaluateExpression('{{ $input.all() }}', 0)),
		});
		return await Promise.resolve([[...items]]);
	}
}
