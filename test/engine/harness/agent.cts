import './environment.cts';

import { WebhookContext } from 'n8n-core';
import {
	createRunExecutionData,
	Node,
	NodeConnectionTypes,
	type EngineRequest,
	type EngineResponse,
	type IConnections,
	type IDataObject,
	type IExecuteFunctions,
	type INodeExecutionData,
	type INodeType,
	type INodeTypeDescription,
} from 'n8n-workflow';

import { additionalDataFor } from './additional-data.cts';
import { ensureBinaryStore } from './binary-store.cts';
import { ensureDeduplicator } from './deduplicator.cts';
import type { RunOptions } from './run.cts';
import { RecordedResponse, requestObject } from './webhook-http.cts';
import { engineWorkflow, workflowFrom } from './workflow.cts';

/** The part of LangChain's tool that an agent uses: n8n-core creates one for each connected node. */
interface Tool {
	invoke(toolArguments: IDataObject, options?: { signal?: AbortSignal }): Promise<unknown>;
}

/** The arguments of the agent's one call, as the model would choose them. */
interface Call {
	arguments: IDataObject;
}

const AGENT_INPUTS: INodeTypeDescription['inputs'] = [
	NodeConnectionTypes.Main,
	{ type: NodeConnectionTypes.AiTool, displayName: 'Tool' },
];

function descriptionOf(name: string, displayName: string): INodeTypeDescription {
	return {
		displayName,
		name,
		group: ['transform'],
		version: 1,
		description: 'Calls its tool once for each item',
		defaults: { name: displayName },
		inputs: AGENT_INPUTS,
		outputs: [NodeConnectionTypes.Main],
		properties: [],
	};
}

// Only this file's agents get these items, and tests write them.
const callOf = ({ json }: INodeExecutionData) => json as unknown as Call;

/**
 * Calls its tool as n8n's AI Agent node does up to version 2 with a batch as large as its input: each item gets tools
 * of its own at the beginning, and n8n-core therefore gives their first calls the same run index.
 */
export class BatchingAgent extends Node {
	readonly description = descriptionOf('batchingAgent', 'Batching Agent');

	/** In a real agent the model decides when a tool is called. */
	constructor(private readonly order: 'together' | 'one after the other' = 'together') {
		super();
	}

	override async execute(context: IExecuteFunctions): Promise<INodeExecutionData[][]> {
		const items = context.getInputData();
		const tools = await Promise.all(items.map(async () => await toolOf(context)));
		const signal = context.getExecutionCancelSignal();
		const answers: unknown[] = [];
		let last: Promise<unknown> = Promise.resolve();
		for (const [i, item] of items.entries()) {
			if (this.order === 'one after the other') await last;
			last = tools[i]?.invoke(callOf(item).arguments, { signal }) ?? last;
			answers.push(last);
		}
		return [(await Promise.all(answers)).map((answer, item) => asItem(answer, item))];
	}
}

/** Makes the engine run the tool, as n8n's AI Agent node does from version 3 on: each call is a run of the tool's node. */
export class RequestingAgent extends Node {
	readonly description = descriptionOf('requestingAgent', 'Requesting Agent');

	override async execute(
		context: IExecuteFunctions,
		response?: EngineResponse,
	): Promise<INodeExecutionData[][] | EngineRequest> {
		if (response !== undefined && response.actionResponses.length > 0) {
			const answers = response.actionResponses.map(
				({ data }) => data.data?.ai_tool?.[0]?.[0]?.json,
			);
			return [answers.map((answer, item) => asItem(answer, item))];
		}
		const [tool] = context.getParentNodes(context.getNode().name, {
			connectionType: NodeConnectionTypes.AiTool,
			depth: 1,
		});
		return await Promise.resolve({
			actions: context.getInputData().map((item, itemIndex) => ({
				actionType: 'ExecutionNodeAction' as const,
				nodeName: tool?.name ?? '',
				input: callOf(item).arguments,
				type: NodeConnectionTypes.AiTool,
				id: `call_${itemIndex}`,
				metadata: { itemIndex },
			})),
			metadata: {},
		});
	}
}

