import type { INodeProperties, INodePropertyOptions } from 'n8n-workflow';
import { jobLocator } from '../locators';
import { readJobid } from '../parameters';
import { perItem } from '../perItem';
import { parseJob } from '../../api/job';

export const option: INodePropertyOptions = {
	name: 'Cancel',
	value: 'cancel',
	action: 'Cancel job',
	description: 'Cancel a job that is running',
};

export const fields: INodeProperties[] = [jobLocator];

export const execute = perItem('cancel', async (node, i, { client }) => {
	const jobid = readJobid(node, i);
	const outcome = await client.cancel(jobid);
	if (outcome.kind !== 'found') return outcome;
	return { kind: 'items', items: [{ ...parseJob(outcome.body), jobid }] };
});
