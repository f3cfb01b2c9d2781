import type { IExecuteFunctions, INodeExecutionData } from 'n8n-workflow';

import { type JobWithId, hasJobid, parseJob } from '../api/job';
import { sanitizeText } from '../api/sanitizeText';
import { claim, isNew } from './claim';
import { type RecordEntries, deduplicationStore, recordInTurn } from './emittedLog';
import { isRepeat, remember } from './seen';
import { getTriggerState } from './state';
import { type WithRetries, withVideo } from './video';

interface Clock {
	now: () => number;
	pause: (milliseconds: number, signal?: AbortSignal) => Promise<void>;
}

/** Processes of n8n can share what they have emitted only in execute() (docs/n8n-internals.md, "execute() of a trigger"). */
async function isFirst(node: IExecuteFunctions, job: JobWithId, clock: Clock): Promise<boolean> {
	const { received, claimed, log } = getTriggerState(node);
	const record: RecordEntries = async (entries) =>
		await recordInTurn(log, entries, deduplicationStore(node));
	// If so, webhook() ran in this process, which knows all simultaneous callbacks.
	if (isRepeat(received, job)) return await isNew(job, record);
	if (isRepeat(claimed, job)) return false;
	remember(claimed, job);
	const pause = async (milliseconds: number) =>
		await clock.pause(milliseconds, node.getExecutionCancelSignal());
	return await claim(job, { id: node.getExecutionId(), record, now: clock.now, pause });
}

async function isFirstOrUnknown(
	node: IExecuteFunctions,
	job: JobWithId,
	clock: Clock,
): Promise<boolean> {
	try {
		return await isFirst(node, job, clock);
	} catch (error) {
		const reason = sanitizeText(error instanceof Error ? error.message : String(error));
		node.logger.warn(`Pika Trigger: the job ${job.jobid} may be a repeat: ${reason}`);
		return true;
	}
}

/** Test listening and the editor's Retry emit the job again; so does Retry On Fail in the execution that emitted it. */
async function isToBeEmitted(node: IExecuteFunctions, clock: Clock): Promise<boolean> {
	const job = parseJob(node.getInputData()[0]?.json);
	if (node.getMode() !== 'webhook' || !hasJobid(job)) return true;
	const context = node.getContext('node');
	context.isFirst ??= await isFirstOrUnknown(node, job, clock);
	return context.isFirst === true;
}

/**
 * The output of an execution of the trigger: the job that webhook() passed on, with its video if requested, or nothing if
 * another execution has emitted the same job and status.
 */
export async function emit(
	node: IExecuteFunctions,
	clock: Clock,
	withRetries: WithRetries,
): Promise<INodeExecutionData[][]> {
	const items = node.getInputData();
	if (!(await isToBeEmitted(node, clock))) return [[]];
	if (node.getNodeParameter('download', 0, false) !== true) return [[...items]];
	return [await Promise.all(items.map(async (_item, i) => await withVideo(node, i, withRetries)))];
}
