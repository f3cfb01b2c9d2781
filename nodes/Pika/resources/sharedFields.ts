import type { INodeProperties, INodePropertyOptions } from 'n8n-workflow';

import { channelLocator } from './locators';

export const promptField: INodeProperties = {
	displayName: 'Prompt',
	name: 'prompt',
	type: 'string',
	typeOptions: { rows: 4 },
	required: true,
	default: '',
	placeholder: 'e.g. waves crashing over the sandy beach, overhead shot',
	description:
		'What the video shows, at most 1500 characters. Flags of the Pika bot may be part of it.',
};

export const optionalPromptField: INodeProperties = {
	...promptField,
	required: false,
};

export const referenceImageField: INodeProperties = {
	displayName: 'Reference Image',
	name: 'image',
	type: 'string',
	default: '',
	placeholder: 'e.g. reference',
	hint: 'The name of the input binary field, or an expression that gives a file of an earlier node. Leave empty for none.',
	description: 'Image that the video is modelled on',
};

const OFF: INodePropertyOptions = {
	name: 'Off',
	value: 'off',
	description: 'Continue at once with the job as it is',
};

const BY_POLLING: INodePropertyOptions = {
	name: 'By Polling',
	value: 'poll',
	description: 'Ask every 10 to 30 seconds; the execution keeps running meanwhile',
};

const BY_CALLBACK: INodePropertyOptions = {
	name: 'By Callback',
	value: 'callback',
	description:
		'Put the execution to wait until useapi.net calls; n8n must be reachable from outside',
};

function completionFieldWith(options: INodePropertyOptions[]): INodeProperties {
	return {
		displayName: 'Wait for Completion',
		name: 'completion',
		type: 'options',
		noDataExpression: true,
		options,
		default: 'off',
		description: 'Whether, and how, the node waits until the video is there',
	};
}

const whenWaiting = { show: { completion: ['poll', 'callback'] } };

const waitLimitField: INodeProperties = {
	displayName: 'Wait Limit (Minutes)',
	name: 'waitLimit',
	type: 'number',
	typeOptions: { minValue: 0, numberPrecision: 2 },
	default: 30,
	displayOptions: whenWaiting,
	description:
		'How long to wait for each job, from when it was accepted. By callback it can be a minute late.',
};

const downloadField: INodeProperties = {
	displayName: 'Download Video',
	name: 'download',
	type: 'boolean',
	noDataExpression: true,
	default: false,
	displayOptions: whenWaiting,
	description: 'Whether to fetch the finished video as binary data; the links to it expire',
};

const outputBinaryFieldField: INodeProperties = {
	displayName: 'Put Output in Field',
	name: 'outputBinaryField',
	type: 'string',
	default: 'video',
	displayOptions: { show: { ...whenWaiting.show, download: [true] } },
	hint: 'The name of the output binary field to put the video in',
	description: 'Name of the binary field that holds the video',
};

const onUnsuccessfulField: INodeProperties = {
	displayName: 'On Unsuccessful Job',
	name: 'onUnsuccessful',
	type: 'options',
	noDataExpression: true,
	options: [
		{
			name: 'Fail the Item',
			value: 'error',
			description: 'Treat it as an error, with the words of the API',
		},
		{
			name: 'Output the Job',
			value: 'output',
			description: 'Continue with the job, so that the workflow can look at its status',
		},
	],
	default: 'error',
	description: 'What happens with a job that ends failed, moderated or cancelled',
};

const cancelOnStopOption: INodeProperties = {
	displayName: 'Cancel Jobs on Stop',
	name: 'cancelOnStop',
	type: 'boolean',
	default: false,
	hint: 'Works while the node runs. n8n tells the node nothing when a waiting execution is stopped.',
	description: 'Whether to cancel the jobs at useapi.net when the execution is stopped',
};

const channelOption: INodeProperties = {
	...channelLocator,
	description:
		'Discord channel of a configured account. Overrides the credential; its Discord token is not sent to another channel than its own.',
};

const retryForOption: INodeProperties = {
	displayName: 'Keep Retrying For (Minutes)',
	name: 'retryFor',
	type: 'number',
	typeOptions: { minValue: 0, numberPrecision: 2 },
	default: 15,
	description:
		'How long to try again while useapi.net answers that the channel is full or Discord limits the rate. The time starts anew whenever a job of this run is accepted or ends.',
};

const maxJobsOption: INodeProperties = {
	displayName: 'Maximum Jobs',
	name: 'maxJobs',
	type: 'number',
	typeOptions: { minValue: 1, numberPrecision: 0 },
	default: 10,
	description: 'How many jobs may run at the same time on the channel. Overrides the credential.',
};

const replyRefOption: INodeProperties = {
	displayName: 'Reply Reference',
	name: 'replyRef',
	type: 'string',
	default: '',
	placeholder: 'e.g. order-1042',
	description:
		'Text that comes back with the job, at most 1024 characters. Without it the node makes a unique one for each item.',
};

const replyUrlOption: INodeProperties = {
	displayName: 'Reply URL',
	name: 'replyUrl',
	type: 'string',
	default: '',
	placeholder: 'e.g. https://n8n.example.com/webhook/…',
	description:
		'URL that useapi.net calls when the job ends, at most 1024 characters. Overrides the credential.',
};

function optionsWith(options: INodeProperties[]): INodeProperties {
	return {
		displayName: 'Options',
		name: 'options',
		type: 'collection',
		placeholder: 'Add option',
		default: {},
		options,
	};
}

export const submissionOptions = optionsWith([
	cancelOnStopOption,
	channelOption,
	retryForOption,
	maxJobsOption,
	replyRefOption,
	replyUrlOption,
]);

/** A job that is made from another one runs on that one's channel. */
export const retryOptions = optionsWith([
	cancelOnStopOption,
	retryForOption,
	maxJobsOption,
	replyRefOption,
	replyUrlOption,
]);

const waitingFields = [waitLimitField, downloadField, outputBinaryFieldField, onUnsuccessfulField];

/** How a new job is waited for, in the order in which the editor shows it. */
export const completionFields = [
	completionFieldWith([OFF, BY_POLLING, BY_CALLBACK]),
	...waitingFields,
];

/** The same for a job that is known already: it calls, if at all, where it was told when it was submitted. */
export const knownJobCompletionFields = [completionFieldWith([OFF, BY_POLLING]), ...waitingFields];
