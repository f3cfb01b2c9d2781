import type { INodeProperties, INodePropertyOptions } from 'n8n-workflow';

import { channelLocator } from '../locators';
import { readChannel } from '../parameters';
import { perItem } from '../perItem';

export const option: INodePropertyOptions = {
	name: 'Delete',
	value: 'delete',
	action: 'Delete account',
	description: 'Remove a channel from the configured ones at useapi.net',
};

export const fields: INodeProperties[] = [{ ...channelLocator, required: true }];

export const execute = perItem('account', async (node, i, { accounts }) => {
	const outcome = await accounts.delete(readChannel(node, i));
	return outcome.kind === 'found' ? { kind: 'items', items: [{ deleted: true }] } : outcome;
});
