import {
	Node,
	NodeConnectionTypes,
	type IExecuteFunctions,
	type INodeExecutionData,
	type INodeTypeDescription,
} from 'n8n-workflow';

/** What one run of a collecting node was given. */
export interface Received {
	node: string;
	items: INodeExecutionData[];
	/** What the expression `$input.all()` gives there. */
	inputAll: unknown;
}

/** Passes its items on and remembers what it was given, by every node of this type. */
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
