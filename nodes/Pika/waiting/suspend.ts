import { randomUUID } from 'node:crypto';
import type { IExecuteFunctions, INodeExecutionData } from 'n8n-workflow';

import { type Failure, neverSubmittedFailure, timedOutFailure } from '../results/failures';
import type { Job } from '../api/job';
import { requestWithoutToken } from '../api/requestWithoutToken';
import { noteWait } from './staleWaitTimer';
import { type JobItem, isOpen } from '../jobs/jobItem';
import type { RunContext } from '../jobs/submit';
import { saveSuspension } from './suspension';
import { recordSubmitted } from './staleState';
import { type ItemResult, applyOnUnsuccessful, abortError, toItem } from '../results/output';

/** n8n keeps the error of a wait that ran out, and gives it again without asking the node. */
const NO_RETRY =
	'Retrying this execution shows this message again: use Job: Get, or start a new execution.';

const LATE_LOOK_MILLISECONDS = 5_000;

function lateFailure(item: JobItem): Failure {
	const { jobid, waitLimitMilliseconds, job, replyRef } = item;
	return jobid
		? timedOutFailure(jobid, waitLimitMilliseconds, job, replyRef)
		: neverSubmittedFailure(replyRef);
}

/** What every item ends with if the wait runs out without another callback. */
export function timeoutResults(node: IExecuteFunctions, items: JobItem[]): ItemResult[] {
	return items.map((item) =>
		item.result
			? applyOnUnsuccessful(node, item.result, item.replyRef)
			: { kind: 'failure', failure: lateFailure(item) },
	);
}

/**
 * Puts the execution to wait for callbacks until `until` (milliseconds since 1970). When that passes, n8n runs none
 * of this node's code: it fails the node with the error that is left here or, in the continue modes, hands on the items
 * that are left as the node's input. So both are prepared now, with the state of each job.
 */
export async function suspend(
	node: IExecuteFunctions,
	items: JobItem[],
	runIndex: number,
	until: number,
): Promise<INodeExecutionData[]> {
	const place = { runIndex, executionId: node.getExecutionId() };
	await recordSubmitted(node, place, items);
	saveSuspension(node.getContext('node'), {
		id: randomUUID(),
		...place,
		items,
		input: node.getInputData(),
	});
	const ends = timeoutResults(node, items);
	if (node.continueOnFail()) {
		const late = ends.map((end, i) => toItem(end, i, items[i]?.outputBinaryField ?? ''));
		node.getExecuteData().data = { main: [late] };
	} else {
		const i = items.findIndex(({ result }) => !result);
		const late = lateFailure(items[i] as JobItem);
		const failure = { ...late, description: `${late.description} ${NO_RETRY}` };
		node.setMetadata({ resumeError: withTextStack(abortError(node, ends, failure, i)) });
	}
	noteWait(node.getContext('flow'), node.getExecutionId(), until);
	await node.putExecutionToWait(new Date(until));
	return items.map(({ job }, i) => ({ json: shownMeanwhile(job), pairedItem: { item: i } }));
}

/**
 * Until its stack is read, V8 keeps every object that was called on the way to an error: here the whole execution, for as
 * long as it waits, because n8n keeps what a waiting execution will go on with.
 */
function withTextStack<Thrown extends Error>(error: Thrown): Thrown {
	error.stack = error.stack ?? '';
	return error;
}

/** Under Retry On Fail n8n would run a node again, also one that waits, whose first item has an `error` (measured.md). */
function shownMeanwhile(job: Job = {}): Job {
	const shown = { ...job };
	delete shown.error;
	return shown;
}

/**
 * A job that ends while n8n still saves the wait calls in vain: n8n answers 409 and forgets. This looks once more when
 * the wait is saved, and calls in its place. It is no part of the execution; where it fails, the wait limit still holds.
 */
export async function replayMissedCallback(
	node: IExecuteFunctions,
	items: JobItem[],
	resumeUrl: string,
	{ client, clock }: RunContext,
): Promise<void> {
	const open = items.filter(isOpen).map(({ jobid }) => jobid);
	await clock.pause(LATE_LOOK_MILLISECONDS);
	const running = await client.getRunning();
	if (running.kind !== 'found') return;
	const missed = open.find((jobid) => !running.jobids.includes(jobid));
	if (!missed) return;
	try {
		const body = { jobid: missed };
		await requestWithoutToken(node, { method: 'POST', url: resumeUrl, json: true, body });
	} catch {
		return;
	}
}
