import { type IExecuteFunctions, type INodeExecutionData, NodeOperationError } from 'n8n-workflow';

import { createClient } from '../api/client';
import { downloadVideo } from '../api/download';
import { downloadFailure } from '../results/failures';
import { createSend, withoutCancelSignal } from '../api/request';
import type { Credentials } from '../api/credentials';
import { Claims } from '../jobs/claims';
import { clock } from '../jobs/clock';
import { createItemStates } from '../jobs/itemState';
import { canSuspendFrom } from '../waiting/staleWaitTimer';
import { type JobItem, isOpen } from '../jobs/jobItem';
import { type Finish, JobRunner } from '../jobs/jobRunner';
import { withReadRetries } from '../jobs/readRetries';
import type { RunContext } from '../jobs/submit';
import { consumeSuspension } from '../waiting/suspension';
import { type CompletionPlan, isTool, readCompletion } from './completion';
import { readConnection } from './connection';
import { markPossiblySubmitted } from '../waiting/staleState';
import { applyOnUnsuccessful, abortError, toItem } from '../results/output';
import { readWaiting } from './parameters';
import { type OperationRequest, buildSubmission } from './submission';
import { replayMissedCallback, suspend } from '../waiting/suspend';

/** Turns the parameters of item `i` into what its operation sends, or into a job's id. Throws what the user must correct. */
export type ReadParameters = (
	node: IExecuteFunctions,
	i: number,
) => Promise<OperationRequest | { jobid: string }>;

export type Execute = (this: IExecuteFunctions) => Promise<INodeExecutionData[][]>;

interface Run extends CompletionPlan {
	node: IExecuteFunctions;
	settings: Credentials;
	tools: RunContext;
	runIndex: number;
	executionId: string;
}

async function beginRun(node: IExecuteFunctions): Promise<Run> {
	const settings = await readConnection(node);
	const runIndex = Number(node.getWorkflowDataProxy(0).$runIndex);
	const tools = {
		client: createClient(createSend(node, settings), settings),
		states: createItemStates(node.getContext('node'), runIndex),
		claims: new Claims(),
		clock,
		signal: node.getExecutionCancelSignal(),
	};
	const executionId = node.getExecutionId();
	return { node, settings, tools, runIndex, executionId, ...readCompletion(node, settings) };
}

async function readItem(run: Run, i: number, read: ReadParameters): Promise<JobItem> {
	const { node, settings, tools } = run;
	const saved = tools.states.get(i);
	const waiting = readWaiting(node, i);
	if (saved?.jobid) {
		const { replyRef, jobid, callbackTo } = saved;
		return { item: i, replyRef, jobid, callbackTo, ...waiting };
	}
	const own = await read(node, i);
	if ('jobid' in own) return { item: i, ...own, ...waiting };
	const pending = buildSubmission(node, i, settings, own, run, saved);
	return { item: i, replyRef: pending.replyRef, pending, ...waiting };
}

/** Reads and checks every item before anything is sent; the first fault ends it, unless the node is to continue. */
async function readItems(run: Run, read: ReadParameters): Promise<JobItem[]> {
	const { node } = run;
	const items: JobItem[] = [];
	for (let i = 0; i < node.getInputData().length; i++) {
		try {
			items.push(await readItem(run, i, read));
		} catch (error) {
			const fault = new NodeOperationError(node.getNode(), error as Error, { itemIndex: i });
			if (!node.continueOnFail()) throw fault;
			const failure = { message: fault.message, description: fault.description ?? '' };
			items.push({
				item: i,
				waitLimitMilliseconds: 0,
				outputBinaryField: '',
				cancelOnStop: false,
				result: { kind: 'failure', failure },
			});
		}
	}
	return items;
}

/** Downloads the video of a job that has completed, where that is wanted; an agent gets the link instead. */
function finishWith({ node, settings, completion, tools }: Run): Finish {
	const isWanted = completion !== 'off' && node.getNodeParameter('download', 0, false) === true;
	return async ({ job, replyRef }) => {
		if (!job) return undefined;
		if (!isWanted || isTool(node) || job.status !== 'completed') return { kind: 'job', job };
		const outcome = await withReadRetries(
			async () => await downloadVideo(node, job, settings.baseUrl),
			tools,
		);
		return outcome.kind === 'video'
			? { kind: 'job', job, video: outcome.video }
			: { kind: 'failure', failure: downloadFailure(job, outcome, replyRef) };
	};
}

async function cancelOpenJobs({ node, settings }: Run, items: JobItem[]): Promise<void> {
	const client = createClient(createSend(withoutCancelSignal(node), settings), settings);
	const open = items.filter(isOpen).filter(({ cancelOnStop }) => cancelOnStop);
	await Promise.all(open.map(async ({ jobid }) => await client.cancel(jobid)));
}

function output({ node }: Run, items: JobItem[]): INodeExecutionData[] {
	const ends = items.map(({ result, replyRef }) => applyOnUnsuccessful(node, result!, replyRef));
	const failed = ends.findIndex(({ kind }) => kind === 'failure');
	const end = ends[failed];
	if (end?.kind === 'failure' && !node.continueOnFail()) {
		throw abortError(node, ends, end.failure, failed);
	}
	return ends.map((each, i) => toItem(each, i, items[i]?.outputBinaryField ?? ''));
}

/**
 * Makes the `execute` of an operation that ends in jobs. n8n enters it anew after each wait, and it then goes on with
 * the items that it left behind.
 */
export function jobOperation(read: ReadParameters): Execute {
	return async function execute(this: IExecuteFunctions) {
		const run = await beginRun(this);
		const { tools, runIndex, executionId } = run;
		const context = this.getContext('node');
		const left = consumeSuspension(context, runIndex, executionId);
		if (left) await markPossiblySubmitted(this, left, tools.states);
		const items = left?.items ?? (await readItems(run, read));
		const waitFrom = canSuspendFrom(this.getContext('flow'), executionId, tools.clock.now());
		const jobs = new JobRunner(
			items,
			run.completion,
			finishWith(run),
			tools,
			executionId,
			waitFrom,
		);
		const end = left ? await jobs.afterCallback() : await jobs.run();
		switch (end.kind) {
			case 'finished':
				return [output(run, items)];
			case 'stopped':
				await cancelOpenJobs(run, items);
				// n8n tells a stopped execution from a failed one by this word in the message.
				throw new NodeOperationError(this.getNode(), 'The execution was canceled');
			case 'suspended':
				void replayMissedCallback(this, items, run.resumeUrl ?? '', tools);
				return [await suspend(this, items, runIndex, end.until)];
		}
	};
}
