import type { INodeProperties, INodePropertyOptions, TriggerPanelDefinition } from 'n8n-workflow';

import { RUNNING_STATUSES, TERMINAL_STATUSES } from '../api/job';

const statusOptions: INodePropertyOptions[] = [...TERMINAL_STATUSES, ...RUNNING_STATUSES]
	.sort()
	.map((status) => ({ name: status.charAt(0).toUpperCase() + status.slice(1), value: status }));

export const fields: INodeProperties[] = [
	{
		displayName:
			'Give useapi.net the Production URL above as reply URL: as "Reply URL" in the options of a Pika node, as "Reply URL" in the credential, or for the whole account with the last switch below. useapi.net must be able to reach this n8n from outside. To try it on this machine, start the sandbox of this package with <code>npm run sandbox</code> and use its base URL in the credential.',
		name: 'notice',
		type: 'notice',
		default: '',
	},
	{
		displayName: 'Statuses',
		name: 'statuses',
		type: 'multiOptions',
		options: statusOptions,
		default: [...TERMINAL_STATUSES],
		description:
			'Which statuses start the workflow; none chosen means all. Whether useapi.net calls for other statuses than completed and failed is not documented.',
	},
	{
		displayName: 'Verbs',
		name: 'verbs',
		type: 'multiOptions',
		options: [
			{ name: 'Animate', value: 'pika-animate' },
			{ name: 'Create', value: 'pika-create' },
			{ name: 'Encrypt Image', value: 'pika-encrypt_image' },
			{ name: 'Encrypt Text', value: 'pika-encrypt_text' },
		],
		default: [],
		hint: 'Leave empty to start with every kind of job',
		description:
			'Which kinds of jobs start the workflow; none chosen means all. The verb of a retried video is not documented: choose none to receive those.',
	},
	{
		displayName: 'Confirm With the API',
		name: 'confirm',
		type: 'boolean',
		noDataExpression: true,
		default: true,
		description:
			'Whether to read the job again with the API token and emit that record, so that a forged call can only announce what is true. Without it the callback itself is emitted, marked with confirmed: false.',
	},
	{
		displayName: 'Authentication',
		name: 'authentication',
		type: 'options',
		noDataExpression: true,
		options: [
			{ name: 'None', value: 'none' },
			{
				name: 'Token',
				value: 'token',
				description: 'Add ?token=… with the Callback Token of the credential to the reply URL',
			},
		],
		default: 'none',
		description: 'Whether a callback must carry a secret',
	},
	{
		displayName: 'Download Video',
		name: 'download',
		type: 'boolean',
		noDataExpression: true,
		default: false,
		displayOptions: { show: { confirm: [true] } },
		description:
			'Whether to fetch the video of a completed job as binary data; the links to it expire',
	},
	{
		displayName: 'Put Output in Field',
		name: 'outputBinaryField',
		type: 'string',
		default: 'video',
		displayOptions: { show: { confirm: [true], download: [true] } },
		hint: 'The name of the output binary field to put the video in',
		description: 'Name of the binary field that holds the video',
	},
	{
		displayName: 'Register as Default Reply URL',
		name: 'registerAsDefault',
		type: 'boolean',
		noDataExpression: true,
		default: false,
		hint: 'If the account had none before, this one stays after unpublishing: how to clear it is not documented.',
		description:
			'Whether publishing makes this URL the default reply URL of the useapi.net account, for all its APIs, and unpublishing restores the previous one',
	},
];

export const triggerPanel: TriggerPanelDefinition = {
	header: 'Start when a Pika job ends',
	executionsHelp: {
		inactive:
			'<b>To try it</b>, click the button to listen, submit a job with the <b>Test URL</b> as its reply URL, and wait until the job has ended.<br /><br /><b>To use it</b>, publish the workflow and give useapi.net the <b>Production URL</b>: in the options of a Pika node, in the credential, or as the default of the account. n8n must be reachable from outside; with the sandbox of this package it need not be.',
		active:
			'<b>To try it</b>, click the button to listen, submit a job with the <b>Test URL</b> as its reply URL, and wait until the job has ended.<br /><br /><b>The workflow is published</b>: callbacks to the <b>Production URL</b> start it, and appear in the list of executions.',
	},
	activationHint:
		'Publish the workflow, and give useapi.net the Production URL as reply URL. From then on every job that ends starts it.',
};
