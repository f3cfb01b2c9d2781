import { type IExecuteFunctions, type INodeExecutionData, NodeOperationError } from 'n8n-workflow';

import { createAccounts } from '../api/accounts';
import { type Client, createClient } from '../api/client';
import type { Credentials } from '../api/credentials';
import { createSend, withoutCancelSignal } from '../api/request';
import { sentFields, slotRequestOf } from '../api/submission';
import { clock } from '../jobs/clock';
import { findPriorJob } from '../jobs/itemState';
import type { JobItem } from '../jobs/jobItem';
import { JobRunner } from '../jobs/jobRunner';
import type { RunParts } from '../jobs/runPlan';
import { cancelJobs } from '../jobs/stop';
import { outputItems } from '../results/output';
import { stoppedError } from '../results/stopped';
import { executeDataOf } from '../waiting/hostSupport';
import { canSuspendFrom } from '../waiting/staleWaitTimer';
import { queuesOf } from '../waiting/backlog';
import { markPossiblySubmitted } from '../waiting/staleState';
import { withFinished } from '../waiting/finishedItems';
import { replayMissedCallback } from '../waiting/missedCallback';
import { suspend } from '../waiting/suspend';
import { type Suspension, consumeSuspension } from '../waiting/suspension';
import { type CompletionPlan, readCompletion } from './completion';
import { credentialsReader, readCredentials } from './connection';
import { finishWith } from './finish';
import { hintAtOpenJobs } from './openJobsHint';
import { readWaiting } from './parameters';
import { type RunScope, openScope } from './runScope';
import { type OperationRequest, buildSubmission, withReplyRef } from './submission';

/** Turns the parameters of item `i` into a request, or into the ID of an existing job. Throws an error for anything that the user must correct. */
export type ReadParameters = (
	node: IExecuteFunctions,
	i: number,
) => Promise<OperationRequest | { jobid: string }>;

export type Execute = (this: IExecuteFunctions) => Promise<INodeExecutionData[][]>;

interface Run extends CompletionPlan, RunScope {
	node: IExecuteFunctions;
	credentials: Credentials;
}

async function beginRun(node: IExecuteFunctions): Promise<Run> {
	const credentials = await readCredentials(node);
	const plan = readCompletion(node, credentials);
	// If this n8n cannot resume the node, a suspended execution would never continue.
	const canWait = executeDataOf(node) !== undefined;
	return { node, credentials, ...openScope(node), ...(canWait ? plan : withoutCallback(plan)) };
}

function withoutCallback({ completion }: CompletionPlan): CompletionPlan {
	return { completion: completion === 'callback' ? 'poll' : completion };
}

async function readItem(run: Run, i: number, read: ReadParameters): Promise<JobItem> {
	const { node, credentials, states, executionId } = run;
	const item = { item: i, ...readWaiting(node, i) };
	const request = await read(node, i);
	if ('jobid' in request) return { ...item, ...request };
	const pending = buildSubmission(node, i, credentials, request, run);
	const prior = findPriorJob(states.get(i), executionId, pending.fingerprint);
	if (!prior.state) return { ...item, replyRef: pending.replyRef, pending };
	const { replyRef } = prior.state;
	if (prior.kind === 'known') {
		const { jobid, callbackTo } = prior.state;
		const { channel } = slotRequestOf(pending.submission, credentials);
		return { ...item, replyRef, jobid, callbackTo, channel };
	}
	const again = { ...item, replyRef, pending: withReplyRef(pending, prior.state) };
	return prior.kind === 'none' ? again : { ...again, possiblySubmitted: prior.state };
}

/** Reads and checks every item before anything is sent. The first error ends the run, unless On Error says to continue. */
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

function clientOf({ node, credentials }: Run): Client {
	const readCurrent = credentialsReader(node, credentials, clock);
	let latest = credentials;
	const client = createClient(createSend(node, credentials), credentials);
	return {
		...client,
		sentFields: (submission) => sentFields(submission, latest),
		slotRequestOf: (submission) => slotRequestOf(submission, latest),
		submit: async (submission) => {
			try {
				latest = await readCurrent();
			} catch (error) {
				return { kind: 'notSent', reason: (error as Error).message };
			}
			return await createClient(createSend(node, latest), latest).submit(submission);
		},
	};
}

/** If a Stop is to cancel the jobs, it must not abort submissions, whose job IDs would then be lost. */
function partsOf(run: Run, isCancelling: boolean): RunParts {
	const { node, states, claims, executionId } = run;
	const client = clientOf(isCancelling ? { ...run, node: withoutCancelSignal(node) } : run);
	const signal = node.getExecutionCancelSignal();
	return { client, states, claims, clock, executionId, signal };
}

function runnerOf(run: Run, items: JobItem[], parts: RunParts, suspension?: Suspension): JobRunner {
	const { node, credentials, completion, executionId = '' } = run;
	const plan = {
		completion,
		finish: finishWith(node, run),
		accounts: createAccounts(createSend(node, credentials), credentials),
		canSuspendFrom: canSuspendFrom(node.getContext('flow'), executionId, clock.now()),
		channels: suspension?.channels,
		queues: suspension && queuesOf(suspension.backlog),
	};
	return new JobRunner(items, plan, parts);
}

function beginning(items: JobItem[]) {
	const isCancelling = items.some(({ cancelOnStop }) => cancelOnStop);
	return { items, backlog: {}, finished: [], isCancelling };
}

/**
 * Makes the `execute` of an operation whose items become jobs. n8n calls it again after each wait, and it then continues
 * with the items that it saved.
 */
export function jobOperation(read: ReadParameters): Execute {
	return async function execute(this: IExecuteFunctions) {
		const run = await beginRun(this);
		const { context, runIndex, executionId = '', resumeUrl = '' } = run;
		const suspension = consumeSuspension(context, runIndex, executionId);
		const began = suspension ?? beginning(await readItems(run, read));
		const { items, finished, isCancelling } = began;
		const parts = partsOf(run, isCancelling);
		if (suspension) await markPossiblySubmitted(this, suspension, parts);
		const runner = runnerOf(run, items, parts, suspension);
		const end = await runner.run(suspension !== undefined);
		if (end.kind === 'suspended') {
			const shown = await suspend(this, { ...began, runIndex, executionId, clock }, end);
			void replayMissedCallback(this, items, resumeUrl, parts);
			return [shown];
		}
		const all = await withFinished(finished, items);
		if (end.kind === 'stopped') {
			const report = await cancelJobs(all, runner, parts);
			throw stoppedError(this, executionId, report);
		}
		hintAtOpenJobs(this, run.completion, all);
		return [outputItems(this, all)];
	};
}
