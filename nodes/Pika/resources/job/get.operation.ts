import type { INodeProperties, INodePropertyOptions } from 'n8n-workflow';

import { onJobs } from '../onJobs';
import { readJobid } from '../parameters';
import { knownJobCompletionFields } from '../sharedFields';

export const option: INodePropertyOptions = {
	name: 'Get',
	value: 'get',
	action: 'Get job',
	description: 'Read a job, or wait until it has ended',
};

const jobidField: INodeProperties = {
	displayName: 'Job ID',
	name: 'jobid',
	type: 'string',
	required: true,
	default: '',
	placeholder: 'e.g. {{ $json.jobid }}',
	description: 'The jobid that useapi.net gave when the job was submitted',
};

export const fields: INodeProperties[] = [jobidField, ...knownJobCompletionFields];

export const execute = onJobs(async (node, i) => ({ jobid: readJobid(node, i) }));
