import type { INodeProperties, INodePropertyOptions } from 'n8n-workflow';

import { readImage } from '../image';
import { jobOperation } from '../jobOperation';
import { readPrompt } from '../parameters';
import { completionFields, promptField, referenceImageField } from '../sharedFields';
import { submissionOptions } from '../submissionOptions';

export const option: INodePropertyOptions = {
	name: 'Create',
	value: 'create',
	action: 'Create video',
	description: 'Create a video from a prompt and, optionally, a reference image',
};

export const fields: INodeProperties[] = [
	promptField,
	referenceImageField,
	...completionFields,
	submissionOptions,
];

export const execute = jobOperation(async (node, i) => ({
	endpoint: 'create',
	fields: { prompt: readPrompt(node, i) },
	files: { image: await readImage(node, i, referenceImageField) },
}));
