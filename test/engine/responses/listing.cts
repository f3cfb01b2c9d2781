import { additionalDataFor } from '../harness/additional-data.cts';

import { LoadOptionsContext } from 'n8n-core';
import type { INodeListSearchResult } from 'n8n-workflow';

import { Pika } from '../../../nodes/Pika/Pika.node';
import { engineWorkflow, workflowFrom } from '../harness/workflow.cts';
import { pikaWorkflow } from '../pika.cts';
import { API_TOKEN } from './failing.cts';

/** The list that the editor gets from the node. */
export async function listFrom(
	baseUrl: string,
	name: keyof Pika['methods']['listSearch'],
	filter?: string,
): Promise<INodeListSearchResult> {
	const options = pikaWorkflow({ sandbox: { apiToken: API_TOKEN, baseUrl } });
	const stored = workflowFrom(options, ['useApiPikaApi']);
	const workflow = engineWorkflow(stored, options.nodeTypes);
	const node = workflow.getNode('Pika');
	if (!node) throw new Error('The workflow has no Pika node');
	const execution = { id: 'none', mode: 'internal', resumed: false } as const;
	const additionalData = additionalDataFor(options, stored, execution);
	const context = new LoadOptionsContext(workflow, node, additionalData, 'parameters.list');
	return await new Pika().methods.listSearch[name].call(context, filter);
}
