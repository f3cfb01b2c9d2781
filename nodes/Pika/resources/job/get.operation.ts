import type { INodeProperties, INodePropertyOptions } from 'n8n-workflow';

import { jobLocator } from '../locators';
import { jobOperation } from '../jobOperation';
import { readJobid } from '../parameters';
import { knownJobCompletionFields } from '../sharedFields';

export const option: INodePropertyOptions = {
	name: 'Get',
	value: 'get',
	action: 'Get job',
	description: 'Read a job, or wait until it has ended',
};

export const fields: INodeProperties[] = [jobLocator, ...knownJobCompletionFields];

export const execute = jobOperation(async (node, i) => ({ jobid: readJobid(node, i) }));
