import type { ILoadOptionsFunctions, INodeListSearchResult } from 'n8n-workflow';

import { createAccounts } from '../api/accounts';
import { type Client, createClient } from '../api/client';
import type { Unfound } from '../api/outcomes';
import { type RequestKind, createSend } from '../api/request';
import { sanitizeText } from '../api/sanitizeText';
import { toNodeApiError } from '../results/errors';
import { unfoundFailure } from '../results/failures';
import { clock } from '../jobs/clock';
import { Limiter } from '../jobs/limiter';
import { REQUESTS_AT_ONCE } from '../jobs/reads';
import { readCredentials } from './connection';

/** Short, because a person is waiting in the editor. */
const READ_WITHIN_MILLISECONDS = 15_000;

/** How much of a prompt is enough to recognize a job by. */
const NAME_LENGTH = 40;

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

/** What people recognize a job by, where the job can be read; its ID always. */
async function nameOf(client: Client, jobid: string): Promise<string> {
	const outcome = await client.getJob(jobid);
	if (outcome.kind !== 'found') return jobid;
	const { prompt = '', status = '' } = outcome.job;
	const words = [...sanitizeText(prompt)].slice(0, NAME_LENGTH).join('');
	return `${words} (${sanitizeText(status)}): ${jobid}`;
}

async function searchRunningJobs(
	this: ILoadOptionsFunctions,
	filter?: string,
): Promise<INodeListSearchResult> {
	const settings = await readCredentials(this);
	const send = createSend(this, settings, READ_WITHIN_MILLISECONDS);
	const client = createClient(send, settings);
	const outcome = await inTime(client.getRunning());
	if (outcome.kind !== 'found') throw listError(this, outcome, 'runningJobs');
	const { jobids } = outcome;
	const reads = new Limiter(REQUESTS_AT_ONCE);
	const reading = jobids.map(async (id) => await reads.run(async () => await nameOf(client, id)));
	const names = await inTime(Promise.all(reading));
	return offered(
		jobids.map((value, i) => ({ name: Array.isArray(names) ? (names[i] ?? value) : value, value })),
		'No jobs are running',
		filter,
	);
}

/** The lists of the resource locators, by the names that the fields use. */
export const listSearch = { searchChannels, searchRunningJobs };
