import { EventEmitter, once } from 'node:events';
import { setTimeout as wait } from 'node:timers/promises';
import fastify from 'fastify';

import { type Sandbox, startSandbox } from '../../../sandbox/sandbox.cts';
import { isClaimed, resumeByTimeout, retryRun } from '../harness/resume.cts';
import { resumeByWebhook } from '../harness/resume-webhook.cts';
import { type WorkflowRun, runWorkflow } from '../harness/run.cts';
import { imageItem, pikaWorkflow } from '../pika.cts';
import { ON_READ, ON_SUBMIT } from './catalogue.cts';

/** Whose reply reference a job carries; one that repeats, with other prompts or with everything alike. */
export type Reference = 'of the node' | 'of the item' | 'repeated' | 'all alike';

/** One execution, and the faults that befall the nth submission and the nth read of it. */
export interface Sequence {
	items: number;
	maxJobs: number;
	completion: 'off' | 'poll' | 'callback';
	onError: 'continueErrorOutput' | 'continueRegularOutput' | 'stopWorkflow';
	retryOnFail: boolean;
	/** Whether the editor's Retry follows where the execution has failed, with an API that works again. */
	retriesExecution: boolean;
	reference: Reference;
	onSubmit: [nth: number, fault: string][];
	onRead: [nth: number, fault: string][];
}

export function promptOf({ reference }: Sequence, item: number): string {
	return reference === 'all alike' ? 'all alike' : `item ${item}`;
}

function replyRefOf({ reference }: Sequence, item: number): string {
	if (reference === 'of the node') return '';
	return reference === 'of the item' ? `ref-${item}` : 'the same';
}

/** How long a wait lasts after the last callback, until n8n's timer ends it; the node's own late look comes before. */
const WAIT_MILLISECONDS = 40;

/** Plays sequences on n8n's engine: it delivers callbacks, lets waits run out, and retries executions, as n8n does. */
export class Player {
	private readonly server = fastify();

	private readonly changes = new EventEmitter();

	private current: WorkflowRun | undefined;

	private publicUrl = '';

	private constructor(readonly sandbox: Sandbox) {}

	static async start(): Promise<Player> {
		const player = new Player(await startSandbox({ jobSeconds: 0.01 }));
		player.server.post<{ Params: { id: string } }>(
			'/webhook-waiting/:id',
			async ({ params, body, url }, reply) => {
				const waiting = player.current;
				// n8n answers like this while the execution runs, and for good after its end.
				if (waiting?.execution.id !== params.id) return reply.code(409).send();
				const request = { url: player.publicUrl + url, body };
				const answer = await resumeByWebhook(waiting, request);
				if (answer.run) player.goOn(answer.run);
				return await reply.code(answer.status).send(answer.body);
			},
		);
		player.publicUrl = await player.server.listen({ host: '127.0.0.1', port: 0 });
		return player;
	}

	async stop(): Promise<void> {
		await this.sandbox.stop();
		await this.server.close();
	}

	/** Gives the execution when it is over: the retried one, where there was a Retry. */
	async play(sequence: Sequence): Promise<WorkflowRun> {
		this.sandbox.reset();
		this.addFaults(sequence);
		const run = await this.toEnd(await runWorkflow(this.workflowOf(sequence)));
		if (run.status === 'success' || !sequence.retriesExecution) return run;
		this.sandbox.clearFaults();
		return await this.toEnd(await retryRun(run));
	}

	private addFaults({ onSubmit, onRead }: Sequence): void {
		for (const [nth, name] of onSubmit) {
			const on = { method: 'POST', endpoint: 'encrypt_image', nth } as const;
			this.sandbox.addFault({ on, do: ON_SUBMIT[name] ?? {} });
		}
		for (const [nth, name] of onRead) {
			const on = { method: 'GET', path: '/v1/pika/jobs*', nth };
			this.sandbox.addFault({ on, do: ON_READ[name] ?? {} });
		}
	}

	private workflowOf(sequence: Sequence) {
		const { items, maxJobs, completion, onError, retryOnFail } = sequence;
		return pikaWorkflow({
			sandbox: this.sandbox,
			publicUrl: this.publicUrl,
			items: Array.from({ length: items }, (_, i) =>
				imageItem({ ref: replyRefOf(sequence, i), prompt: promptOf(sequence, i) }),
			),
			parameters: {
				completion,
				prompt: '={{ $json.prompt }}',
				options: { maxJobs, replyRef: '={{ $json.ref }}' },
				waitLimit: 5,
			},
			node: { onError, retryOnFail, maxTries: 3, waitBetweenTries: 1 },
		});
	}

	private goOn(run: WorkflowRun): void {
		this.current = run;
		this.changes.emit('change');
	}

	private async toEnd(begun: WorkflowRun): Promise<WorkflowRun> {
		let run = begun;
		this.goOn(run);
		while (run.status === 'waiting') {
			await this.untilQuiet();
			const isOld = () => this.current !== run;
			if (!isOld()) await wait(WAIT_MILLISECONDS);
			if (!isOld() && isClaimed(run)) await once(this.changes, 'change');
			if (!isOld()) this.goOn(await resumeByTimeout(run));
			run = this.current ?? run;
		}
		this.current = undefined;
		return run;
	}

	/** Until no job runs and no callback is under way. */
	private async untilQuiet(): Promise<void> {
		const { jobs, callbacks } = this.sandbox;
		await this.sandbox.waitFor(
			() =>
				jobs.every(({ statuses }) => !['started', 'progress'].includes(statuses.at(-1) ?? '')) &&
				callbacks.every(({ endedAt }) => endedAt !== undefined),
		);
	}
}
