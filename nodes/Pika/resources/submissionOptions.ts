import type { INodeProperties } from 'n8n-workflow';

import { channelLocator } from './locators';

/** With callbacks, n8n does not tell the suspended node about a Stop, and the jobs call the execution's own URL. */
const unlessCalled = { hide: { '/completion': ['callback'] } };

const cancelOnStopOption: INodeProperties = {
	displayName: 'Cancel Jobs on Stop',
	name: 'cancelOnStop',
	type: 'boolean',
	default: false,
	displayOptions: unlessCalled,
	description:
		"Whether to cancel the jobs at useapi.net when the execution is stopped. Otherwise they continue there, and n8n's log has their IDs.",
};

const channelOption: INodeProperties = {
	...channelLocator,
	description:
		'Discord channel of a Discord account that is configured at useapi.net. Overrides the Discord Channel ID of the credential, whose Discord token is then not sent.',
};

const retryForOption: INodeProperties = {
	displayName: 'Keep Retrying For (Minutes)',
	name: 'retryFor',
	type: 'number',
	typeOptions: { minValue: 0 },
	default: 15,
	description:
		'How long to keep trying while the channel is full or Discord limits the rate. The time starts again whenever a job of this execution is accepted or ends.',
};

const maxJobsOption: INodeProperties = {
	displayName: 'Maximum Jobs',
	name: 'maxJobs',
	type: 'number',
	typeOptions: { minValue: 1, maxValue: 10, numberPrecision: 0 },
	default: 10,
	description:
		'How many jobs may run at the same time, from 1 to 10: on the channel or, without one, on all your Discord accounts together. Overrides the Maximum Jobs of the credential.',
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
	displayOptions: unlessCalled,
	placeholder: 'e.g. https://n8n.example.com/webhook/…',
	description:
		'URL that useapi.net calls when the job ends, at most 1024 characters. Overrides the Reply URL of the credential.',
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

const slotOptions = [maxJobsOption, replyRefOption, replyUrlOption, retryForOption];

/** The options of a new job, most used first. */
export const submissionOptions = optionsWith([channelOption, ...slotOptions, cancelOnStopOption]);

/** A job made from another one runs on the channel of its parent. */
export const retryOptions = optionsWith([...slotOptions, cancelOnStopOption]);
