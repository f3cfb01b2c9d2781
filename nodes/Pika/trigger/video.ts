import type { IExecuteFunctions, INodeExecutionData } from 'n8n-workflow';

import { type DownloadOutcome, downloadVideo } from '../api/download';
import { toNodeApiError } from '../results/errors';
import { downloadFailure } from '../results/failures';
import { hasJobid, parseJob } from '../api/job';
import { parseCredentials } from '../api/credentials';
import { toItem } from '../results/output';

/** Repeats a download a few times if the server cannot answer. */
export type WithRetries = (download: () => Promise<DownloadOutcome>) => Promise<DownloadOutcome>;

/** The item for a job, with its video if the job has completed. */
export async function withVideo(
	node: IExecuteFunctions,
	i: number,
	withRetries: WithRetries,
): Promise<INodeExecutionData> {
	const job = parseJob(node.getInputData()[i]?.json);
	if (!hasJobid(job) || job.status !== 'completed') return { json: job, pairedItem: { item: i } };
	const { baseUrl } = parseCredentials(await node.getCredentials('useApiPikaApi'));
	const outcome = await withRetries(async () => await downloadVideo(node, job, baseUrl));
	const field = String(node.getNodeParameter('outputBinaryField', i, 'video'));
	if (outcome.kind === 'video') return toItem({ kind: 'job', job, video: outcome.video }, i, field);
	const failure = downloadFailure(job, outcome, job.replyRef);
	if (!node.continueOnFail()) throw toNodeApiError(node.getNode(), failure, i);
	return toItem({ kind: 'failure', failure }, i, field);
}
