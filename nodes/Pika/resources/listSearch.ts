import type { ILoadOptionsFunctions, INodeListSearchResult } from 'n8n-workflow';

import { createAccounts } from '../api/accounts';
import { createClient } from '../api/client';
import { createSend } from '../api/request';
import { readConnection } from './connection';

/** What the editor offers: nothing rather than an error where the API does not answer, because an id can be typed too. */
function offered(
	names: Array<{ name: string; value: string }>,
	filter = '',
): INodeListSearchResult {
	const wanted = filter.toLowerCase();
	return { results: names.filter(({ name }) => name.toLowerCase().includes(wanted)) };
}

async function searchChannels(
	this: ILoadOptionsFunctions,
	filter?: string,
): Promise<INodeListSearchResult> {
	const settings = await readConnection(this);
	const outcome = await createAccounts(createSend(this, settings), settings).getMany();
	const accounts = outcome.kind === 'found' ? outcome.accounts : [];
	const names = accounts.map(({ channel, maxJobs }) => ({
		name: maxJobs === undefined ? channel : `${channel} (up to ${maxJobs} jobs)`,
		value: channel,
	}));
	return offered(names, filter);
}

async function searchRunningJobs(
	this: ILoadOptionsFunctions,
	filter?: string,
): Promise<INodeListSearchResult> {
	const settings = await readConnection(this);
	const outcome = await createClient(createSend(this, settings), settings).getRunning();
	const jobids = outcome.kind === 'found' ? outcome.jobids : [];
	return offered(
		jobids.map((jobid) => ({ name: jobid, value: jobid })),
		filter,
	);
}

/** The lists of the resource locators, by the names that the fields use. */
export const listSearch = { searchChannels, searchRunningJobs };
