import { type IExecuteFunctions, type INodeExecutionData, NodeOperationError } from 'n8n-workflow';

import * as account from './account';
import * as job from './job';
import { isTool } from './completion';
import type { Execute } from './jobOperation';
import type { Operations } from './operationTable';
import * as video from './video';

const resources: Record<string, Operations> = {
	account: account.operations,
	job: job.operations,
	video: video.operations,
};

export const description = [...account.description, ...job.description, ...video.description];

/** n8n 2.41 gives an agent an empty text if its tool throws. The message is returned as the result, so that the agent can act on it. */
async function asToolResult(
	node: IExecuteFunctions,
	run: Execute,
): Promise<INodeExecutionData[][]> {
	try {
		return await run.call(node);
	} catch (error) {
		const { message, description } = error as NodeOperationError;
		return [[{ json: { error: message, description }, pairedItem: { item: 0 } }]];
	}
}

/** Runs the selected operation. Resource and operation are the same for all items. */
export async function execute(this: IExecuteFunctions): Promise<INodeExecutionData[][]> {
	const resource = this.getNodeParameter('resource', 0) as string;
	const operation = this.getNodeParameter('operation', 0) as string;
	const operations = Object.hasOwn(resources, resource) ? resources[resource] : undefined;
	const chosen =
		operations && Object.hasOwn(operations, operation) ? operations[operation] : undefined;
	if (!chosen) {
		throw new NodeOperationError(
			this.getNode(),
			`The operation ${resource}: ${operation} is not known`,
			{
				description: 'Choose a resource and an operation again, or update the package.',
			},
		);
	}
	return isTool(this) ? await asToolResult(this, chosen.execute) : await chosen.execute.call(this);
}
