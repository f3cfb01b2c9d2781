import type { INodeProperties, INodePropertyOptions } from 'n8n-workflow';

import { readImage } from '../image';
import { jobOperation } from '../jobOperation';
import { readChoice, readPrompt, readRequiredText } from '../parameters';
import {
	completionFields,
	promptField,
	referenceImageField,
	requiredTextField,
} from '../sharedFields';
import { submissionOptions } from '../submissionOptions';

export const option: INodePropertyOptions = {
	name: 'Encrypt Text',
	value: 'encryptText',
	action: 'Hide text in a video',
	description: 'Hide a short text inside a generated video',
};

const MAX_LENGTH = 20;

const messageField = requiredTextField({
	displayName: 'Message',
	name: 'message',
	placeholder: 'e.g. HELLO',
	hint: `At most ${MAX_LENGTH} characters`,
	description: 'Text to hide in the video',
});

const fontField: INodeProperties = {
	displayName: 'Font',
	name: 'font',
	type: 'options',
	options: [
		{ name: 'Bauhaus', value: 'BAUHAUS' },
		{ name: 'Comics', value: 'COMICS' },
		{ name: 'Default', value: '' },
		{ name: 'Modern', value: 'MODERN' },
		{ name: 'Retro', value: 'RETRO' },
		{ name: 'Sans Serif', value: 'SANS SERIF' },
	],
	default: '',
	description: 'Font of the hidden text',
};

export const fields: INodeProperties[] = [
	messageField,
	fontField,
	promptField,
	referenceImageField,
	...completionFields,
	submissionOptions,
];

export const execute = jobOperation(async (node, i) => ({
	endpoint: 'encrypt_text',
	fields: {
		message: readRequiredText(node, i, messageField, MAX_LENGTH),
		prompt: readPrompt(node, i),
		font: readChoice(node, i, fontField),
	},
	files: { image: await readImage(node, i, referenceImageField) },
}));
