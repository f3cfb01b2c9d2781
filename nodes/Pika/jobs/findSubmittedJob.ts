import type { Client, Submission } from '../api/client';
import type { JobWithId } from '../api/job';
import type { Claims } from './claims';
import type { Clock } from './clock';
import { LOOK_UP_MILLISECONDS, pollDelay } from './backoff';

export interface SubmissionQuery {
	submission: Submission;
	/** False where the user chose the reply reference: it may repeat, so more must match. */
	isUniqueReplyRef: boolean;
}

function hasSameFiles(job: JobWithId, submission: Submission): boolean {
	return Object.entries(submission.files).every(([name, file]) => {
		const echoed = job[name];
		const size = typeof echoed === 'object' && echoed !== null && 'size' in echoed && echoed.size;
		return typeof size !== 'number' || size === file.size;
	});
}

/** Whether a running job is the one that this submission asked for, by what the API echoes of it. */
export function isJobOf(
	job: JobWithId,
	{ submission, isUniqueReplyRef }: SubmissionQuery,
): boolean {
	const { replyRef, prompt } = submission.fields;
	if (job.replyRef !== replyRef) return false;
	if (isUniqueReplyRef) return true;
	return (prompt ?? '') === (job.prompt ?? '') && hasSameFiles(job, submission);
}

/**
 * Looks for a submission of unknown outcome among the running jobs, for about a minute, because a job can appear late.
 * Claims what it finds. A reference that other items share, while one of those is still being submitted, says nothing.
 * Does not look at jobs that ended meanwhile: the API lists only running ones.
 */
export async function findSubmittedJob(
	search: SubmissionQuery,
	client: Client,
	claims: Claims,
	clock: Clock,
	signal?: AbortSignal,
): Promise<JobWithId | undefined> {
	const end = clock.now() + LOOK_UP_MILLISECONDS;
	const isOver = (): boolean => clock.now() >= end || signal?.aborted === true;
	const strangers = new Set<string>();
	for (;;) {
		const running = await client.getRunning();
		const jobids = running.kind === 'found' ? running.jobids : [];
		for (const jobid of jobids.filter((id) => !strangers.has(id) && !claims.has(id))) {
			const read = await client.getJob(jobid);
			if (read.kind === 'found' && !isJobOf(read.job, search)) strangers.add(jobid);
			const isOurs = read.kind === 'found' && !strangers.has(jobid);
			if (isOurs && !claims.isUnderWay(search.submission) && claims.claim(jobid)) return read.job;
			if (isOver()) return undefined;
		}
		if (isOver()) return undefined;
		await clock.pause(Math.min(end - clock.now(), pollDelay(clock.random())), signal);
	}
}
