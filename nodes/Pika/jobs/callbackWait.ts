import type { Channels } from './channels';
import type { JobPoller } from './jobPoller';
import type { RunContext } from './runContext';
import type { RunEnd, RunPlan } from './runPlan';

interface WaitingRun
	extends Pick<RunContext, 'clock' | 'signal' | 'executionId'>,
		Pick<RunPlan, 'completion' | 'canSuspendFrom'> {
	poller: JobPoller;
	channels: Channels;
}

/** Ends a run when only callbacks are awaited. */
export class CallbackWait {
	private isReady = false;

	/** `remaining` returns the number of items without a result. */
	constructor(
		private readonly run: WaitingRun,
		private readonly remaining: () => number,
		private readonly end: (end: RunEnd) => void,
	) {}

	async getReady(isResumed: boolean): Promise<void> {
		const { clock, signal, poller, completion, canSuspendFrom = 0 } = this.run;
		if (isResumed) await poller.pollNow(true);
		this.isReady = true;
		this.check();
		const delay = canSuspendFrom - clock.now();
		if (completion !== 'callback' || delay <= 0) return;
		await clock.pause(delay, signal);
		this.check();
	}

	/** Looks at the jobs before suspending, unless it has just done so, because the callback of a job that has ended meanwhile is lost. */
	check(): void {
		const { poller } = this.run;
		if (!this.isReady || !this.areOnlyCallbacksAwaited()) return;
		if (poller.wereJustSeenRunning) return this.suspend();
		this.isReady = false;
		const { watched } = poller;
		void poller.pollNow().then(() => {
			this.isReady = true;
			// A job submitted during the poll may have ended too.
			if (poller.watched !== watched) return this.check();
			if (this.areOnlyCallbacksAwaited()) this.suspend();
		});
	}

	private suspend(): void {
		const { poller, channels } = this.run;
		this.end({ kind: 'suspended', until: poller.lastDeadline, channels: channels.knowledge });
	}

	/** True if every open job will call this execution, and every awaited slot is freed by one of them. */
	private areOnlyCallbacksAwaited(): boolean {
		const { clock, completion, executionId, channels, poller, canSuspendFrom = 0 } = this.run;
		return (
			completion === 'callback' &&
			executionId !== undefined &&
			poller.size > 0 &&
			poller.size + channels.waiting === this.remaining() &&
			clock.now() >= canSuspendFrom &&
			channels.areFreedByJobs &&
			!poller.hasOverdue &&
			poller.awaited.every(({ callbackTo }) => callbackTo === executionId)
		);
	}
}
