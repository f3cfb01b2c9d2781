import {
	type INodeProperties,
	type INodePropertyOptions,
	updateDisplayOptions,
} from 'n8n-workflow';

export const promptField: INodeProperties = {
	displayName: 'Prompt',
	name: 'prompt',
	type: 'string',
	typeOptions: { rows: 4 },
	required: true,
	default: '',
	placeholder: 'e.g. waves crashing over the sandy beach, overhead shot',
	description:
		'What the video shows, at most 1500 characters. Flags of the Pika bot in it, such as -w 2, are passed on unchanged; useapi.net does not document them.',
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
	hint: "The name of the input binary field, or an expression such as {{ $('Node Name').item.binary.data }}",
	description: 'Image on which the look of the video is based. Leave empty for none.',
};

type FieldWords = Pick<INodeProperties, 'displayName' | 'name' | 'description'>;

/** An image that the API requires, by default in the binary field to which most nodes write. */
export function requiredImageField(words: FieldWords): INodeProperties {
	return {
		...words,
		type: 'string',
		required: true,
		default: 'data',
		placeholder: 'e.g. data',
		hint: "The name of the input binary field, or an expression such as {{ $('Node Name').item.binary.data }}",
	};
}

/** A short text that the API requires. */
export function requiredTextField(
	words: FieldWords & Pick<INodeProperties, 'placeholder' | 'hint'>,
): INodeProperties {
	return { ...words, type: 'string', required: true, default: '' };
}

const OFF: INodePropertyOptions = {
	name: 'Off',
	value: 'off',
	description: 'Continue as soon as every job is accepted; the videos are not ready then',
};

const READ_ONCE: INodePropertyOptions = {
	...OFF,
	description: 'Read the job once, as it is now',
};

const BY_POLLING: INodePropertyOptions = {
	name: 'By Polling',
	value: 'poll',
	description:
		'Check every 10 to 30 seconds, occupying a worker in queue mode. A Stop does not end the jobs.',
};

const POLL_KNOWN_JOB: INodePropertyOptions = {
	...BY_POLLING,
	description: 'Check every 10 to 30 seconds until the job has ended',
};

const BY_CALLBACK: INodePropertyOptions = {
	name: 'By Callback',
	value: 'callback',
	description:
		'Suspend until useapi.net, which must reach this n8n, calls back. A Stop does not end the jobs.',
};

const completionField: INodeProperties = {
	displayName: 'Wait for Completion',
	name: 'completion',
	type: 'options',
	noDataExpression: true,
	options: [BY_POLLING, BY_CALLBACK, OFF],
	default: 'poll',
	description:
		'Whether and how the node waits for the video. By Callback is good for many or long jobs. If you stop the execution, the jobs continue: Job: Get Many lists them while they run, and Job: Get returns their videos.',
};

const knownJobCompletionField: INodeProperties = {
	...completionField,
	options: [READ_ONCE, POLL_KNOWN_JOB],
	default: 'off',
	description: 'Whether and how the node waits for the video',
};

const whenWaiting = { show: { completion: ['poll', 'callback'] } };

const waitLimitField: INodeProperties = {
	displayName: 'Limit Wait Time (Minutes)',
	name: 'waitLimit',
	type: 'number',
	typeOptions: { minValue: 0 },
	default: 30,
	displayOptions: whenWaiting,
	description:
		'How long to wait for each job after it was accepted. With By Callback, n8n can take up to a minute longer to end the wait.',
};

const knownJobWaitLimitField: INodeProperties = {
	...waitLimitField,
	description: 'How long to wait for the job, from when this node reads it first',
};

const downloadField: INodeProperties = {
	displayName: 'Download Video',
	name: 'download',
	type: 'boolean',
	noDataExpression: true,
	default: true,
	description:
		'Whether to download the finished video as binary data. The link to it expires after about a day.',
};

const outputFieldName: INodeProperties = {
	displayName: 'Put Output in Field',
	name: 'outputBinaryField',
	type: 'string',
	default: 'video',
	displayOptions: { show: { download: [true] } },
	hint: 'The name of the output binary field to put the video in',
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
			description:
				'Fail with the message of the API; "On Error" in the settings decides whether the node continues',
		},
		{
			name: 'Output the Job',
			value: 'output',
			description: 'Continue with the job, so that the workflow can check its status',
		},
	],
	default: 'error',
	description:
		'What to do if a job fails, is rejected by moderation or is cancelled. If waiting is Off, this applies only to jobs that are rejected when they are submitted.',
};

const knownJobOnUnsuccessfulField: INodeProperties = {
	...onUnsuccessfulField,
	description: 'What to do if the job failed, was rejected by moderation or was cancelled',
};

const downloadFields = [downloadField, outputFieldName];

const downloadFieldsWhenWaiting = updateDisplayOptions(whenWaiting, downloadFields);

/** How to wait for a new job, in the order in which the editor shows the fields. */
export const completionFields = [
	completionField,
	waitLimitField,
	...downloadFieldsWhenWaiting,
	onUnsuccessfulField,
];

/** The same for an existing job: its callback, if any, goes to the URL given when it was submitted. */
export const knownJobCompletionFields = [
	knownJobCompletionField,
	knownJobWaitLimitField,
	...downloadFields,
	knownJobOnUnsuccessfulField,
];
