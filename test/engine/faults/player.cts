import { EventEmitter, once } from 'node:events';
import { setTimeout as wait } from 'node:timers/promises';
import fastify from 'fastify';

import {
	SANDBOX_ACCOUNT,
	type Fault,
	type Sandbox,
	startSandbox,
} from '../../../sandbox/sandbox.cts';
import { claim, isClaimed, resumeByTimeout, retryRun } from '../harness/resume.cts';
import { resumeByWebhook } from '../harness/resume-webhook.cts';
import { type WorkflowRun, runWorkflow } from '../harness/run.cts';
import { untilAllEnded } from '../harness/watched.cts';
import { untilIdle } from '../fastClock.cts';
import { submitAsSomebodyElse } from '../observed.cts';
import { LISTS, ON_CANCEL, ON_DOWNLOAD, ON_READ, ON_SUBMIT } from './catalogue.cts';
import { Observer, type Observed } from './observer.cts';
import type { Sequence } from './sequence.cts';
import { workflowOf } from './workflows.cts';

/** How long a wait lasts after the last callback until n8n's timer ends it; the node's late poll comes before. */
const WAIT_MILLISECONDS = 40;

/** After this time a job that still runs is not expected to end before n8n's timer. */
const LONGEST_JOB_MILLISECONDS = 150;

/** Longer than a request that was stopped takes to reach the API. */
const SILENCE_MILLISECONDS = 40;

/** Longer than a stopped execution still works, and than its wait limit. */
const LONG_JOB_SECONDS = 0.4;

/** How a sequence ended, and what was observed. */
export interface Played extends Observed {
	/** The execution when it was over: the retried one, if there was a Retry. */
	run: WorkflowRun;
	/** Whether it was stopped while it waited: then n8n runs none of the node's code. */
	wasStoppedWaiting: boolean;
	/** The execution before the editor's Retry. */
	retried?: WorkflowRun;
	/** Milliseconds from each suspension until the time at which n8n would end it. */
	waits: number[];
}

/** Whether the Stop came while n8n ran none of the node's code: an error then comes from n8n. */
function wasStoppedOutside({ status, error }: WorkflowRun): boolean {
	return (
		status === 'waiting' || (status === 'canceled' && error?.name.includes('Cancelled') === true)
	);
}

/** Plays sequences on n8n's engine: it delivers callbacks, lets waits run out, stops and retries executions, as n8n does. */
export class Player {
	private readonly server = fastify();

	private readonly changes = new EventEmitter();

	private current: WorkflowRun | undefined;

	private stop = new AbortController();

	private waits: number[] = [];

	private publicUrl = '';

	private constructor(
		readonly sandbox: Sandbox,
		private readonly observer: Observer,
	) {}

	static async start(): Promise<Player> {
		const sandbox = await startSandbox({ jobSeconds: 0.01 });
		const player = new Player(sandbox, new Observer(sandbox));
		player.server.post<{ Params: { id: string } }>(
			'/webhook-waiting/:id',
			async ({ params, body, url }, reply) => {
				const waiting = player.current;
				// n8n answers like this while the execution runs, and for good after its end.
				if (waiting?.execution.id !== params.id) return reply.code(409).send();
				const request = { url: player.publicUrl + url, body };
				const answer = await resumeByWebhook(waiting, request, player.stop.signal);
				if (answer.run) player.goOn(answer.run);
				return await reply.code(answer.status).send(answer.body);
			},
		);
		player.publicUrl = await player.server.listen({ host: '127.0.0.1', port: 0 });
		return player;
	}

	async end(): Promise<void> {
		await this.sandbox.stop();
		await this.server.close();
	}

	async play(sequence: Sequence): Promise<Played> {
		this.stop = new AbortController();
		this.waits = [];
		this.sandbox.reset();
		if (sequence.hasLongJobs) this.sandbox.changeSettings({ jobSeconds: LONG_JOB_SECONDS });
		this.observer.begin(sequence.codes);
		await this.makeRoom(sequence);
		this.addFaults(sequence);
		if (sequence.stop) {
			this.observer.once(sequence.stop, () => {
				this.stop.abort();
			});
		}
		const workflow = workflowOf(sequence, this.sandbox, this.publicUrl);
		let run = await this.toEnd(await runWorkflow({ ...workflow, signal: this.stop.signal }));
		let retried: WorkflowRun | undefined;
		// After a Stop while it waits, n8n's Retry does not reach the node.
		if (run.status !== 'success' && !wasStoppedOutside(run) && sequence.retriesExecution) {
			retried = run;
			await this.untilSilent();
			this.stop = new AbortController();
			this.sandbox.clearFaults();
			run = await this.toEnd(await retryRun(run));
		}
		await this.untilSilent();
		// From here on, nothing belongs to the sequence.
		this.sandbox.clearFaults();
		const wasStoppedWaiting = sequence.completion === 'callback' && wasStoppedOutside(run);
		return { ...this.observer.seen(), run, wasStoppedWaiting, retried, waits: this.waits };
	}

