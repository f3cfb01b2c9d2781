import type fc from 'fast-check';
import type { IDataObject } from 'n8n-workflow';

import { Claims } from '../../../../nodes/Pika/jobs/claims';
import type { Clock } from '../../../../nodes/Pika/jobs/clock';
import { createItemStates } from '../../../../nodes/Pika/jobs/itemState';
import { type JobItem, isOpen, isPending } from '../../../../nodes/Pika/jobs/jobItem';
import { JobRunner } from '../../../../nodes/Pika/jobs/jobRunner';
import type { Completion, ItemQueue, RunEnd, RunPlan } from '../../../../nodes/Pika/jobs/runPlan';
import { cancelJobs, type StopReport } from '../../../../nodes/Pika/jobs/stop';
import type { Suspension } from '../../../../nodes/Pika/waiting/suspension';
import { onAbort } from '../controlledClock';
import { EXECUTION, pendingItem } from '../fakeClient';
import { drained, splitQueues } from '../runAll';
import { settled } from '../settled.cts';
import { ModelApi, type ModelJob, type ReadFault, type SubmitFault } from './modelApi';

/** Saving compresses the records of jobs, which takes real time: here the suspension is kept unchanged. */
function takePlain(context: IDataObject): Suspension | undefined {
	const { waiting } = context;
	delete context.waiting;
	return waiting as unknown as Suspension | undefined;
}

export interface Scenario {
	items: number;
	channels: number;
	maxJobs: number;
	limit: number;
	strangers: number;
	completion: Completion;
	/** Whether all items have the same reply reference, which the user chose. */
	sharesReference: boolean;
	waitMinutes: number;
	retryMinutes: number;
	cancelOnStop: boolean;
	/** After how many events the execution is stopped. */
	stopAfter: number | null;
	/** A slow callback sets the execution back to its first wait. */
	isSetBack: boolean;
	submitFaults: SubmitFault[];
	readFaults: ReadFault[];
}

interface Sleeper {
	at: number;
	wake: () => void;
}

type Saved = Record<'node' | 'flow', string>;

const MINUTE = 60_000;
const START = 1_700_000_000_000;

const MOST_EVENTS = 3000;

/** n8n, time and useapi.net around the runs of one node; the scheduler says what happens next. */
export class World {
	/** What went wrong. */
	readonly violations: string[] = [];

	readonly api: ModelApi;

	items: JobItem[] = [];

	end: RunEnd['kind'] | undefined;

	report: StopReport | undefined;

	private time = START;

	private sleepers: Sleeper[] = [];

	private isTicking = false;

	private readonly stop = new AbortController();

	private events = 0;

	/** Resumes the execution while it waits. */
	private resume: (() => void) | undefined;

	private firstWait: Saved | undefined;

	private isOver = false;

	constructor(
		private readonly scenario: Scenario,
		private readonly scheduler: fc.Scheduler,
	) {
		this.api = new ModelApi({
			limit: scenario.limit,
			submitFaults: scenario.submitFaults,
			readFaults: scenario.readFaults,
			event: async (name) => await this.event(name),
			onEnd: (job) => this.callBack(job),
		});
		for (let n = 0; n < scenario.strangers; n++) this.api.make('channel-0');
	}

	/** Lets everything happen until nothing is left. */
	async play(): Promise<void> {
		const life = this.live().then(
			() => (this.isOver = true),
			(error: unknown) => {
				this.isOver = true;
				this.violations.push(`the run threw ${String(error)}`);
			},
		);
		for (;;) {
			await settled();
			const isQuiet = this.scheduler.count() === 0;
			if (isQuiet && !this.isOver) this.violations.push('nothing is left that could end the run');
			if (isQuiet) break;
			if (++this.events > MOST_EVENTS) {
				this.violations.push('the run never ends');
				return;
			}
			if (this.events > (this.scenario.stopAfter ?? Infinity)) this.stop.abort();
			await this.scheduler.waitNext(1);
			this.checkInFlight();
		}
		if (this.isOver) await life;
		this.checkEnd();
	}

	private async event(name: string): Promise<void> {
		await this.scheduler.schedule(Promise.resolve(), name);
	}

