import type { IExecuteFunctions } from 'n8n-workflow';

import type { Client } from '../api/client';
import { isTerminal } from '../api/job';
import { requestWithoutToken } from '../api/requestWithoutToken';
import type { Clock } from '../jobs/clock';
import { type JobItem, isOpen } from '../jobs/jobItem';

/** Before each try, in milliseconds. All but the first keep the pause between two reads of the list (docs/api-contract.md, "Polling"). */
const PAUSES = [5_000, 10_000, 20_000, 40_000, 80_000, 160_000];

type Missed = { kind: 'ended'; jobid: string } | { kind: 'none' | 'unknown' };

async function findEnded(client: Client, open: string[]): Promise<Missed> {
	const running = await client.getRunning();
	if (running.kind === 'found') {
		const jobid = open.find((each) => !running.jobids.includes(each));
		return jobid === undefined ? { kind: 'none' } : { kind: 'ended', jobid };
	}
	for (const jobid of open) {
		const read = await client.getJob(jobid);
		if (read.kind !== 'found') return { kind: 'unknown' };
		if (isTerminal(read.job)) return { kind: 'ended', jobid };
	}
	return { kind: 'none' };
}

async function isAccepted(node: IExecuteFunctions, url: string, jobid: string): Promise<boolean> {
	const options = { method: 'POST', url, json: true, body: { jobid } } as const;
	const { statusCode } = await requestWithoutToken(node, options);
	return statusCode < 300;
}

/**
 * If a job ends while n8n is still saving the wait, n8n answers its callback with 409 and drops it. So this function looks
 * for ended jobs afterwards, and calls the resume URL itself. It tries for five minutes, but is not part of the execution:
 * if it fails or n8n stops, only the next callback or the wait limit ends the wait.
 */
export async function replayMissedCallback(
	node: IExecuteFunctions,
	items: JobItem[],
	resumeUrl: string,
	{ client, clock }: { client: Client; clock: Clock },
): Promise<void> {
	const open = items.filter(isOpen).map(({ jobid }) => jobid);
	for (const pause of PAUSES) {
		await clock.pause(pause);
		try {
			const missed = await findEnded(client, open);
			if (missed.kind === 'none') return;
			if (missed.kind === 'ended' && (await isAccepted(node, resumeUrl, missed.jobid))) return;
		} catch {
			// Nobody awaits this function, so an error would end n8n.
		}
	}
}
