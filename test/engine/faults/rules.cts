import type { RecordedRequest, SandboxJob } from '../../../sandbox/sandbox.cts';
import type { WorkflowRun } from '../harness/run.cts';
import { promptOf, type Sequence } from './player.cts';

/** What the API has seen and made. */
export interface AtTheApi {
	requests: readonly RecordedRequest[];
	jobs: readonly SandboxJob[];
}

/** What became of one item, as the workflow sees it. */
interface Ending {
	item: number;
	jobid?: string;
	error?: string;
}

const UNSURE = /may have been submitted/;

/** Every way in which an execution breaks "one item, one job or a clear error"; none where it holds. */
export function violations(sequence: Sequence, run: WorkflowRun, api: AtTheApi): string[] {
	return [
		...doubles(sequence, api),
		...(run.error
			? unnamedJobs(run.error, api)
			: [...wrongOrder(sequence, run), ...wrongEndings(sequence, endingsOf(run), api)]),
		...forbiddenRequests(sequence, api),
	];
}

function doubles(sequence: Sequence, { jobs }: AtTheApi): string[] {
	const { items, reference } = sequence;
	const alike = jobs.length > items ? [`${jobs.length} jobs for ${items} items`] : [];
	if (reference === 'all alike') return alike;
	const prompts = repeated(jobs.map(({ prompt = '' }) => prompt));
	const references = reference === 'repeated' ? [] : jobs.map(({ replyRef = '' }) => replyRef);
	return [
		...alike,
		...prompts.map((prompt) => `two jobs for "${prompt}"`),
		...repeated(references).map((replyRef) => `two jobs with the reference ${replyRef}`),
	];
}

/** An error that stops the node names each job, or the reference of one that may exist. */
function unnamedJobs(error: Error & { description?: string | null }, { jobs }: AtTheApi): string[] {
	const text = `${error.message} ${error.description ?? ''}`;
	return jobs
		.filter(({ jobid, replyRef = '' }) => {
			const isUnsure = UNSURE.test(text) && replyRef !== '' && text.includes(replyRef);
			return !text.includes(jobid) && !isUnsure;
		})
		.map(({ jobid }) => `job ${jobid} is not in the error: ${text}`);
}

function endingsOf(run: WorkflowRun): Ending[] {
	return [0, 1].flatMap((index) =>
		run.output('Pika', index).map(({ json, pairedItem }) => {
			const item =
				typeof pairedItem === 'object' && 'item' in pairedItem ? pairedItem.item : Number.NaN;
			const { jobid, error, details } = json as {
				jobid?: string;
				error?: string;
				details?: { jobid?: string };
			};
			return { item, jobid: jobid ?? details?.jobid, error };
		}),
	);
}

function wrongOrder({ items }: Sequence, run: WorkflowRun): string[] {
	const outputs = [0, 1].map((index) =>
		run.output('Pika', index).map(({ pairedItem }) => (pairedItem as { item: number }).item),
	);
	const all = outputs.flat().toSorted((one, other) => one - other);
	const isComplete = all.length === items && all.every((item, i) => item === i);
	const unsorted = outputs.filter((each) =>
		each.some((item, i) => i > 0 && item < (each[i - 1] ?? 0)),
	);
	return [
		...(isComplete ? [] : [`the items ${all.join()} came out of ${items}`]),
		...unsorted.map((each) => `out of order: ${each.join()}`),
	];
}

/** Jobs at the API = items that say so; every other item has an error, and one whose job is there says it is not sure. */
function wrongEndings(sequence: Sequence, endings: Ending[], { jobs }: AtTheApi): string[] {
	const known = new Map(jobs.map((job) => [job.jobid, job]));
	const owned = endings.flatMap(({ jobid }) => jobid ?? []);
	const faults = [
		...repeated(owned).map((jobid) => `job ${jobid} belongs to two items`),
		...endings.flatMap(({ item, jobid, error }) => {
			if (!jobid) return error ? [] : [`item ${item} has neither job nor error`];
			const job = known.get(jobid);
			if (!job) return [`item ${item} names a job that is not there: ${jobid}`];
			const isOwn = job.prompt === promptOf(sequence, item);
			return isOwn ? [] : [`item ${item} has the job of "${job.prompt ?? ''}"`];
		}),
	];
	const orphans = jobs.filter(({ jobid }) => !owned.includes(jobid));
	const unsure = endings.filter(({ jobid, error = '' }) => !jobid && UNSURE.test(error));
	const lost = orphans.filter(
		({ prompt }) => !unsure.some(({ item }) => promptOf(sequence, item) === prompt),
	);
	if (orphans.length > unsure.length || lost.length > 0) {
		faults.push(`jobs that no item speaks of: ${orphans.map(({ jobid }) => jobid).join()}`);
	}
	return faults;
}

/** Sent again is only what surely made no job; what is not known is looked up; and never too many at a time. */
function forbiddenRequests(sequence: Sequence, { requests }: AtTheApi): string[] {
	const posts = requests.filter(({ method }) => method === 'POST');
	const found: string[] = [];
	for (const attempts of byReference(sequence, posts)) {
		const again = attempts.slice(0, -1).filter((post) => !isSurelyRefused(post));
		if (again.length > 0)
			found.push(`sent again after ${again.map(({ status }) => status).join()}`);
	}
	const refused = posts.filter(isSurelyRefused).length;
	if (posts.length - refused > sequence.items) found.push(`${posts.length} submissions`);
	for (const unknown of posts.filter(isUnknown)) {
		const isLookedUp = requests.some(
			({ method, path, startedAt }) =>
				method === 'GET' && path === '/v1/pika/jobs' && startedAt >= unknown.startedAt,
		);
		if (!isLookedUp) found.push(`not looked up after ${unknown.status ?? 'nothing'}`);
	}
	const atOnce = mostAtOnce(posts);
	if (atOnce > sequence.maxJobs) found.push(`${atOnce} submissions at a time`);
	return found;
}

function byReference({ reference }: Sequence, posts: RecordedRequest[]): RecordedRequest[][] {
	const key = ({ fields }: RecordedRequest) =>
		reference === 'repeated' ? fields.prompt : fields.replyRef;
	// What is all alike can only be counted.
	if (reference === 'all alike') return [];
	// Of a request that was reset at its headers nothing is known.
	const known = [...new Set(posts.map(key))].filter(Boolean);
	return known.map((each) => posts.filter((post) => key(post) === each));
}

function isSurelyRefused({ status }: RecordedRequest): boolean {
	return typeof status === 'number' && status >= 400 && status < 500;
}

/** What the API did with it cannot be told from the answer; a broken one of status 200 is not seen from here. */
function isUnknown({ status }: RecordedRequest): boolean {
	return status === 'reset' || (typeof status === 'number' && status >= 500);
}

function mostAtOnce(posts: RecordedRequest[]): number {
	const edges = posts.flatMap(({ startedAt, endedAt = Infinity }) => [
		{ at: startedAt, change: 1 },
		{ at: endedAt, change: -1 },
	]);
	edges.sort((one, other) => one.at - other.at || one.change - other.change);
	let underWay = 0;
	return Math.max(0, ...edges.map(({ change }) => (underWay += change)));
}

function repeated(texts: string[]): string[] {
	return [...new Set(texts.filter((text, i) => texts.indexOf(text) !== i))];
}
