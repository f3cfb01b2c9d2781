import type { ILoadOptionsFunctions, INodeListSearchResult } from 'n8n-workflow';

import { createAccounts } from '../api/accounts';
import { createClient } from '../api/client';
import type { Unfound } from '../api/outcomes';
import { type RequestKind, createSend } from '../api/request';
import { toNodeApiError } from '../results/errors';
import { unfoundFailure } from '../results/failures';
import { readConnection } from './connection';

/** `none` stands for an empty list: n8n would show "No results", as if a search had failed. */
function offered(
	names: Array<{ name: string; value: string }>,
	none: string,
	filter = '',
): INodeListSearchResult {
	if (names.length === 0) return { results: [{ name: none, value: '' }] };
	const wanted = filter.toLowerCase();
	return { results: names.filter(({ name }) => name.toLowerCase().includes(wanted)) };
}

/** What the editor shows in place of the list: an empty one would say that there is nothing to choose. */
function listError(node: ILoadOptionsFunctions, outcome: Unfound, request: RequestKind) {
	const failure = unfoundFailure(outcome, request);
	const description = `${failure.description} An ID can be typed as well.`;
	return toNodeApiError(node.getNode(), { ...failure, description });
}

async function searchChannels(
	this: ILoadOptionsFunctions,
	filter?: string,
): Promise<INodeListSearchResult> {
	const settings = await readConnection(this);
	const outcome = await createAccounts(createSend(this, settings), settings).getMany();
	if (outcome.kind !== 'found') throw listError(this, outcome, 'accounts');
	const names = outcome.accounts.map(({ channel, maxJobs }) => ({
		name: typeof maxJobs === 'number' ? `${channel} (up to ${maxJobs} jobs)` : channel,
		value: channel,
	}));
	return offered(names, 'No channel is configured at useapi.net', filter);
}

async function searchRunningJobs(
	this: ILoadOptionsFunctions,
	filter?: string,
): Promise<INodeListSearchResult> {
	const settings = await readConnection(this);
	const outcome = await createClient(createSend(this, settings), settings).getRunning();
	if (outcome.kind !== 'found') throw listError(this, outcome, 'runningJobs');
	return offered(
		outcome.jobids.map((jobid) => ({ name: jobid, value: jobid })),
		'No jobs are running',
		filter,
	);
}

/** The lists of the resource locators, by the names that the fields use. */
export const listSearch = { searchChannels, searchRunningJobs };
