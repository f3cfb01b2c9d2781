import {
	NodeConnectionTypes,
	type INodeType,
	type INodeTypeDescription,
	type NodeConnectionType,
} from 'n8n-workflow';

/** A node type for one test: its function, and the differences of its description from a minimal one. */
export function nodeType(
	behaviour: Pick<INodeType, 'execute' | 'webhook'>,
	description: Partial<INodeTypeDescription> = {},
): INodeType {
	const main: NodeConnectionType[] = [NodeConnectionTypes.Main];
	return {
		...behaviour,
		description: {
			displayName: 'Toy',
			name: 'toy',
			group: ['transform'],
			version: 2,
			description: 'A node of one test',
			defaults: { name: 'Toy' },
			inputs: main,
			outputs: main,
			properties: [],
			...description,
		},
	};
}
