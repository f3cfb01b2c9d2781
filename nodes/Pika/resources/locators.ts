import type { INodeProperties } from 'n8n-workflow';

/** A channel from the list of configured accounts, or any ID. */
export const channelLocator: INodeProperties = {
	displayName: 'Channel',
	name: 'channel',
	type: 'resourceLocator',
	default: { mode: 'list', value: '' },
	description: 'Discord channel of a Discord account that is configured at useapi.net',
	modes: [
		{
			displayName: 'From List',
			name: 'list',
			type: 'list',
			typeOptions: { searchListMethod: 'searchChannels', searchable: true },
		},
		{
			displayName: 'By ID',
			name: 'id',
			type: 'string',
			placeholder: 'e.g. 1163104783924957235',
		},
	],
};

/** A job from the list of running jobs, or any ID. */
export const jobLocator: INodeProperties = {
	displayName: 'Job',
	name: 'jobid',
	type: 'resourceLocator',
	required: true,
	default: { mode: 'id', value: '={{ $json.jobid }}' },
	description:
		'The jobid in the output of the Pika node that submitted the job. To choose a running job from the list, switch the field to "Fixed" first. Behind an error output, use details.jobid instead of jobid.',
	modes: [
		{
			displayName: 'By ID',
			name: 'id',
			type: 'string',
			placeholder: 'e.g. {{ $json.jobid }}',
		},
		{
			displayName: 'From List of Running Jobs',
			name: 'list',
			type: 'list',
			typeOptions: { searchListMethod: 'searchRunningJobs', searchable: true },
		},
	],
};

/** A completed job, by its ID only, because useapi.net lists running jobs. */
export const completedJobLocator: INodeProperties = {
	...jobLocator,
	description:
		'The jobid of a completed job. There is no list to choose from, because useapi.net lists only running jobs.',
	modes: jobLocator.modes?.filter(({ type }) => type !== 'list'),
};
