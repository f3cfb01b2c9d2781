import type { IExecuteFunctions } from 'n8n-workflow';

import { isTerminal } from '../api/job';
import type { JobItem } from '../jobs/jobItem';
import type { Completion } from '../jobs/runPlan';
import { isKnownJob } from '../results/isKnownJob';

const GET_THIS =
	'Set "Wait for Completion" to "By Polling", or execute this node again later. After a reload, n8n runs the nodes before it too: if one of them submits jobs, pin its output first.';

const LATER =
	'To get it later, enter the jobid in a Job: Get node of another workflow. Do not put that node after this one: executing it can execute this one again, which submits a second job.';

const WILL_BE_CALLED = `useapi.net calls the reply URL when a job ends, which starts the workflow of a Pika Trigger with that URL. ${LATER}`;

const GET_THEM = `To wait for it here, set "Wait for Completion" to "By Polling". ${LATER} A Pika Trigger can continue in a workflow of its own.`;

/** Adds a hint to the output of a node that does not wait: there is no video yet, and this is how to get it. */
export function hintAtOpenJobs(
	node: IExecuteFunctions,
	completion: Completion,
	items: JobItem[],
): void {
	if (completion !== 'off') return;
	const open = items.filter(({ result }) => result?.kind === 'job' && !isTerminal(result.job));
	if (open.length === 0) return;
	const state = open.length === 1 ? 'The job is' : `${open.length} jobs are`;
	const isCalled = open.some(({ result }) => result?.kind === 'job' && result.job.replyUrl);
	const next = isKnownJob(node) ? GET_THIS : isCalled ? WILL_BE_CALLED : GET_THEM;
	const message = `${state} still running, so there is no video yet. ${next}`;
	node.addExecutionHints({ message, type: 'info', location: 'outputPane' });
}
