import type { INodeProperties, INodePropertyOptions } from 'n8n-workflow';

import { readAccountToSave } from '../parameters';
import { perItem } from '../perItem';

export const option: INodePropertyOptions = {
	name: 'Create or Update',
	value: 'upsert',
	action: 'Create or update account',
	description: 'Create a new record, or update the current one if it already exists (upsert)',
};

export const fields: INodeProperties[] = [
	{
		displayName:
			'Saves the Discord Token and the Discord Channel ID of the credential at useapi.net, so that no workflow contains a token.',
		name: 'credentialNotice',
		type: 'notice',
		default: '',
	},
	{
		displayName: 'Maximum Jobs',
		name: 'maxJobs',
		type: 'number',
		typeOptions: { minValue: 1, maxValue: 10, numberPrecision: 0 },
		default: 10,
		description: 'How many jobs may run at the same time on the channel, from 1 to 10',
	},
];

export const execute = perItem('account', async (node, i, { accounts, settings }) => {
	const { channel, maxJobs } = readAccountToSave(node, i, settings);
	const outcome = await accounts.upsert(maxJobs);
	return outcome.kind === 'found' ? { kind: 'items', items: [{ channel, maxJobs }] } : outcome;
});