	private readonly clock: Clock = {
		now: () => this.time,
		random: () => 0.5,
		pause: async (milliseconds, signal) => {
			if (signal?.aborted) return;
			if (milliseconds === Infinity) return await aborted(signal);
			await new Promise<void>((wake) => {
				const sleeper = { at: this.time + milliseconds, wake };
				this.sleepers.push(sleeper);
				onAbort(signal, () => {
					this.sleepers = this.sleepers.filter((other) => other !== sleeper);
					wake();
				});
				void this.tick();
			});
		},
	};

	/** One event lets time pass until the next timer. */
	private async tick(): Promise<void> {
		if (this.isTicking) return;
		this.isTicking = true;
		await this.event('time passes');
		this.isTicking = false;
		const next = this.sleepers.sort((one, other) => one.at - other.at).shift();
		if (!next) return;
		this.time = Math.max(this.time, next.at);
		next.wake();
		if (this.sleepers.length > 0) void this.tick();
	}

	private async live(): Promise<void> {
		const contexts: Record<'node' | 'flow', IDataObject> = { node: {}, flow: { claims: {} } };
		let saved: Saved | undefined;
		for (let waits = 0; ; waits++) {
			if (saved) Object.assign(contexts, parsed(saved));
			const suspension = saved && takePlain(contexts.node);
			const isStale = waits > 1 && saved === this.firstWait;
			if (suspension && isStale) this.distrust(suspension);
			const { items, queues } = suspension
				? splitQueues(suspension.items)
				: { items: this.newItems(), queues: [] };
			this.items = items;
			const end = await this.runOnce(contexts, queues, suspension);
			this.end = end.kind;
			if (end.kind !== 'suspended') return;
			this.checkSuspension();
			const place = { id: `wait-${waits}`, runIndex: 0, executionId: EXECUTION };
			const unloaded = (await Promise.all(queues.map(drained))).flat();
			this.items = [...items, ...unloaded].sort((one, other) => one.item - other.item);
			const kept = { ...place, savedAt: this.time, items: this.items, input: [] };
			contexts.node.waiting = { ...kept, channels: end.channels } as unknown as IDataObject;
			saved = { node: JSON.stringify(contexts.node), flow: JSON.stringify(contexts.flow) };
			this.firstWait ??= saved;
			await this.wait();
			if (this.stop.signal.aborted) return;
			if (this.scenario.isSetBack && waits === 1) saved = this.firstWait;
		}
	}

	private async runOnce(
		{ node, flow }: Record<'node' | 'flow', IDataObject>,
		queues: ItemQueue[],
		suspension?: Suspension,
	): Promise<RunEnd> {
		const { signal } = this.stop;
		const { cancelOnStop, completion } = this.scenario;
		const states = createItemStates(node, 0);
		const claims = new Claims(flow.claims as Record<string, true>);
		const client = this.api.client(cancelOnStop ? undefined : signal);
		const parts = { client, states, claims, clock: this.clock, executionId: EXECUTION, signal };
		const plan: RunPlan = {
			completion,
			finish: async ({ job }) => {
				await this.event('download');
				return job && { kind: 'job', job };
			},
			accounts: { getMany: async () => ({ kind: 'found', accounts: [] }) },
			channels: suspension?.channels,
			queues,
		};
		const runner = new JobRunner(this.items, plan, parts);
		const end = await runner.run(suspension !== undefined);
		if (end.kind === 'stopped') {
			this.report = await cancelJobs(this.items, runner, parts);
		}
		return end;
	}

	private newItems(): JobItem[] {
		const { items, channels, completion, sharesReference } = this.scenario;
		const isCalled = completion === 'callback';
		return Array.from({ length: items }, (_, item) => ({
			...pendingItem(item, {
				...(sharesReference && { replyRef: 'order' }),
				isUniqueReplyRef: !sharesReference,
				channel: `channel-${item % channels}`,
				retryForMilliseconds: this.scenario.retryMinutes * MINUTE,
				callbackTo: isCalled ? EXECUTION : undefined,
				fields: {
					prompt: `prompt ${item}`,
					maxJobs: String(this.scenario.maxJobs),
					replyUrl: isCalled ? 'https://n8n.example/resume' : '',
				},
			}),
			waitLimitMilliseconds: this.scenario.waitMinutes * MINUTE,
			cancelOnStop: this.scenario.cancelOnStop,
		}));
	}

	private distrust({ items, savedAt }: Suspension): void {
		for (const item of items.filter(isPending)) {
			const { replyUrl } = item.pending.submission.fields;
			const sent = { sentAt: savedAt, sentUntil: this.time, replyUrl };
			item.possiblySubmitted = { outcome: 'unknown', ...sent };
		}
	}

