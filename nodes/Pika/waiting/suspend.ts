import { randomUUID } from 'node:crypto';
import type { IExecuteFunctions, INodeExecutionData, NodeApiError } from 'n8n-workflow';

import type { Clock } from '../jobs/clock';
import type { JobItem } from '../jobs/jobItem';
import type { RunEnd } from '../jobs/runPlan';
import { type Failure, neverSubmittedFailure, timedOutFailure } from '../results/failures';
import {
	type ItemResult,
	abortError,
	applyOnUnsuccessful,
	toItem,
	traceOf,
} from '../results/output';
import { recordJobs } from '../results/jobRecord';
import { setAside } from './backlog';
import { type Pack, packFinished, textOfJobs } from './finishedItems';
import { noteWait } from './staleWaitTimer';
import { type Suspension, saveSuspension } from './suspension';

/** n8n keeps the error of a wait that timed out (docs/n8n-internals.md, "Retry keeps the wait"). */
const NO_RETRY =
	'Retrying this execution only shows this message again, because n8n then does not run the node.';

const LOST_CALLBACK =
	'If the job has ended, its callback did not arrive: check that useapi.net can reach this n8n with the whole reply URL, including everything after the question mark.';

function lateFailure({ jobid, waitLimitMilliseconds, job, replyRef }: JobItem): Failure {
	if (!jobid) return neverSubmittedFailure(replyRef);
	const failure = timedOutFailure(jobid, waitLimitMilliseconds, job, replyRef);
	return { ...failure, description: `${failure.description} ${LOST_CALLBACK}` };
}

/** The item that is passed on in the continue modes if the wait ends without another callback. */
function lateItem(node: IExecuteFunctions, item: JobItem): INodeExecutionData {
	const end: ItemResult = item.result ?? { kind: 'failure', failure: lateFailure(item) };
	const { item: i, replyRef, outputBinaryField } = item;
	return toItem(applyOnUnsuccessful(node, end, replyRef), i, outputBinaryField);
}

function lateError(node: IExecuteFunctions, items: JobItem[], finished: Pack[]): NodeApiError {
	const [first, ...others] = items as [JobItem];
	const late = lateFailure(first);
	const failure = { ...late, description: `${late.description} ${NO_RETRY}` };
	const jobs = textOfJobs(finished, others);
	return trimForStorage(abortError(node, jobs, failure, first.item, 'byId'), node);
}

/** What the next run needs to continue. */
export interface SuspendedRun
	extends Pick<
		Suspension,
		'items' | 'backlog' | 'finished' | 'passedOn' | 'isCancelling' | 'runIndex' | 'executionId'
	> {
	clock: Clock;
}

/**
 * Suspends the execution until a callback. If the wait times out, n8n runs no code of this node: it fails the node with
 * the error that is saved here or, in the continue modes, passes on the items that are saved as the node's input. So both
 * are prepared now, with the state of each job.
 */
export async function suspend(
	node: IExecuteFunctions,
	run: SuspendedRun,
	{ until, channels }: Extract<RunEnd, { kind: 'suspended' }>,
): Promise<INodeExecutionData[]> {
	const { clock, ...kept } = run;
	const now = clock.now();
	const inOrder = run.items.toSorted((one, other) => one.item - other.item);
	const unfinished = inOrder.filter(({ result }) => !result);
	const { items, backlog } = await setAside(unfinished, run.backlog);
	const finished = await packFinished(run.finished, inOrder);
	const passedOn = node.continueOnFail() ? itemsIfLate(node, run) : undefined;
	const waiting = { id: randomUUID(), savedAt: now, items, backlog, finished, passedOn, channels };
	const input = node.getInputData();
	saveSuspension(node.getContext('node'), { ...kept, ...waiting, input });
	if (passedOn) node.getExecuteData().data = { main: [passedOn] };
	else node.setMetadata({ resumeError: lateError(node, items, finished) });
	const jobs = [textOfJobs([], items), textOfJobs(finished, [])];
	recordJobs(node, jobs.filter(Boolean).join(', '));
	noteWait(node.getContext('flow'), run.executionId, until);
	// n8n uses the system clock, which may have been changed since the run began.
	await node.putExecutionToWait(new Date(Date.now() + until - now));
	return inOrder.flatMap(shownMeanwhile);
}

/** Changes only the items of this run: the others are as they were at the wait before. */
function itemsIfLate(node: IExecuteFunctions, { items, passedOn = [] }: SuspendedRun) {
	for (const item of items) passedOn[item.item] = lateItem(node, item);
	return passedOn;
}

/**
 * What the editor shows while the execution waits: the jobs that run, and those that have ended since the wait before. n8n
 * saves it with each wait and discards it afterwards, so it is short. With Retry On Fail, n8n would run a node again if its
 * first item had an `error`, even a node that waits.
 */
function shownMeanwhile({ item, jobid, job, result }: JobItem): INodeExecutionData[] {
	const { status } = (result ? traceOf(result) : job) ?? {};
	return jobid ? [{ json: { jobid, status }, pairedItem: { item } }] : [];
}

/**
 * Removes from an error what n8n would keep and save for as long as the execution waits. Until its stack is replaced, V8
 * keeps every object in the call chain alive, and a part of the stack would keep the whole text. The error's own copy of the
 * node is replaced by the one that waits anyway.
 */
function trimForStorage(error: NodeApiError, node: IExecuteFunctions): NodeApiError {
	error.stack = `${error.name}: ${error.message}`;
	return Object.assign(error, { node: node.getExecuteData().node });
}
