import type { INodeProperties, INodePropertyOptions } from 'n8n-workflow';

import type { Client } from '../../api/client';
import { type ItemOutcome, perItem } from '../perItem';
import { flagIn } from '../values';

export const option: INodePropertyOptions = {
	name: 'Get Many',
	value: 'getMany',
	action: 'Get many running jobs',
	description: 'List the jobs that are running now, on all channels',
};

export const fields: INodeProperties[] = [
	{
		displayName: 'Read Each Job',
		name: 'readEach',
		type: 'boolean',
		default: false,
		description:
			'Whether to read every job in full, with one request each, instead of its ID alone',
	},
];

export const execute = perItem(async (node, i, { client }) => {
	const readEach = node.getNodeParameter('readEach', i, false);
	const isReadingEach = flagIn(node, i, 'Read Each Job', readEach);
	const running = await client.getRunning();
	if (running.kind !== 'found') return running;
	if (isReadingEach) return await readAll(client, running.jobids);
	return { kind: 'items', items: running.jobids.map((jobid) => ({ jobid })) };
});

async function readAll(client: Client, jobids: string[]): Promise<ItemOutcome> {
	const items = [];
	for (const jobid of jobids) {
		const read = await client.getJob(jobid);
		if (read.kind !== 'found') return read;
		items.push(read.job);
	}
	return { kind: 'items', items };
}
