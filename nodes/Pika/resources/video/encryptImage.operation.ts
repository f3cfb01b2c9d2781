import type { INodeProperties, INodePropertyOptions } from 'n8n-workflow';

import { readImage, readRequiredImage } from '../image';
import { jobOperation } from '../jobOperation';
import { readPrompt } from '../parameters';
import {
	completionFields,
	promptField,
	referenceImageField,
	requiredImageField,
} from '../sharedFields';
import { submissionOptions } from '../submissionOptions';

export const option: INodePropertyOptions = {
	name: 'Encrypt Image',
	value: 'encryptImage',
	action: 'Hide an image in a video',
	description: 'Hide a message image inside a generated video',
};

const messageField = requiredImageField({
	displayName: 'Message Image',
	name: 'message',
	description: 'Image to hide in the video: PNG, JPEG, WebP or GIF',
});

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
