import type { INodeProperties, INodePropertyOptions } from 'n8n-workflow';

import { perItem } from '../perItem';

export const option: INodePropertyOptions = {
	name: 'Get Many',
	value: 'getMany',
	action: 'Get many accounts',
	description: 'List the channels that are configured at useapi.net, without their Discord tokens',
};

export const fields: INodeProperties[] = [];

export const execute = perItem('accounts', async (_node, _i, { accounts, read }) => {
	const outcome = await read(accounts.getMany);
	return outcome.kind === 'found' ? { kind: 'items', items: outcome.accounts } : outcome;
});
