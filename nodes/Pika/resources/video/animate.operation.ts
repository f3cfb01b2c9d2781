import type { INodeProperties, INodePropertyOptions } from 'n8n-workflow';

import { readRequiredImage } from '../image';
import { jobOperation } from '../jobOperation';
import { readOptionalPrompt } from '../parameters';
import { completionFields, optionalPromptField, requiredImageField } from '../sharedFields';
import { submissionOptions } from '../submissionOptions';

export const option: INodePropertyOptions = {
	name: 'Animate',
	value: 'animate',
	action: 'Animate image',
	description: 'Create a video that animates an image',
};

const imageField = requiredImageField({
	displayName: 'Image',
	name: 'image',
	description: 'Image to animate: PNG, JPEG, WebP or GIF',
});

export const fields: INodeProperties[] = [
	imageField,
	optionalPromptField,
	...completionFields,
	submissionOptions,
];

export const execute = jobOperation(async (node, i) => ({
	endpoint: 'animate',
	fields: { prompt: readOptionalPrompt(node, i) },
	files: { image: await readRequiredImage(node, i, imageField) },
}));
