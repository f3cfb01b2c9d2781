import type { INodeProperties, INodePropertyOptions } from 'n8n-workflow';

import { completedJobLocator } from '../locators';
import { jobOperation } from '../jobOperation';
import { readJobid } from '../parameters';
import { completionFields } from '../sharedFields';
import { retryOptions } from '../submissionOptions';

export const option: INodePropertyOptions = {
	name: 'Retry',
	value: 'retry',
	action: 'Retry video',
	description: 'Create another version of the video of a completed job',
};

export const fields: INodeProperties[] = [completedJobLocator, ...completionFields, retryOptions];

// The only supported button is "retry". A channel must not be sent, because that of the parent is used (docs/api-contract.md, "Button").
export const execute = jobOperation(async (node, i) => ({
	endpoint: 'button',
	fields: { jobid: readJobid(node, i), button: 'retry' },
	files: {},
	isOnParentChannel: true,
}));
