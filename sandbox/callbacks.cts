import { setMaxListeners } from 'node:events';
import http from 'node:http';
import https from 'node:https';
import type { Changes } from './changes.cts';
import type { CallbackPlan } from './faults.cts';
import { isTerminal, recordOf, type JobRecord, type SandboxJob } from './jobs.cts';

export interface RecordedCallback {
	url: string;
	body: JobRecord;
	/** Milliseconds since 1970. */
	startedAt: number;
	endedAt?: number;
	/** What the receiver answered. */
	status?: number;
	/** Why there is no answer. */
	error?: string;
}

const TIMEOUT_MS = 30_000;

/** Calls replyUrl and records the answer; a callback that fails has no effect (docs/api-contract.md, "Callbacks"). */
export class Callbacks {
	readonly sent: RecordedCallback[] = [];
	private stopping = stopper();
	private readonly underWay = new Map<RecordedCallback, Promise<void>>();

	constructor(private readonly changes: Changes) {}

	/** Guess: one call when the job ends, whatever its status, and none before. */
	onStatus(job: SandboxJob, plan: CallbackPlan | undefined): void {
		if (job.replyUrl === undefined) return;
		if (!isTerminal(job.status) && plan?.nonTerminal !== true) return;
		for (let copy = 0; copy < (plan?.times ?? 1); copy += 1) this.call(job.replyUrl, recordOf(job));
	}

	/** Resolves when every call under way for this job has its answer. */
	async settled(jobid: string): Promise<void> {
		for (const [callback, call] of [...this.underWay]) {
			if (callback.body.jobid === jobid) await call;
		}
	}

	/** Forgets the calls; those under way are given up. */
	clear(): void {
		this.stopping.abort();
		this.stopping = stopper();
		this.sent.length = 0;
	}

	private call(url: string, body: JobRecord): void {
		const callback: RecordedCallback = { url, body, startedAt: Date.now() };
		this.sent.push(callback);
		const call = post(url, JSON.stringify(body), this.stopping.signal)
			.then((status) => {
				callback.status = status;
			})
			.catch((error: unknown) => {
				callback.error = error instanceof Error ? error.message : String(error);
			})
			.finally(() => {
				callback.endedAt = Date.now();
				this.underWay.delete(callback);
				this.changes.announce();
			});
		this.underWay.set(callback, call);
		this.changes.announce();
	}
}

/** Every callback under way listens to it: Node would take more than ten for a leak and print a warning. */
function stopper(): AbortController {
	const controller = new AbortController();
	setMaxListeners(0, controller.signal);
	return controller;
}

/** Posts JSON on a connection of its own; node:http because it follows no redirect and keeps no socket. */
async function post(url: string, body: string, signal: AbortSignal): Promise<number> {
	const target = new URL(url);
	const send = target.protocol === 'https:' ? https.request : http.request;
	return await new Promise<number>((resolve, reject) => {
		const request = send(target, {
			method: 'POST',
			agent: false,
			signal,
			timeout: TIMEOUT_MS,
			headers: { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) },
		});
		request.on('timeout', () => request.destroy(new Error(`No answer within ${TIMEOUT_MS} ms`)));
		request.on('error', reject);
		request.on('response', (response) => {
			response.on('error', reject);
			response.on('end', () => {
				resolve(response.statusCode ?? 0);
			});
			response.resume();
		});
		request.end(body);
	});
}
