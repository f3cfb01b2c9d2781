import type { INodeProperties, INodePropertyOptions, TriggerPanelDefinition } from 'n8n-workflow';

import { JOB_ENDPOINTS } from '../api/endpoints';
import { RUNNING_STATUSES, TERMINAL_STATUSES, isTerminal } from '../api/job';

/** For the statuses whose API word would not make a good label. */
const PLAIN_WORDS: Record<string, Partial<INodePropertyOptions>> = {
	moderated: {
		action: 'On job rejected by moderation',
		description: 'Moderation rejected the prompt or an image',
	},
	progress: { name: 'In Progress', action: 'On job in progress' },
};

const MAY_NEVER_CALL = 'Whether useapi.net calls back for this status is not documented';

/** n8n offers a trigger for each option of a field that is called "Trigger On", under the name of its action. */
const statusOptions: INodePropertyOptions[] = [...TERMINAL_STATUSES, ...RUNNING_STATUSES].map(
	(status) => ({
		name: status.charAt(0).toUpperCase() + status.slice(1),
		value: status,
		action: `On job ${status}`,
		...(isTerminal({ status }) ? {} : { description: MAY_NEVER_CALL }),
		...PLAIN_WORDS[status],
	}),
);

function inTitleCase(endpoint: string): string {
	return endpoint.replace(
		/(^|_)(.)/g,
		(_, gap, first: string) => (gap ? ' ' : '') + first.toUpperCase(),
	);
}

/** A retried video is not among them, because its verb is not documented. */
const jobTypes: INodePropertyOptions[] = Object.entries(JOB_ENDPOINTS)
	.flatMap(([endpoint, { verb }]) => (verb ? [{ name: inTitleCase(endpoint), value: verb }] : []))
	.sort((one, other) => (one.name < other.name ? -1 : 1));

const HOW_TO_TEST =
	'<b>To test it</b>, open <b>Webhook URLs</b> at the top of the parameters, click the URL below <b>Test URL</b>, which copies it, and click <b>Execute step</b>. n8n then listens for two minutes. Meanwhile, in another tab, add a Pika node, set <b>Wait for Completion</b> to <b>Off</b>, paste the URL into <b>Reply URL</b> in its options, and execute it.';

export const fields: INodeProperties[] = [
	{
		displayName:
			'<b>To test it</b>, open "Webhook URLs" above, click the URL below "Test URL" to copy it, and click "Execute step", which listens for two minutes. In another tab, add a Pika node, set "Wait for Completion" to "Off", paste the URL into "Reply URL" in its options, and execute it.',
		name: 'testNotice',
		type: 'notice',
		default: '',
	},
	{
		displayName:
			'<b>To use it</b>, turn on "Register as Default Reply URL" below and publish the workflow, or give a Pika node the Production URL as "Reply URL". useapi.net must be able to reach this n8n; a sandbox on the same machine can, unless n8n runs in a container.',
		name: 'useNotice',
		type: 'notice',
		default: '',
	},
	{
		displayName: 'Trigger On',
		name: 'statuses',
		type: 'multiOptions',
		options: statusOptions,
		default: [...TERMINAL_STATUSES],
		hint: 'Leave empty to start on every status',
		description:
			'The statuses that start the workflow; callbacks with others leave no execution. useapi.net documents callbacks for completed and failed jobs only.',
	},
	{
		displayName: 'Job Types',
		name: 'verbs',
		type: 'multiOptions',
		options: jobTypes,
		default: [],
		hint: 'Leave empty to start on jobs of every type, retried videos included',
		description:
			'The types of jobs that start the workflow; callbacks for others leave no execution. The type of retried videos is not documented.',
	},
	{
		displayName: 'Verify With useapi.net',
		name: 'confirm',
		type: 'boolean',
		noDataExpression: true,
		default: true,
		description:
			'Whether to read the job from useapi.net before starting the workflow, so that a forged callback cannot bring in false data. If it is off, the output is the callback itself, with confirmed: false and without the video.',
	},
	{
		displayName: 'Authentication',
		name: 'authentication',
		type: 'options',
		noDataExpression: true,
		options: [
			{ name: 'None', value: 'none', description: 'Accept callbacks without a token' },
			{
				name: 'Token',
				value: 'token',
				description: 'Accept only callbacks to a URL that ends in ?token= and the Callback Token',
			},
		],
		default: 'none',
		description: 'What a callback must contain to be accepted',
	},
	{
		displayName:
			'The credential needs a <b>Callback Token</b>: without one, publishing fails. Where you paste the Test URL or the Production URL, append ?token= and the callback token, URL-encoded unless it has only letters and digits. Callbacks without it are refused and leave no execution. "Register as Default Reply URL" appends it when you publish: after a change of the token, publish again.',
		name: 'tokenNotice',
		type: 'notice',
		default: '',
		displayOptions: { show: { authentication: ['token'] } },
	},
	{
		displayName: 'Download Video',
		name: 'download',
		type: 'boolean',
		noDataExpression: true,
		default: true,
		displayOptions: { show: { confirm: [true] } },
		description:
			'Whether to download the video of a completed job as binary data. The link to it expires after about a day.',
	},
	{
		displayName: 'Put Output in Field',
		name: 'outputBinaryField',
		type: 'string',
		default: 'video',
		displayOptions: { show: { confirm: [true], download: [true] } },
		hint: 'The name of the output binary field to put the video in',
	},
	{
		displayName: 'Register as Default Reply URL',
		name: 'registerAsDefault',
		type: 'boolean',
		noDataExpression: true,
		default: false,
		hint: 'Applies to everything in this useapi.net account, not only Pika. Only the workflow published last is called.',
		description:
			'Whether publishing makes the Production URL the default reply URL of the useapi.net account. Unpublishing restores the previous one. If there was none, this URL stays, because how to clear it is not documented.',
	},
];

export const triggerPanel: TriggerPanelDefinition = {
	header: 'Start when a Pika job ends',
	executionsHelp: {
		inactive: `${HOW_TO_TEST}<br /><br /><b>To use it</b>, publish the workflow, and make its <b>Production URL</b> the reply URL of the jobs: in the options of a Pika node, in the credential, or with <b>Register as Default Reply URL</b>. useapi.net must be able to reach this n8n from outside; the sandbox of this package runs on the same machine.`,
		active: `${HOW_TO_TEST}<br /><br /><b>The workflow is published</b>: callbacks to the <b>Production URL</b> start it. They appear in the list of <a data-key="executions">executions</a>, not here.`,
	},
	activationHint: {
		inactive:
			'When you have finished building, publish the workflow. Jobs with the <b>Production URL</b> as their reply URL then start it; <b>Register as Default Reply URL</b> gives it to all jobs that have none.',
		active:
			'If the workflow is published, with a green dot, jobs with the <b>Production URL</b> as their reply URL start it: see the <a data-key="executions">executions</a>. If the dot is red, click <b>Execute step</b> to see why.',
	},
};
