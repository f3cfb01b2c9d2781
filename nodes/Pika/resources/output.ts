import type { IExecuteFunctions, INodeExecutionData } from 'n8n-workflow';

import { detailsOf, toNodeApiError } from '../api/errors';
import { unsuccessfulFailure } from '../api/failure';
import { isUnsuccessful } from '../api/job';
import type { ItemResult } from '../run/obtain';

/** How an item ended; `unread` is one whose parameters could not be used, so nothing was sent. */
export type ItemEnd = ItemResult | { kind: 'unread'; error: Error };

function failedItem(end: Exclude<ItemEnd, { kind: 'job' }>, i: number): INodeExecutionData {
	// n8n hands `details` on to the error output only where the item has no other keys (measured.md).
	const json =
		end.kind === 'failure'
			? { error: end.failure.message, details: detailsOf(end.failure) }
			: { error: end.error.message, details: {} };
	return { json, pairedItem: { item: i } };
}

function jobsOfTheOthers(ends: ItemEnd[], failed: number): string {
	const jobs = ends.flatMap((end, i) => {
		const jobid = end.kind === 'job' ? end.job.jobid : end.kind === 'failure' && end.failure.jobid;
		return jobid && i !== failed ? [`item ${i}: ${jobid}`] : [];
	});
	return jobs.length === 0 ? '' : ` Jobs of the other items: ${jobs.join(', ')}.`;
}

/** A job without a video is a failure, unless the user wants it as output. */
function judge(node: IExecuteFunctions, end: ItemEnd, i: number): ItemEnd {
	if (end.kind !== 'job' || !isUnsuccessful(end.job)) return end;
	if (node.getNodeParameter('onUnsuccessful', i, 'error') === 'output') return end;
	return { kind: 'failure', failure: unsuccessfulFailure(end.job) };
}

/**
 * Makes the node's output, one item per input item and in their order. Where the node is to stop on an
 * error, throws the first one, naming the jobs that the other items have.
 */
export function toOutput(node: IExecuteFunctions, obtained: ItemEnd[]): INodeExecutionData[] {
	const ends = obtained.map((end, i) => judge(node, end, i));
	const failed = ends.findIndex((end) => end.kind === 'failure');
	const end = ends[failed];
	if (end?.kind === 'failure' && !node.continueOnFail()) {
		const description = `${end.failure.description}${jobsOfTheOthers(ends, failed)}`;
		throw toNodeApiError(node.getNode(), { ...end.failure, description }, failed);
	}
	return ends.map((each, i) =>
		each.kind === 'job' ? { json: each.job, pairedItem: { item: i } } : failedItem(each, i),
	);
}
