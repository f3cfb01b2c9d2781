import type { SubmitOutcome } from '../api/outcomes';
import { type Failure, submissionFailure, unreadableFailure } from '../api/failure';
import type { KnownJob } from '../api/job';
import { Channel, Progress } from './channel';
import { readPatiently } from './readPatiently';
import { type RunTools, type WantedJob, adopt, submit } from './submit';

const NOT_FOUND = { kind: 'unknown', reason: 'it is not among the running jobs' } as const;

/** What an item has in the end: its job, or the reason why it has none. */
export type ItemResult = { kind: 'job'; job: KnownJob } | { kind: 'failure'; failure: Failure };

function resultOf(outcome: SubmitOutcome, replyRef: string): ItemResult {
	return outcome.kind === 'accepted'
		? { kind: 'job', job: outcome.job }
		: { kind: 'failure', failure: submissionFailure(outcome, replyRef) };
}

async function readKnown({ jobid, replyRef }: KnownItem, tools: RunTools): Promise<ItemResult> {
	const read = await readPatiently(async () => await tools.client.getJob(jobid), tools);
	switch (read.kind) {
		case 'found':
			return { kind: 'job', job: read.job };
		case 'refused':
			return { kind: 'failure', failure: unreadableFailure(jobid, read.refusal.words, replyRef) };
		case 'unreachable':
			return { kind: 'failure', failure: unreadableFailure(jobid, read.reason, replyRef) };
		case 'cancelled':
			return { kind: 'failure', failure: unreadableFailure(jobid, 'stopped', replyRef) };
	}
}

/** An item whose job is known already: an earlier try of this execution has submitted it. */
export interface KnownItem {
	item: number;
	jobid: string;
	replyRef?: string;
}

/**
 * Gets every item its one job: reads the known ones, looks up what is unknown, and submits only what surely
 * never was. Results come in the order of the items; one item's failure leaves the others alone.
 */
export async function obtainJobs(
	items: Array<WantedJob | KnownItem>,
	tools: RunTools,
): Promise<ItemResult[]> {
	const progress = new Progress(tools.clock);
	const channels = new Map<string, Channel>();
	const channelOf = (name: string): Channel => {
		const channel = channels.get(name) ?? new Channel(progress, tools.clock, tools.signal);
		channels.set(name, channel);
		return channel;
	};

	const obtain = async (item: WantedJob | KnownItem): Promise<ItemResult> => {
		if ('jobid' in item) return await readKnown(item, tools);
		if (tools.states.get(item.item)?.outcome === 'unknown') {
			return resultOf((await adopt(item, tools)) ?? NOT_FOUND, item.replyRef);
		}
		const outcome = await channelOf(item.channel).submit(
			async () => await submit(item, tools),
			item.maxJobs,
			item.retryForMilliseconds,
		);
		return resultOf(outcome, item.replyRef);
	};

	for (const item of items) if ('jobid' in item) tools.claims.claim(item.jobid);
	return await Promise.all(items.map(obtain));
}