	/**
	 * A stopped execution is over for n8n before its nodes are: they cancel their jobs. And a submission that was stopped can
	 * still reach the API and create its job.
	 */
	private async untilSilent(): Promise<void> {
		await untilAllEnded();
		await untilIdle();
		if (!this.stop.signal.aborted) return;
		for (let before = -1; before !== this.observer.changes; ) {
			before = this.observer.changes;
			await wait(SILENCE_MILLISECONDS);
		}
	}

	private async makeRoom({ room, maxJobs }: Sequence): Promise<void> {
		const { sandbox } = this;
		if (room === 'as many as asked') return;
		if (room === 'fewer, because of strangers') {
			await submitAsSomebodyElse(sandbox, 'create', { prompt: '[seconds=0.04]' });
			this.observer.ignoreWhatWasMade();
			return;
		}
		await fetch(`${sandbox.baseUrl}/v1/pika/account/${SANDBOX_ACCOUNT.channel}`, {
			method: 'POST',
			headers: {
				authorization: `Bearer ${sandbox.apiToken}`,
				'content-type': 'application/json',
			},
			body: JSON.stringify({ ...SANDBOX_ACCOUNT, maxJobs }),
		});
		if (room === 'as an account says that cannot be read') {
			const answer = { status: 503, body: { error: 'Unavailable', code: 503 } };
			sandbox.addFault({ on: { endpoint: 'account', times: 20 }, do: { answer } });
		}
		this.observer.ignoreWhatWasMade();
	}

	private addFaults({ list, onSubmit, onRead, onCancel, onDownload }: Sequence): void {
		const add = (on: Fault['on'], action: Fault['do'] | undefined) => {
			if (!action) throw new Error(`Not a fault: ${JSON.stringify(on)}`);
			this.sandbox.addFault({ on, do: action });
		};
		for (const [nth, name] of onSubmit) {
			add({ method: 'POST', endpoint: 'encrypt_image', nth }, ON_SUBMIT[name]);
		}
		for (const [nth, name] of onCancel) add({ endpoint: 'jobs/cancel', nth }, ON_CANCEL[name]);
		for (const [nth, name] of onDownload) add({ endpoint: 'attachments', nth }, ON_DOWNLOAD[name]);
		if (list !== undefined) add({ endpoint: 'jobs', times: 1000 }, LISTS[list]);
		for (const [nth, name] of onRead) add({ path: '/v1/pika/jobs*', nth }, ON_READ[name]);
	}

	private goOn(run: WorkflowRun): void {
		this.current = run;
		const { waitTill } = run.run;
		if (run.status === 'waiting' && waitTill) this.waits.push(waitTill.getTime() - Date.now());
		this.changes.emit('change');
	}

	private async toEnd(begun: WorkflowRun): Promise<WorkflowRun> {
		const { signal } = this.stop;
		let run = begun;
		this.goOn(run);
		while (run.status === 'waiting') {
			await this.untilQuiet(run);
			const isOld = () => this.current !== run;
			if (!isOld() && !signal.aborted) await wait(WAIT_MILLISECONDS);
			// n8n ends a wait without running the node, unless a callback has just resumed it.
			if (!isOld() && signal.aborted && claim(run)) break;
			if (!isOld() && isClaimed(run)) await once(this.changes, 'change');
			if (!isOld()) this.goOn(await resumeByTimeout(run, signal));
			run = this.current ?? run;
		}
		this.current = undefined;
		return run;
	}

	/** Resolves when no job runs and no callback is pending, when the execution resumes, or when it is stopped. */
	private async untilQuiet(run: WorkflowRun): Promise<void> {
		const { jobs, callbacks } = this.sandbox;
		const { signal } = this.stop;
		const over = new AbortController();
		const isRunning = ({ status }: { status: string }) => ['started', 'progress'].includes(status);
		const quiet = this.sandbox.waitFor(
			() =>
				signal.aborted ||
				over.signal.aborted ||
				this.current !== run ||
				(!jobs.some(isRunning) && callbacks.every(({ endedAt }) => endedAt !== undefined)),
		);
		await Promise.race([quiet, wait(LONGEST_JOB_MILLISECONDS, undefined, { ref: false })]);
		over.abort();
	}
}
