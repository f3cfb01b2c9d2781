import fc from 'fast-check';
import type { IDataObject } from 'n8n-workflow';

import { SANDBOX_CHANNEL } from '../../../sandbox/sandbox.cts';
import { FONTS } from '../../../sandbox/contract.cts';
import { type GivenFile, type SentFile, files } from './files.cts';
import { type Given, choices, ids, maximumJobs, minutes, switches, texts } from './values.cts';

/** A value for every field, whether the operation has it or not. */
interface GivenItem {
	prompt: Given;
	optionalPrompt: Given;
	message: Given;
	font: Given;
	jobid: Given;
	replyRef: Given;
	replyUrl: Given;
	channel: Given;
	maxJobs: Given;
	retryFor: Given;
	cancelOnStop: Given;
	messageFile: GivenFile;
	imageFile: GivenFile;
}

type FieldName = Exclude<keyof GivenItem, 'messageFile' | 'imageFile'>;
type FileName = 'messageFile' | 'imageFile';

export interface Plan {
	operation: keyof typeof OPERATIONS;
	onError: 'stopWorkflow' | 'continueRegularOutput';
	/** How the image parameters name their files; none leaves out an optional one. */
	image: 'name' | 'expression' | 'none';
	isLocator: boolean;
	completion: Given;
	items: GivenItem[];
}

interface Operation {
	resource: string;
	operation: string;
	endpoint: string;
	/** Each with its label and its name in the API; without one it is only checked. */
	fields: Partial<Record<FieldName, [label: string, apiName?: string]>>;
	files: Partial<Record<FileName, [label: string, apiName: string, isRequired: boolean]>>;
	always?: Record<string, string>;
}

const RETRY_OPTIONS: Operation['fields'] = {
	replyRef: ['Reply Reference', 'replyRef'],
	replyUrl: ['Reply URL', 'replyUrl'],
	maxJobs: ['Maximum Jobs', 'maxJobs'],
	retryFor: ['Keep Retrying For'],
	cancelOnStop: ['Cancel Jobs on Stop'],
};
const OPTIONS: Operation['fields'] = { ...RETRY_OPTIONS, channel: ['Channel', 'channel'] };

export const OPERATIONS = {
	encryptImage: {
		resource: 'video',
		operation: 'encryptImage',
		endpoint: 'POST /v1/pika/encrypt_image',
		fields: { prompt: ['Prompt', 'prompt'], ...OPTIONS },
		files: {
			messageFile: ['Message Image', 'message', true],
			imageFile: ['Reference Image', 'image', false],
		},
	},
	encryptText: {
		resource: 'video',
		operation: 'encryptText',
		endpoint: 'POST /v1/pika/encrypt_text',
		fields: {
			prompt: ['Prompt', 'prompt'],
			message: ['Message', 'message'],
			font: ['Font', 'font'],
			...OPTIONS,
		},
		files: { imageFile: ['Reference Image', 'image', false] },
	},
	create: {
		resource: 'video',
		operation: 'create',
		endpoint: 'POST /v1/pika/create',
		fields: { prompt: ['Prompt', 'prompt'], ...OPTIONS },
		files: { imageFile: ['Reference Image', 'image', false] },
	},
	animate: {
		resource: 'video',
		operation: 'animate',
		endpoint: 'POST /v1/pika/animate',
		fields: { optionalPrompt: ['Prompt', 'prompt'], ...OPTIONS },
		files: { imageFile: ['Image', 'image', true] },
	},
	retry: {
		resource: 'video',
		operation: 'retry',
		endpoint: 'POST /v1/pika/button',
		fields: { jobid: ['Job', 'jobid'], ...RETRY_OPTIONS },
		files: {},
		always: { button: 'retry' },
	},
	get: {
		resource: 'job',
		operation: 'get',
		endpoint: 'GET /v1/pika/jobs/',
		fields: { jobid: ['Job', 'jobid'] },
		files: {},
	},
} satisfies Record<string, Operation>;

