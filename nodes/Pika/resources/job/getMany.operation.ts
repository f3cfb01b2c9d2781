import type { IDataObject, INodeProperties, INodePropertyOptions } from 'n8n-workflow';

import type { JobOutcome } from '../../api/client';
import { shownJob } from '../../api/shownJob';
import { REQUESTS_AT_ONCE } from '../../jobs/reads';
import { Limiter } from '../../jobs/limiter';
import { unansweredFailure, unreadableFailure } from '../../results/failures';
import { type Connection, type ItemOutcome, perItem } from '../perItem';
import { flagIn } from '../values';

export const option: INodePropertyOptions = {
	name: 'Get Many',
	value: 'getMany',
	action: 'Get many running jobs',
	description:
		'List the jobs that are running now, on all channels. useapi.net has no list of jobs that have ended.',
};

export const fields: INodeProperties[] = [
	{
		displayName: 'Read Each Job',
		name: 'readEach',
		type: 'boolean',
		default: true,
		description:
			'Whether to output each job with its prompt, status and reply reference, which takes one request for each. Otherwise only the job IDs are listed. The item of a job that cannot be read has the reason in readError.',
	},
];

export const execute = perItem('runningJobs', async (node, i, connection) => {
	const readEach = node.getNodeParameter('readEach', i, true);
	const isReadingEach = flagIn(node, i, 'Read Each Job', readEach);
	const running = await connection.read(connection.client.getRunning);
	if (running.kind !== 'found') return running;
	if (isReadingEach) return await readAll(connection, running.jobids);
	return { kind: 'items', items: running.jobids.map((jobid) => ({ jobid })) };
});

/**
 * Reads every job, a few at a time. A job that cannot be read becomes an item with its `jobid` and the reason in
 * `readError`; if none can be read, the input item fails.
 */
async function readAll({ client, read }: Connection, jobids: string[]): Promise<ItemOutcome> {
	const reads = new Limiter(REQUESTS_AT_ONCE);
	const outcomes: JobOutcome[] = await Promise.all(
		jobids.map(
			async (jobid) =>
				await read(async () => await reads.run(async () => await client.getJob(jobid))),
		),
	);
	const [first] = outcomes;
	const stopped = outcomes.find(({ kind }) => kind === 'cancelled');
	const isRead = outcomes.some(({ kind }) => kind === 'found');
	const failed = stopped ?? (isRead ? undefined : first);
	if (failed && failed.kind !== 'found') return failed;
	return { kind: 'items', items: outcomes.map((outcome, i) => itemOf(outcome, jobids[i] ?? '')) };
}

function itemOf(outcome: JobOutcome, jobid: string): IDataObject {
	switch (outcome.kind) {
		case 'found':
			return shownJob(outcome.job);
		case 'refused':
			return { jobid, readError: unreadableFailure(jobid, outcome.refusal).message };
		case 'unreachable':
			return { jobid, readError: unansweredFailure(jobid, undefined, outcome).message };
		case 'cancelled':
			return { jobid };
	}
}