	/** Waits until a callback comes, the late poll finds one that came too early, or the execution is stopped. */
	private async wait(): Promise<void> {
		const awaited = this.items.filter(isOpen).map(({ jobid }) => jobid);
		await new Promise<void>((resume) => {
			this.resume = resume;
			onAbort(this.stop.signal, resume);
			void this.event('late look').then(() => {
				if (this.resume !== resume) return;
				if (awaited.some((jobid) => this.api.jobs.get(jobid)?.status !== 'started')) resume();
			});
		});
		this.resume = undefined;
	}

	private callBack({ jobid, fields }: ModelJob): void {
		if (!fields?.replyUrl) return;
		void this.event(`callback of ${jobid}`).then(() => this.resume?.());
	}

	/** A job that had ended at the last poll must not be waited for. */
	private checkSuspension(): void {
		for (const { jobid, callbackTo, deadline = 0 } of this.items.filter(isOpen)) {
			const isCalled = callbackTo === EXECUTION && this.api.jobs.get(jobid)?.fields?.replyUrl;
			if (!isCalled) this.violations.push(`suspended for ${jobid}, which calls nobody`);
			if (!this.api.seenToRun.has(jobid) && this.scenario.readFaults.length === 0) {
				this.violations.push(`suspended for ${jobid}, which the last look did not show`);
			}
			if (deadline <= this.time) this.violations.push(`suspended for ${jobid} past its limit`);
		}
		if (!this.items.some(isOpen)) this.violations.push('suspended for nothing');
	}

	/** Not counted: jobs that their items have lost. */
	private checkInFlight(): void {
		const { maxJobs, channels, completion, sharesReference, isSetBack } = this.scenario;
		if (completion === 'off' || sharesReference || isSetBack) return;
		for (let channel = 0; channel < channels; channel++) {
			const inFlight = this.api.runningOn(`channel-${channel}`).filter(({ fields }) => {
				const item = this.items.find(({ replyRef }) => replyRef === fields?.replyRef);
				return item !== undefined && item.result === undefined;
			});
			if (inFlight.length > maxJobs) this.violations.push(`${inFlight.length} jobs in flight`);
		}
	}

	private checkEnd(): void {
		this.checkJobs();
		this.checkResults();
		if (this.report) this.checkReport(this.report);
		if (this.end === 'suspended' && !this.stop.signal.aborted) this.violations.push('left waiting');
	}

	private checkJobs(): void {
		const made = new Set<string>();
		for (const { fields } of this.api.ours) {
			const prompt = fields?.prompt ?? '';
			if (made.has(prompt)) this.violations.push(`two jobs for ${prompt}`);
			made.add(prompt);
		}
	}

	private checkResults(): void {
		const owners = new Map<string, number>();
		for (const { item, jobid, result } of this.items) {
			if (this.end === 'finished' && !result) this.violations.push(`no result for item ${item}`);
			if (jobid === undefined) continue;
			if (owners.has(jobid)) this.violations.push(`${jobid} belongs to two items`);
			owners.set(jobid, item);
			const { prompt } = this.api.jobs.get(jobid)?.fields ?? {};
			const shown = result?.kind === 'job' ? result.job.jobid : jobid;
			if (prompt !== `prompt ${item}` || shown !== jobid) {
				this.violations.push(`item ${item} has the job of ${prompt}`);
			}
		}
	}

	private checkReport({ cancelled, running, possiblySubmitted }: StopReport): void {
		for (const { jobid, fields, status } of this.api.ours) {
			const isNamed =
				cancelled.includes(jobid) ||
				running.includes(jobid) ||
				possiblySubmitted.includes(fields?.replyRef ?? '');
			const isKnown = this.items.some((item) => item.jobid === jobid);
			if (status === 'started' && !isNamed) this.violations.push(`${jobid} runs on, unnamed`);
			else if (!isNamed && !isKnown) this.violations.push(`${jobid} is not named`);
		}
	}
}

function parsed({ node, flow }: Saved): Record<'node' | 'flow', IDataObject> {
	return { node: JSON.parse(node) as IDataObject, flow: JSON.parse(flow) as IDataObject };
}

async function aborted(signal?: AbortSignal): Promise<void> {
	await new Promise<void>((fire) => onAbort(signal, fire));
}