const jobids = fc.stringMatching(/^[\w-]{1,24}$/);
const reply = { longest: 1024 };

const givenItem: fc.Arbitrary<GivenItem> = fc.record({
	prompt: texts({ longest: 1500, isRequired: true }),
	optionalPrompt: texts({ longest: 1500, dropsBlanks: true }),
	message: texts({ longest: 20, isRequired: true }),
	font: choices(FONTS, ['', null, undefined]),
	jobid: ids(jobids, true),
	replyRef: texts(reply),
	replyUrl: texts({ ...reply, isTrimmed: true, isUrl: true }),
	channel: ids(fc.constant(SANDBOX_CHANNEL), false),
	maxJobs: maximumJobs,
	retryFor: minutes,
	cancelOnStop: switches,
	messageFile: files,
	imageFile: files,
});

/** Up to three items for one operation. */
export const plans: fc.Arbitrary<Plan> = fc.record({
	operation: fc.constantFrom(...(Object.keys(OPERATIONS) as (keyof typeof OPERATIONS)[])),
	onError: fc.constantFrom('stopWorkflow', 'continueRegularOutput'),
	image: fc.constantFrom('name', 'expression', 'none'),
	isLocator: fc.boolean(),
	// Another way of waiting, also the one of a parameter that is not set, would test something else.
	completion: choices(['off'], []).filter(
		({ value }) => value !== undefined && value !== 'poll' && value !== 'callback',
	),
	items: fc.array(givenItem, { minLength: 1, maxLength: 3 }),
});

/** The expected result of an item: a request with exactly this, or an error about one of these fields. */
export interface Expected {
	labels: string[];
	fields: Record<string, string>;
	files: Record<string, SentFile>;
}

export function expectedOf(plan: Plan, item: GivenItem): Expected {
	const operation: Operation = OPERATIONS[plan.operation];
	const labels = plan.completion.sent === undefined ? ['Wait for Completion'] : [];
	const expected: Expected = { labels, fields: { ...operation.always }, files: {} };
	for (const [name, [label, apiName]] of Object.entries(operation.fields)) {
		const { sent } = item[name as FieldName];
		if (sent === undefined) labels.push(label);
		// Half of a surrogate pair is not a character and is replaced in transit.
		else if (apiName && sent !== '') expected.fields[apiName] = Buffer.from(sent).toString();
	}
	for (const [name, [label, apiName, isRequired]] of Object.entries(operation.files)) {
		const { sent } = item[name as FileName];
		if (plan.image === 'none' && !isRequired) continue;
		if (sent) expected.files[apiName] = sent;
		else labels.push(label);
	}
	return expected;
}

/** The parameters of the node, with expressions for everything that an item can provide. */
export function parametersOf({ operation: name, image, isLocator, completion }: Plan): IDataObject {
	const { resource, operation, fields, files: fileFields } = OPERATIONS[name] as Operation;
	const from = (field: string) => `={{ $json.${field} }}`;
	const id = (field: string) =>
		isLocator ? { __rl: true, mode: 'id', value: from(field) } : from(field);
	const file = (field: FileName, isRequired: boolean) => {
		if (image === 'none' && !isRequired) return '';
		return image === 'expression' ? `={{ $('Source').item.binary.${field} }}` : field;
	};
	const parameters: IDataObject = { resource, operation, completion: completion.value as string };
	const options: IDataObject = {};
	for (const field of Object.keys(fields) as FieldName[]) {
		if (field === 'optionalPrompt') parameters.prompt = from(field);
		else if (field === 'jobid') parameters[field] = id(field);
		else if (field === 'channel') options[field] = id(field);
		else if (['prompt', 'message', 'font'].includes(field)) parameters[field] = from(field);
		else options[field] = from(field);
	}
	for (const [field, [, apiName, isRequired]] of Object.entries(fileFields)) {
		parameters[apiName] = file(field as FileName, isRequired);
	}
	return resource === 'video' ? { ...parameters, options } : parameters;
}
