import type { ILoadOptionsFunctions, INodeListSearchResult } from 'n8n-workflow';

import { createAccounts } from '../api/accounts';
import { createClient } from '../api/client';
import type { Unfound } from '../api/outcomes';
import { type RequestKind, createSend } from '../api/request';
import { toNodeApiError } from '../results/errors';
import { unfoundFailure } from '../results/failures';
import { clock } from '../jobs/clock';
import { readCredentials } from './connection';

/** Short, because a person is waiting in the editor. */
const READ_WITHIN_MILLISECONDS = 15_000;

const TOO_LATE = { kind: 'unreachable', reason: 'it did not answer within 15 seconds' } as const;

/** The timeout of a request restarts with each byte received, so it alone sets no limit. */
async function inTime<Outcome>(reading: Promise<Outcome>): Promise<Outcome | typeof TOO_LATE> {
	const answered = new AbortController();
	const late = clock.pause(READ_WITHIN_MILLISECONDS, answered.signal).then(() => TOO_LATE);
	try {
		return await Promise.race([reading, late]);
	} finally {
		answered.abort();
	}
}

/** `none` is shown for an empty list, for which n8n would say "No results", as after a failed search. */
function offered(
	names: Array<{ name: string; value: string }>,
	none: string,
	filter = '',
): INodeListSearchResult {
	if (names.length === 0) return { results: [{ name: none, value: '' }] };
	const wanted = filter.toLowerCase();
	return { results: names.filter(({ name }) => name.toLowerCase().includes(wanted)) };
}

/** Shown in place of a list that cannot be loaded: an empty one would mean that there is nothing to choose. */
function listError(node: ILoadOptionsFunctions, outcome: Unfound, request: RequestKind) {
	const failure = unfoundFailure(outcome, request);
	const description = `${failure.description} You can also enter an ID.`;
	return toNodeApiError(node.getNode(), { ...failure, description });
}

async function searchChannels(
	this: ILoadOptionsFunctions,
	filter?: string,
): Promise<INodeListSearchResult> {
	const settings = await readCredentials(this);
	const send = createSend(this, settings, READ_WITHIN_MILLISECONDS);
	const outcome = await inTime(createAccounts(send, settings).getMany());
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
	const settings = await readCredentials(this);
	const send = createSend(this, settings, READ_WITHIN_MILLISECONDS);
	const outcome = await inTime(createClient(send, settings).getRunning());
	if (outcome.kind !== 'found') throw listError(this, outcome, 'runningJobs');
	return offered(
		outcome.jobids.map((jobid) => ({ name: jobid, value: jobid })),
		'No jobs are running',
		filter,
	);
}

/** The lists of the resource locators, by the names that the fields use. */
export const listSearch = { searchChannels, searchRunningJobs };