async function toolOf(context: {
	getInputConnectionData: IExecuteFunctions['getInputConnectionData'];
}): Promise<Tool> {
	const tools = await context.getInputConnectionData(NodeConnectionTypes.AiTool, 0);
	// n8n types a connection's data as unknown; n8n-core turns nodes used as tools into LangChain tools.
	const [tool] = tools as Tool[];
	if (tool === undefined) throw new Error('The agent has no tool');
	return tool;
}

/** A tool answers with JSON in a text, a run of the engine with the item's own JSON. */
function asItem(answer: unknown, item: number): INodeExecutionData {
	const parsed = (typeof answer === 'string' ? JSON.parse(answer) : answer) as unknown;
	return { json: { answer: parsed as IDataObject }, pairedItem: { item } };
}

/** The variant of a node that agents can call, as n8n's registry derives it from a node that is usable as a tool. */
export function asTool(nodeType: INodeType): INodeType {
	const { usableAsTool, ...description } = nodeType.description;
	if (usableAsTool === undefined) throw new Error(`${description.name} is not usable as a tool`);
	const toolDescription: INodeTypeDescription = {
		...description,
		name: `${description.name}Tool`,
		displayName: `${description.displayName} Tool`,
		inputs: [],
		outputs: [NodeConnectionTypes.AiTool],
		properties: [
			{
				displayName: 'Description',
				name: 'toolDescription',
				type: 'string',
				default: description.description,
			},
			...description.properties,
		],
	};
	return Object.create(nodeType, { description: { value: toolDescription } }) as INodeType;
}

/** Source → agent → Collect, with the tool connected to the agent. */
export function agentConnections(agent: string, tool: string): IConnections {
	const to = (node: string, type: 'main' | 'ai_tool') => ({ [type]: [[{ node, type, index: 0 }]] });
	return {
		Source: to(agent, NodeConnectionTypes.Main),
		[agent]: to('Collect', NodeConnectionTypes.Main),
		[tool]: to(agent, NodeConnectionTypes.AiTool),
	};
}

/**
 * Calls a tool as n8n's MCP Server Trigger does, several times at once: from a `webhook()` and so without an execution,
 * with tools that are connected again for each call.
 */
export async function callToolsOfMcpServer(
	options: RunOptions,
	trigger: string,
	calls: readonly IDataObject[],
): Promise<unknown[]> {
	await ensureBinaryStore();
	await ensureDeduplicator();
	const stored = workflowFrom(options, Object.keys(options.credentials ?? {}));
	const answers = calls.map(async (toolArguments) => {
		const workflow = engineWorkflow(stored, options.nodeTypes);
		const node = workflow.getNode(trigger);
		if (node === null) throw new Error(`The workflow has no node ${trigger}`);
		const webhookDescription = { name: 'default', httpMethod: 'POST', path: '' } as const;
		const mode = 'webhook';
		const additionalData = additionalDataFor(options, stored, { id: '', mode, resumed: false });
		Object.assign(additionalData, {
			executionId: undefined,
			httpRequest: requestObject({}, new URL('http://127.0.0.1:1/mcp')),
			httpResponse: new RecordedResponse(),
		});
		const webhook = {
			httpMethod: 'POST',
			node: node.name,
			path: '',
			webhookDescription,
			workflowId: workflow.id,
			workflowExecuteAdditionalData: additionalData,
		} as const;
		const data = createRunExecutionData({
			executionData: { nodeExecutionStack: [{ node, data: { main: [] }, source: null }] },
		});
		const context = new WebhookContext(workflow, node, additionalData, mode, webhook, [], data);
		const tool = await toolOf(context);
		return asItem(await tool.invoke(toolArguments), 0).json.answer;
	});
	return await Promise.all(answers);
}
