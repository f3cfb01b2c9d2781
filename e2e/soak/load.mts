import { setTimeout as wait } from 'node:timers/promises';
import { z } from 'zod';
import { type Execution, outputOf } from '../../scripts/execution.mts';
import { resultsOf } from '../fixture/pika-workflow.mts';
import type { RealN8n } from '../fixture/real-n8n.mts';
import {
	type PublishedTrigger,
	publishTrigger,
	TRIGGER,
	untilDefaultReplyUrl,
} from '../fixture/triggers.mts';
import type { Announcement } from './announcements.cts';
import { GET, type Kind, KINDS, pathOf, workflowOf } from './kinds.mts';
import type { CheckedExecution } from './job-check.cts';
import { type Plan, plansFrom } from './plan.mts';

const LOOK_EVERY_MS = 2000;
const START_WITHIN_SECONDS = 60;
const LOAD_WITHIN_SECONDS = 10;

const startedSchema = z.object({ executionId: z.string() });
const announcementSchema = z.object({ jobid: z.string(), status: z.string() });

/** An execution that was started, and what came of it. */
export interface Started extends CheckedExecution {
	plan: Plan;
	/** Items that Job: Get was asked for, and those that it gave. */
	asked: number;
	fetched: number;
}

/** Starts a limited number of concurrent executions and records their outcomes. */
export class Load {
	readonly executions: Started[] = [];

	readonly announcements: Announcement[] = [];

	/** Descriptions of what could not be started or read. */
	readonly troubles = new Set<string>();

	private readonly open = new Map<string, Started>();

	private readonly plans: Generator<Plan, never>;

	private readonly seenAnnouncements = new Set<string>();

	private constructor(
		private readonly n8n: RealN8n,
		private readonly triggers: { own: PublishedTrigger; byDefault: PublishedTrigger },
		seed: number,
	) {
		this.plans = plansFrom(seed);
	}

	/** Publishes the workflows and the triggers. */
	static async prepare(n8n: RealN8n, seed: number): Promise<Load> {
		for (const kind of KINDS) {
			const id = await n8n.rest.saveWorkflow(workflowOf(kind, n8n.sandbox.baseUrl, n8n.credential));
			await n8n.rest.activate(id);
		}
		const own = await publishTrigger(n8n, { parameters: { download: true } });
		const byDefault = await publishTrigger(n8n, { parameters: { registerAsDefault: true } });
		await untilDefaultReplyUrl(n8n, byDefault.url);
		return new Load(n8n, { own, byDefault }, seed);
	}

	get openCount(): number {
		return this.open.size;
	}

	get triggerUrls(): string[] {
		return Object.values(this.triggers).map(({ url }) => url);
	}

	/** Keeps that many executions going until the signal fires. */
	async keepGoing(atOnce: number, signal: AbortSignal): Promise<void> {
		while (!signal.aborted) {
			for (let free = atOnce - this.open.size; free > 0; free -= 1) await this.startNext();
			await this.look(signal);
		}
	}

	/** Waits until everything that was started has ended or the signal fires. */
	async drain(signal: AbortSignal): Promise<void> {
		while (this.open.size > 0 && !signal.aborted) await this.look(signal);
	}

	/** What breaks it off is noted, so that there is a report in the end, whatever happens to n8n. */
	async during(work: () => Promise<void>): Promise<void> {
		await work().catch((error: unknown) =>
			this.troubles.add(`It was broken off: ${String(error)}`),
		);
	}

	private async startNext(): Promise<void> {
		const plan = this.plans.next().value;
		const { rest, sandbox } = this.n8n;
		for (const { faults, prompt } of plan.items) {
			for (const { action, times } of faults) {
				sandbox.addFault({ on: { times, match: { prompt } }, do: action });
			}
		}
		const items = plan.items.map(({ callsTrigger, faults, ...item }) => {
			void faults;
			return { ...item, replyUrl: callsTrigger ? this.triggers.own.url : '' };
		});
		const { kind, marks } = plan;
		const execution: Started = { id: '?', plan, marks, outcomes: [], asked: 0, fetched: 0 };
		this.executions.push(execution);
		const headers = { 'content-type': 'application/json' };
		const request = { method: 'POST', headers, body: JSON.stringify({ items }) };
		const place = { withinSeconds: START_WITHIN_SECONDS };
		const response = await rest.callWebhook(pathOf(kind), request, place);
		const answer: unknown = await response.json().catch(() => undefined);
		const started = startedSchema.safeParse(answer);
		if (!started.success) {
			this.troubles.add(`${kind.name} could not be started: HTTP ${response.status}`);
			return;
		}
		execution.id = started.data.executionId;
		this.open.set(execution.id, execution);
	}

	private async look(signal: AbortSignal): Promise<void> {
		await wait(LOOK_EVERY_MS, undefined, { signal }).catch(() => undefined);
		const unfinished = new Set(await this.n8n.rest.unfinishedExecutions());
		for (const [id, started] of [...this.open]) {
			if (!unfinished.has(id)) await this.takeDown(id, started);
		}
		await this.readAnnouncements();
	}

	private async takeDown(id: string, started: Started): Promise<void> {
		try {
			const wanted = { withinSeconds: LOAD_WITHIN_SECONDS };
			const execution = await this.n8n.rest.waitForExecution(id, wanted);
			Object.assign(started, comeOf(execution, started.plan.kind));
			this.open.delete(id);
		} catch (error) {
			this.troubles.add(`Execution ${id}: ${String(error)}`);
		}
	}

	/** Takes down what the triggers have announced since the last time. */
	async readAnnouncements(): Promise<void> {
		for (const { workflowId } of Object.values(this.triggers)) {
			for (const id of await this.n8n.rest.executionsOf(workflowId)) {
				if (this.seenAnnouncements.has(id)) continue;
				const execution = await this.n8n.rest.waitForExecution(id);
				this.seenAnnouncements.add(id);
				this.announcements.push(...announcementsOf(execution));
			}
		}
	}
}

/** What one execution says of its items, and how many of them Job: Get was asked for and gave. */
function comeOf(execution: Execution, { getAfter }: Kind) {
	const outputs = [0, 1].map((output) => resultsOf(execution, 'Pika', output));
	const asked = getAfter === undefined ? [] : outputs[getAfter === 'accepted' ? 0 : 1];
	return {
		status: execution.status,
		error: execution.error,
		outcomes: outputs
			.flat()
			.map(({ item, jobid, error, timedOut }) => ({ item, jobid, error, timedOut })),
		asked: asked?.length ?? 0,
		fetched: resultsOf(execution, GET).length,
	};
}

/** A trigger that cannot download fails, and names the job. */
function announcementsOf(execution: Execution): Announcement[] {
	const failed = /The video of the Pika job (\S+) could not be downloaded/.exec(
		execution.error ?? '',
	);
	const jobs = failed
		? [{ jobid: failed[1], status: 'completed' }]
		: outputOf(execution, TRIGGER).map(({ json }) => json);
	return jobs.flatMap((job) => {
		const announcement = announcementSchema.safeParse(job);
		return announcement.success ? [announcement.data] : [];
	});
}
