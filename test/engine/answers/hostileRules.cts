import type { IDataObject, INodeExecutionData } from 'n8n-workflow';

import type { WorkflowRun } from '../harness/run.cts';
import { allItems } from './failing.cts';
import { ASKED_JOB, SECRETS } from './hostileAnswers.cts';
import type { HostileApi } from './hostileApi.cts';

/** What no message of this package says, and raw errors of JavaScript, Node and n8n do. */
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

/** Every text under `jobid` in an answer's JSON, and every entry of a list. */
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

/** The job of an item that has one, and the one that an item which failed names. */
function jobsOf(items: INodeExecutionData[]): { given: string[]; named: string[] } {
	// An ID with a secret in it is shown without that.
	const isShown = (id: unknown) => typeof id === 'string' && !id.includes('[hidden]');
	const texts = (values: unknown[]) => values.filter(isShown).map(String);
	return {
		given: texts(items.map(({ json }) => json.jobid)),
		named: texts(items.map(({ json }) => (json.details as IDataObject | undefined)?.jobid)),
	};
}

/** The jobs that the answers tell of: all, or those of answers that say that there is one. */
function jobsIn({ exchanges }: HostileApi, isGood: (status: number) => boolean): Set<string> {
	const ids = exchanges.flatMap(({ behaviour }) =>
		behaviour.kind === 'answer' && isGood(behaviour.status) ? idsIn(behaviour.body) : [],
	);
	return new Set([ASKED_JOB, ...ids]);
}

/** What is wrong with a run against a server that answered anything. Nothing, if all holds. */
export function wrongIn(run: WorkflowRun, api: HostileApi): string[] {
	const { error, status } = run;
	const items = allItems(run);
	const failed = items.filter(({ json }) => json.error !== undefined && json.details !== undefined);
	const shown = JSON.stringify([run.run, error, error?.description, error?.stack]);
	const { given, named } = jobsOf(items);
	const good = jobsIn(api, (code) => code < 300 || code === 422);
	const all = jobsIn(api, () => true);
	// What the API says of its accounts is passed on as it is.
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

/** Only a 429 says that the same submission may be sent again; the API says it by HTTP or by its code. */
function submittedTwice({ exchanges }: HostileApi): boolean {
	const posts = exchanges.filter(
		({ method, path }) => method === 'POST' && !path.includes('account'),
	);
	return posts.slice(0, -1).some(({ behaviour }) => {
		if (behaviour.kind === 'cut') return true;
		return behaviour.status !== 429 && !behaviour.body.includes('429');
	});
}
