import type { IExecuteFunctions } from 'n8n-workflow';

import type { Credentials } from '../api/credentials';
import { downloadVideo } from '../api/download';
import { clock } from '../jobs/clock';
import { withReadRetries } from '../jobs/readRetries';
import type { Completion, RunPlan } from '../jobs/runPlan';
import { Limiter } from '../jobs/limiter';
import { REQUESTS_AT_ONCE } from '../jobs/reads';
import { downloadFailure } from '../results/failures';
import { withoutResumeUrl } from '../results/output';
import { isKnownJob } from '../results/isKnownJob';
import { isTool, resumeUrlOf } from './completion';

interface FinishOptions {
	credentials: Credentials;
	completion: Completion;
}

/** An existing job may have its video the first time it is read, so the file can be downloaded without waiting. */
function isDownloading(node: IExecuteFunctions, completion: Completion): boolean {
	if (completion === 'off' && !isKnownJob(node)) return false;
	return node.getNodeParameter('download', 0, true) === true;
}

/** Downloads the video of a completed job if the user wants that; an agent gets the link instead. */
export function finishWith(
	node: IExecuteFunctions,
	{ credentials, completion }: FinishOptions,
): RunPlan['finish'] {
	const isWanted = isDownloading(node, completion);
	const resumeUrl = resumeUrlOf(node);
	const downloads = new Limiter(REQUESTS_AT_ONCE);
	const timing = { clock, signal: node.getExecutionCancelSignal() };
	return async ({ job, replyRef }) => {
		if (!job) return undefined;
		const shown = withoutResumeUrl(job, resumeUrl);
		if (!isWanted || isTool(node) || job.status !== 'completed') return { kind: 'job', job: shown };
		const download = async () =>
			await downloads.run(async () => await downloadVideo(node, job, credentials.baseUrl));
		const outcome = await withReadRetries(download, timing);
		return outcome.kind === 'video'
			? { kind: 'job', job: shown, video: outcome.video }
			: { kind: 'failure', failure: downloadFailure(job, outcome, replyRef) };
	};
}
