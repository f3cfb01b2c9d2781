import type { INodeExecutionData, IWebhookFunctions } from 'n8n-workflow';

import type { Client } from '../api/client';
import { neverSubmittedFailure, unsuccessfulFailure } from '../results/failures';
import { isTerminal, isUnsuccessful } from '../api/job';
import type { JobItem } from '../jobs/jobItem';
import type { Suspension } from './suspension';
import { type ItemResult, toItem } from '../results/output';

async function resultOf(item: JobItem, client: Client): Promise<ItemResult | undefined> {
	if (item.result) return item.result;
	if (!item.jobid) return { kind: 'failure', failure: neverSubmittedFailure(item.replyRef) };
	const read = await client.getJob(item.jobid);
	if (read.kind !== 'found' || !isTerminal(read.job)) return undefined;
	return { kind: 'job', job: read.job };
}

/**
 * The items with which a waiting node ends where this n8n does not let `execute()` run again: every job as it stands,
 * without its video. Undefined as long as one has not ended. n8n offers no way to fail the node from here, so
 * unsuccessful jobs go on as items with `error` and `details`.
 */
export async function resultsWithoutExecute(
	node: IWebhookFunctions,
	client: Client,
	{ items }: Suspension,
): Promise<INodeExecutionData[] | undefined> {
	const isOutput = node.getNodeParameter('onUnsuccessful', 'error') === 'output';
	const results = await Promise.all(items.map(async (item) => await resultOf(item, client)));
	const ended = results.flatMap((result, i) => {
		if (!result) return [];
		const isFailure = result.kind === 'job' && isUnsuccessful(result.job) && !isOutput;
		const end: ItemResult = isFailure
			? { kind: 'failure', failure: unsuccessfulFailure(result.job, items[i]?.replyRef) }
			: result;
		return [toItem(end, i, items[i]?.outputBinaryField ?? '')];
	});
	return ended.length === items.length ? ended : undefined;
}
