import type { IBinaryData, IExecuteFunctions, INodeExecutionData } from 'n8n-workflow';

import { sanitizeText } from '../api/sanitizeText';
import { detailsOf, toNodeApiError } from './errors';
import { type Failure, unsuccessfulFailure } from './failures';
import { isKnownJob } from './isKnownJob';
import { type JobWithId, isUnsuccessful } from '../api/job';
import { shownJob } from '../api/shownJob';

/** The result of an item: its job, with the video if it was downloaded, or the reason for having none. */
export type ItemResult =
	| { kind: 'job'; job: JobWithId; video?: IBinaryData }
	| { kind: 'failure'; failure: Failure };

function withDetails(error: string, details: INodeExecutionData['json'], i: number) {
	// With any other key beside these, n8n would not treat the item as failed (docs/n8n-internals.md, "Items of the error output").
	return { json: { error, details }, pairedItem: { item: i } };
}

/** Makes the output item of input item `i`, also if it failed. */
export function toItem(end: ItemResult, i: number, binaryField: string): INodeExecutionData {
	switch (end.kind) {
		case 'failure':
			return withDetails(end.failure.message, detailsOf(end.failure), i);
		case 'job':
			return {
				json: shownJob(end.job),
				pairedItem: { item: i },
				...(end.video && { binary: { [binaryField]: end.video } }),
			};
	}
}

/** Turns a job that failed, was moderated or was cancelled into a failure, unless the user wants such jobs as output. */
export function applyOnUnsuccessful(
	node: IExecuteFunctions,
	end: ItemResult,
	replyRef?: string,
): ItemResult {
	if (end.kind !== 'job' || !isUnsuccessful(end.job)) return end;
	if (node.getNodeParameter('onUnsuccessful', 0, 'error') === 'output') return end;
	return { kind: 'failure', failure: unsuccessfulFailure(end.job, replyRef) };
}

/** What an error says about an item that did not cause it. */
export interface Trace {
	jobid?: string;
	status?: string;
	possiblySubmittedAs?: string;
}

/** The job of an item, or the reply reference under which it may have been submitted. */
export function traceOf(end: ItemResult): Trace {
	const { jobid, status } = end.kind === 'job' ? end.job : end.failure;
	if (jobid || end.kind === 'job' || !end.failure.mayExist) return { jobid, status };
	return { possiblySubmittedAs: end.failure.replyRef };
}

function traceText({ jobid, status, possiblySubmittedAs }: Trace): string | undefined {
	if (jobid) return status ? `${jobid} (${sanitizeText(status)})` : jobid;
	return possiblySubmittedAs && `may have been submitted as ${possiblySubmittedAs}`;
}

const CONTINUE = 'set "On Error" in the node\'s settings to "Continue (using error output)"';

type Recovery = 'byRetry' | 'byId';

function howToGetThem(node: IExecuteFunctions, recovery: Recovery): string {
	const noNewExecution = isKnownJob(node)
		? ''
		: ' A new execution with all items would submit all of them again.';
	if (recovery === 'byId') {
		return `Job: Get returns each of them by its ID.${noNewExecution} To continue with the items that succeed the next time, ${CONTINUE}.`;
	}
	return `To get them, ${CONTINUE}, and choose "Retry with currently saved workflow" for this execution in "Executions": no job is submitted again.${noNewExecution}`;
}

/** The jobs of items, by their numbers; empty if there are none. */
export function jobsText(traces: Array<[number, Trace]>): string {
	const jobs = traces.flatMap(([i, trace]) => {
		const text = traceText(trace);
		return text ? [`item ${i}: ${text}`] : [];
	});
	return jobs.join(', ');
}

/**
 * The error that ends the node after item `i` has failed. It names the jobs of the other items, and says how to get them:
 * by n8n's Retry or, where n8n does not run the node again, by their IDs. `jobs` is the text of these jobs.
 */
export function abortError(
	node: IExecuteFunctions,
	jobs: string,
	failure: Failure,
	i: number,
	recovery: Recovery = 'byRetry',
) {
	const others = jobs && `The jobs of the other items, counted from 0: ${jobs}.`;
	const parts = [others, others && howToGetThem(node, recovery), failure.description];
	const description = parts.filter(Boolean).join(' ');
	return toNodeApiError(node.getNode(), { ...failure, description }, i);
}

/** The part that the resume URLs of all executions have in common; empty if the text is not a URL. */
function resumePlace(url: unknown): string {
	if (typeof url !== 'string' || !URL.canParse(url)) return '';
	const { origin, pathname } = new URL(url);
	return `${origin}${pathname.replace(/\/[^/]*\/?$/, '/')}`;
}

/** The job without the signed resume URL of an execution, which the API returns in `replyUrl`. */
export function withoutResumeUrl(job: JobWithId, resumeUrl: string): JobWithId {
	const place = resumePlace(resumeUrl);
	if (place === '' || resumePlace(job.replyUrl) !== place) return job;
	const shown = { ...job };
	delete shown.replyUrl;
	return shown;
}

interface EndedItem {
	result?: ItemResult;
	replyRef?: string;
	outputBinaryField: string;
}

/** The output of items that all have a result, in their order. Throws the first failure unless On Error says to continue. */
export function outputItems(node: IExecuteFunctions, items: EndedItem[]): INodeExecutionData[] {
	const ends = items.map(({ result, replyRef }) => applyOnUnsuccessful(node, result!, replyRef));
	const failed = ends.findIndex(({ kind }) => kind === 'failure');
	const end = ends[failed];
	if (end?.kind === 'failure' && !node.continueOnFail()) {
		const others = ends.flatMap(
			(each, i): Array<[number, Trace]> => (i === failed ? [] : [[i, traceOf(each)]]),
		);
		throw abortError(node, jobsText(others), end.failure, failed);
	}
	return ends.map((each, i) => toItem(each, i, items[i]?.outputBinaryField ?? ''));
}
