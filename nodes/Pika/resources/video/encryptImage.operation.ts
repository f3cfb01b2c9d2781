import type { INodeProperties, INodePropertyOptions } from 'n8n-workflow';

import { readImage, readRequiredImage } from '../image';
import { jobOperation } from '../jobOperation';
import { readPrompt } from '../parameters';
import {
	completionFields,
	promptField,
	referenceImageField,
	submissionOptions,
} from '../sharedFields';

export const option: INodePropertyOptions = {
	name: 'Encrypt Image',
	value: 'encryptImage',
	action: 'Encrypt image',
	description: 'Hide a message image inside a generated video',
};

const messageField: INodeProperties = {
	displayName: 'Message Image',
	name: 'message',
	type: 'string',
	required: true,
	default: 'data',
	placeholder: 'e.g. data',
	hint: 'The name of the input binary field, or an expression that returns a file of an earlier node',
	description: 'Image to hide in the video: PNG, JPEG, WebP or GIF',
};

export const fields: INodeProperties[] = [
	messageField,
	promptField,
	referenceImageField,
	...completionFields,
	submissionOptions,
];

export const execute = jobOperation(async (node, i) => ({
	endpoint: 'encrypt_image',
	fields: { prompt: readPrompt(node, i) },
	files: {
		message: await readRequiredImage(node, i, messageField),
		image: await readImage(node, i, referenceImageField),
	},
}));
