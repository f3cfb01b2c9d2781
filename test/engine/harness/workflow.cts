import { randomUUID } from 'node:crypto';

import { UnrecognizedNodeTypeError } from 'n8n-core';
import {
	mapConnectionsByDestination,
	Node,
	NodeConnectionTypes,
	NodeHelpers,
	Workflow,
	type IConnections,
	type INode,
	type INodeType,
	type INodeTypes,
	type IVersionedNodeType,
	type IWorkflowBase,
	type IWorkflowSettings,
} from 'n8n-workflow';

export type NodeTypesByName = Record<string, INodeType | IVersionedNodeType | Node>;

/** A node of exported workflow JSON, in which only name and type are required. */
export type WorkflowNode = Pick<INode, 'name' | 'type'> & Partial<INode>;

/** From one node to another; output and input are the first ones by default. */
export type Link = readonly [from: string, to: string, output?: number, input?: number];

export interface WorkflowOptions {
	nodes: readonly WorkflowNode[];
	connections?: IConnections | readonly Link[];
	nodeTypes: NodeTypesByName;
	settings?: IWorkflowSettings;
	workflowId?: string;
}

/** The stored workflow, as n8n's database would hold it. */
export function workflowFrom(options: WorkflowOptions, credentialTypes: string[]): IWorkflowBase {
	const { nodes, connections = [], nodeTypes, settings, workflowId } = options;
	const savedAt = new Date();
	return {
		id: workflowId ?? 'harness-workflow',
		name: 'Harness workflow',
		active: false,
		activeVersionId: null,
		isArchived: false,
		createdAt: savedAt,
		updatedAt: savedAt,
		nodes: nodes.map((node, index) => completeNode(node, index, nodeTypes, credentialTypes)),
		connections: isLinks(connections) ? connectionsFrom(connections) : structuredClone(connections),
		// n8n's editor writes this into every new workflow.
		settings: { executionOrder: 'v1', ...settings },
		staticData: {},
	};
}

/** The engine's view of a stored workflow. */
export function engineWorkflow(stored: IWorkflowBase, nodeTypes: NodeTypesByName): Workflow {
	const { id, name, nodes, connections, active, staticData, settings } = stored;
	return new Workflow({
		id,
		name,
		nodes,
		connections,
		active,
		staticData,
		settings,
		nodeTypes: registryOf(nodeTypes),
	});
}

/** The node at which a run begins: the named one, or the first without an incoming connection. */
export function startNodeOf(workflow: Workflow, name?: string): INode {
	const destinations = mapConnectionsByDestination(workflow.connectionsBySourceNode);
	const start = name ?? Object.keys(workflow.nodes).find((node) => !(node in destinations));
	const node = start === undefined ? null : workflow.getNode(start);
	if (node === null) throw new Error(`The workflow has no start node ${start ?? ''}`);
	return node;
}

function completeNode(
	node: WorkflowNode,
	index: number,
	nodeTypes: NodeTypesByName,
	credentialTypes: string[],
): INode {
	const { description } = typeOf(nodeTypes, node.type, node.typeVersion);
	const wanted = (description.credentials ?? []).filter(({ name }) =>
		credentialTypes.includes(name),
	);
	const { version } = description;
	return structuredClone({
		id: randomUUID(),
		typeVersion: Array.isArray(version) ? Math.max(...version) : version,
		position: [index * 200, 0],
		parameters: {},
		...(wanted.length > 0 && {
			credentials: Object.fromEntries(wanted.map(({ name }) => [name, { id: name, name }])),
		}),
		...node,
	});
}

function isLinks(connections: IConnections | readonly Link[]): connections is readonly Link[] {
	return Array.isArray(connections);
}

function connectionsFrom(links: readonly Link[]): IConnections {
	const connections: IConnections = {};
	for (const [from, to, output = 0, index = 0] of links) {
		const { main } = (connections[from] ??= { main: [] });
		const outputs = (connections[from].main = main ?? []);
		while (outputs.length <= output) outputs.push([]);
		outputs[output]?.push({ node: to, type: NodeConnectionTypes.Main, index });
	}
	return connections;
}

function registryOf(nodeTypes: NodeTypesByName): INodeTypes {
	return {
		getByName: (name) => find(nodeTypes, name),
		getByNameAndVersion: (name, version) => typeOf(nodeTypes, name, version),
		getKnownTypes: () => ({}),
	};
}

function typeOf(nodeTypes: NodeTypesByName, name: string, version?: number): INodeType {
	return NodeHelpers.getVersionedNodeType(find(nodeTypes, name), version);
}

function find(nodeTypes: NodeTypesByName, name: string): INodeType | IVersionedNodeType {
	const nodeType = nodeTypes[name];
	if (nodeType === undefined) throw new UnrecognizedNodeTypeError(...splitName(name));
	// n8n types a node of the `Node` class as INodeType too, and distinguishes them when it runs one.
	return nodeType as INodeType | IVersionedNodeType;
}

function splitName(fullName: string): [packageName: string, name: string] {
	const [packageName = '', name = ''] = fullName.split('.');
	return [packageName, name];
}
