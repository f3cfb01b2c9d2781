import type { IDataObject, INode } from 'n8n-workflow';

import { Pika } from '../../../nodes/Pika/Pika.node';
import { SANDBOX_CHANNEL, type Sandbox } from '../../../sandbox/sandbox.cts';
import { BatchingAgent, RequestingAgent, agentConnections, asTool } from '../harness/agent.cts';
import { Loop } from '../harness/loop.cts';
import type { RunOptions } from '../harness/run.cts';
import { Source, type SourceItem } from '../harness/source.cts';
import { watched } from '../harness/watched.cts';
import type { Link, WorkflowNode } from '../harness/workflow.cts';
import { imageItem, pikaWorkflow } from '../pika.cts';
import { type Sequence, isAgent, ordersOf } from './sequence.cts';

const TOOL = 'n8n-nodes-useapi-pika.pikaTool';

/** A minute takes 60 milliseconds with the fast clock. */
export const WAIT_LIMIT_MINUTES = 2;
export const RETRY_FOR_MINUTES = 2;

/** The workflow in which a sequence is played. */
export function workflowOf(sequence: Sequence, sandbox: Sandbox, publicUrl: string): RunOptions {
	const base = pikaWorkflow({
		sandbox,
		publicUrl,
		items: itemsOf(sequence),
		parameters: { ...parametersOf(sequence), ...(isAgent(sequence) && TOOL_PARAMETERS) },
		node: settingsOf(sequence),
	});
	switch (sequence.shape) {
		case 'one node':
			return base;
		case 'a loop':
			return inLoop(base);
		case 'two nodes':
			return withSecond(base);
		case 'an agent that calls in a batch':
		case 'an agent of the engine':
			return ofAgent(base, sequence);
	}
}

/** The items, with the inputs that both nodes use. */
function itemsOf(sequence: Sequence): SourceItem[] {
	const orders = ordersOf(sequence);
	return orders.slice(0, sequence.items).map(({ prompt, replyRef, image }, i) => {
		const second = orders[sequence.items + i];
		const json = { ref: replyRef, prompt, second: second?.prompt };
		const content = { content: second?.image ?? image, fileName: 'message.png' };
		return { json, binary: { ...imageItem({}, image).binary, second: content } };
	});
}

function parametersOf(sequence: Sequence): IDataObject {
	const { completion, room, maxJobs, cancelOnStop, onUnsuccessful, reference } = sequence;
	const isAsked = !room.startsWith('as the account') && !room.startsWith('as an account');
	return {
		completion,
		download: true,
		onUnsuccessful,
		prompt: '={{ $json.prompt }}',
		waitLimit: WAIT_LIMIT_MINUTES,
		options: {
			retryFor: RETRY_FOR_MINUTES,
			...(isAsked && { maxJobs }),
			...(room === 'as an account says that cannot be read' && { channel: SANDBOX_CHANNEL }),
			...(cancelOnStop && { cancelOnStop }),
			...(reference !== 'of the node' && { replyRef: '={{ $json.ref }}' }),
		},
	};
}

function settingsOf({ onError, retryOnFail }: Sequence): Partial<INode> {
	return { onError, ...(retryOnFail && { retryOnFail, maxTries: 3, waitBetweenTries: 1 }) };
}

function nodeOf({ nodes }: RunOptions, name: string): WorkflowNode {
	const node = nodes.find((each) => each.name === name);
	if (!node) throw new Error(`The workflow has no node ${name}`);
	return node;
}

function inLoop(base: RunOptions): RunOptions {
	return {
		...base,
		nodes: [
			nodeOf(base, 'Source'),
			{ name: 'Loop', type: 'test.loop' },
			nodeOf(base, 'Pika'),
			nodeOf(base, 'Collect'),
		],
		connections: [
			['Source', 'Loop'],
			['Loop', 'Collect', 0],
			['Loop', 'Pika', 1],
			['Pika', 'Loop', 0],
			['Pika', 'Loop', 1],
		],
		nodeTypes: { ...base.nodeTypes, 'test.loop': new Loop() },
	};
}

/** Both get the items of the source, one after the other. */
function withSecond(base: RunOptions): RunOptions {
	const second = { ...structuredClone(nodeOf(base, 'Pika')), name: 'Second' };
	Object.assign(second.parameters ?? {}, { message: 'second', prompt: '={{ $json.second }}' });
	const links = base.connections as readonly Link[];
	return {
		...base,
		nodes: [...base.nodes, second],
		connections: [
			...links,
			['Source', 'Second'],
			...links.filter(([from]) => from === 'Pika').map(([, ...to]): Link => ['Second', ...to]),
		],
	};
}

/** The tool has no input items, so it takes its image from the start of the workflow. */
const TOOL_PARAMETERS = {
	prompt: "={{ $fromAI('prompt', '', 'string') }}",
	message: "={{ $('Files').all()[$fromAI('index', '', 'number')].binary.data }}",
};

function ofAgent(base: RunOptions, sequence: Sequence): RunOptions {
	const orders = ordersOf(sequence);
	const calls = orders.map(({ prompt, replyRef, item }) => ({
		json: { arguments: { prompt, ref: replyRef, index: item } },
	}));
	const tool = structuredClone(nodeOf(base, 'Pika'));
	const options = tool.parameters?.options as IDataObject;
	if (options.replyRef !== undefined) options.replyRef = "={{ $fromAI('ref', '', 'string') }}";
	const isBatch = sequence.shape === 'an agent that calls in a batch';
	const agent = isBatch ? new BatchingAgent() : new RequestingAgent();
	return {
		...base,
		nodes: [
			{ ...nodeOf(base, 'Source'), name: 'Files' },
			{ name: 'Source', type: 'test.calls' },
			{ name: 'Agent', type: 'test.agent' },
			{ ...tool, type: TOOL },
			nodeOf(base, 'Collect'),
		],
		connections: {
			Files: { main: [[{ node: 'Source', type: 'main', index: 0 }]] },
			...agentConnections('Agent', 'Pika'),
		},
		nodeTypes: {
			...base.nodeTypes,
			'test.calls': new Source(calls),
			'test.agent': agent,
			[TOOL]: asTool(watched(new Pika())),
		},
	};
}
