import type { IExecuteFunctions, INodeExecutionData } from 'n8n-workflow';

import { type JobWithId, hasJobid, parseJob } from '../api/job';
import { sanitizeText } from '../api/sanitizeText';
import { claim, isNew } from './claim';
import { type RecordEntries, deduplicationStore, recordInTurn } from './emittedLog';
import { isRepeat, remember } from './seen';
import { getTriggerState } from './state';
import { type Patience, withVideo } from './video';

interface Clock {
	now: () => number;
	pause: (milliseconds: number, signal?: AbortSignal) => Promise<void>;
}

/** Only here can processes of n8n tell each other what they have emitted: n8n gives webhook() nothing that they share. */
async function isFirst(node: IExecuteFunctions, job: JobWithId, clock: Clock): Promise<boolean> {
	const { received, claimed, log } = getTriggerState(node);
	const record: RecordEntries = async (entries) =>
		await recordInTurn(log, entries, deduplicationStore(node));
	// Then webhook() has run in this very process, which knows all simultaneous callbacks.
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

/** Test listening and the editor's Retry want the job again; Retry On Fail comes back to an execution that has it. */
async function isToBeEmitted(node: IExecuteFunctions, clock: Clock): Promise<boolean> {
	const job = parseJob(node.getInputData()[0]?.json);
	if (node.getMode() !== 'webhook' || !hasJobid(job)) return true;
	const context = node.getContext('node');
	context.isFirst ??= await isFirstOrUnknown(node, job, clock);
	return context.isFirst === true;
}

/**
 * What an execution of the trigger gives: the job that webhook() has handed on, with its video if that is wanted, or
 * nothing if another execution has emitted the same job and status.
 */
export async function emit(
	node: IExecuteFunctions,
	clock: Clock,
	patiently: Patience,
): Promise<INodeExecutionData[][]> {
	const items = node.getInputData();
	if (!(await isToBeEmitted(node, clock))) return [[]];
	if (node.getNodeParameter('download', 0, false) !== true) return [[...items]];
	return [await Promise.all(items.map(async (_item, i) => await withVideo(node, i, patiently)))];
}
