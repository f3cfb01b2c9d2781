import { submissionFailure } from '../results/failures';
import { isTerminal } from '../api/job';
import type { SubmitOutcome } from '../api/outcomes';
import { busyDelay } from './backoff';
import { type JobItem, isOpen } from './jobItem';
import type { RetryBudget } from './retryBudget';
import { type RunContext, type PendingSubmission, isDeferred, submit } from './submit';

type Pending = JobItem & { pending: PendingSubmission };

/** What is known of a Discord channel after a 429. */
export interface ChannelState {
	/** Not to be asked again before, in milliseconds since 1970. */
	busyUntil: number;
	/** Whether its slots are taken, rather than Discord limiting the rate. */
	isFull: boolean;
}

export interface RoundRules {
	/** Whether a job keeps its slot until it ends, because this run notices when it does. */
	isWaiting: boolean;
	progress: RetryBudget;
	tools: RunContext;
}

/** Enters what became of a submission into its item. */
export function applyOutcome(item: Pending, outcome: SubmitOutcome, rules: RoundRules): void {
	const { progress, tools } = rules;
	if (outcome.kind === 'accepted') {
		item.job = outcome.job;
		item.jobid = outcome.job.jobid;
		item.callbackTo = item.pending.callbackTo;
		item.deadline = tools.clock.now() + item.waitLimitMilliseconds;
		progress.reset();
	} else if (isDeferred(outcome)) {
		item.deferred = outcome;
	} else {
		item.result = { kind: 'failure', failure: submissionFailure(outcome, item.pending.replyRef) };
	}
}

/**
 * Submits the pending items of one channel, at most `maxJobs` at the same time, until a 429 says that it is busy or,
 * where the run waits for the jobs, until its slots are taken. A channel that was busy is asked with one item first,
 * then with twice as many each time it takes one, so that it is not flooded with uploads. Returns what is known of the channel when it is busy.
 */
export async function submitBatch(
	pending: Pending[],
	siblings: JobItem[],
	before: ChannelState | undefined,
	rules: RoundRules,
): Promise<ChannelState | undefined> {
	const { clock } = rules.tools;
	const queue = [...pending];
	const underWay = new Set<Promise<void>>();
	let busy: ChannelState | undefined;
	let atOnce = before ? 1 : Infinity;

	const submitOne = async (item: Pending): Promise<void> => {
		const outcome = await submit(item.pending, rules.tools);
		applyOutcome(item, outcome, rules);
		if (isDeferred(outcome)) {
			const { isChannelFull = true, retryAfterSeconds } = outcome.kind === 'busy' ? outcome : {};
			const delay = busyDelay(clock.random(), retryAfterSeconds);
			busy = { busyUntil: clock.now() + delay, isFull: isChannelFull };
		} else {
			atOnce *= 2;
		}
	};
	const taken = (): number =>
		rules.isWaiting
			? siblings.filter((item) => isOpen(item) && !(item.job && isTerminal(item.job))).length
			: 0;
	const hasRoom = ({ pending }: Pending): boolean =>
		underWay.size < Math.min(atOnce, pending.maxJobs - taken());

	for (;;) {
		const isStopped = busy !== undefined || rules.tools.signal?.aborted;
		const next = isStopped ? undefined : queue[0];
		if (next && hasRoom(next)) {
			queue.shift();
			const submission = submitOne(next).finally(() => underWay.delete(submission));
			underWay.add(submission);
		} else if (underWay.size > 0) {
			await Promise.race(underWay);
		} else {
			return busy;
		}
	}
}
