import type { IDataObject, INodeExecutionData } from 'n8n-workflow';

import type { WorkflowRun } from '../harness/run.cts';
import { allItems } from './failing.cts';
import { ASKED_JOB, SECRETS } from './hostileResponses.cts';
import type { HostileApi } from './hostileApi.cts';

/** Patterns of raw errors of JavaScript, Node and n8n, which no message of this package matches. */
const RAW =
	/TypeError|ReferenceError|RangeError|Cannot (read|set|convert|destructure|use)|is not (a function|iterable|defined|a constructor)|Unexpected (token|end)|in JSON|circular|Maximum call stack|\[object /i;

const CONTROL = /\p{Cc}/u;

function textOf(value: unknown): string {
	return typeof value === 'string' ? value : '';
}

function saidBadly(message: string, advice: string): string[] {
	return [
		...(message === '' ? ['a failure has no message'] : []),
		...(RAW.test(message) ? [`a message is a raw error: ${message}`] : []),
		...(CONTROL.test(message)
			? [`a message has control characters: ${JSON.stringify(message)}`]
			: []),
		...(/[.?]$/.test(advice) ? [] : [`what to do is not said of "${message}", but "${advice}"`]),
	];
}

/** Every text under `jobid` in a JSON response, and every entry of a list. */
function idsIn(body: string): string[] {
	try {
		const parsed: unknown = JSON.parse(body);
		if (Array.isArray(parsed)) return parsed.filter((id) => typeof id === 'string');
		if (typeof parsed !== 'object' || parsed === null) return [];
		return 'jobid' in parsed ? [textOf(parsed.jobid)] : [];
	} catch {
		return [];
	}
}

/** The job of an item, or the one that a failed item names. */
function jobsOf(items: INodeExecutionData[]): { given: string[]; named: string[] } {
	// A secret in an ID is hidden.
	const isShown = (id: unknown) => typeof id === 'string' && !id.includes('[hidden]');
	const texts = (values: unknown[]) => values.filter(isShown).map(String);
	return {
		given: texts(items.map(({ json }) => json.jobid)),
		named: texts(items.map(({ json }) => (json.details as IDataObject | undefined)?.jobid)),
	};
}

/** The jobs that the responses name: all, or only those that certainly exist. */
function jobsIn({ exchanges }: HostileApi, isGood: (status: number) => boolean): Set<string> {
	const ids = exchanges.flatMap(({ behaviour }) =>
		behaviour.kind === 'answer' && isGood(behaviour.status) ? idsIn(behaviour.body) : [],
	);
	return new Set([ASKED_JOB, ...ids]);
}

/** The violations in a run against a server that responded with anything; none if all rules hold. */
export function wrongIn(run: WorkflowRun, api: HostileApi): string[] {
	const { error, status } = run;
	const items = allItems(run);
	const failed = items.filter(({ json }) => json.error !== undefined && json.details !== undefined);
	const shown = JSON.stringify([run.run, error, error?.description, error?.stack]);
	const { given, named } = jobsOf(items);
	const good = jobsIn(api, (code) => code < 300 || code === 422);
	const all = jobsIn(api, () => true);
	// Account data from the API is passed on unchanged.
	const isOfAccounts = api.exchanges.some(({ path }) => path.includes('/account'));
	const wrongJobs = isOfAccounts
		? []
		: [...given.filter((id) => !good.has(id)), ...named.filter((id) => !all.has(id))];
	const secrets = [
		SECRETS.apiToken,
		SECRETS.discordToken,
		`token=${encodeURIComponent(SECRETS.callbackToken)}`,
	];
	return [
		...(status === 'success' || status === 'error' ? [] : [`the run ended as ${status}`]),
		...(error && !/^Node(Api|Operation)Error$/.test(error.name) ? [`raw: ${error.name}`] : []),
		...(error ? saidBadly(error.message, textOf(error.description)) : []),
		...failed.flatMap(({ json }) => saidBadly(textOf(json.error), '.')),
		...wrongJobs.map((jobid) => `the job ${jobid} is not there`),
		...secrets.filter((secret) => shown.includes(secret)).map((secret) => `${secret} is seen`),
		...(submittedTwice(api) ? ['it was submitted again after an unclear answer'] : []),
	];
}

/** Only a 429, by HTTP or in the body, allows sending the same submission again. */
function submittedTwice({ exchanges }: HostileApi): boolean {
	const posts = exchanges.filter(
		({ method, path }) => method === 'POST' && !path.includes('account'),
	);
	return posts.slice(0, -1).some(({ behaviour }) => {
		if (behaviour.kind === 'cut') return true;
		return behaviour.status !== 429 && !behaviour.body.includes('429');
	});
}
