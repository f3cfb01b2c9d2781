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
	/** The HTTP status of the receiver's response. */
	status?: number;
	/** Why there is no response. */
	error?: string;
}

const TIMEOUT_MS = 30_000;

/** Calls replyUrl and records the response. A failed callback has no effect (docs/api-contract.md, "Callbacks"). */
export class Callbacks {
	readonly sent: RecordedCallback[] = [];
	private stopping = createAbortController();
	private readonly pending = new Map<RecordedCallback, Promise<void>>();

	constructor(private readonly changes: Changes) {}

	/** Guess: one callback when the job ends, regardless of its status, and none before. */
	onStatus(job: SandboxJob, plan: CallbackPlan | undefined): void {
		if (job.replyUrl === undefined) return;
		if (!isTerminal(job.status) && plan?.nonTerminal !== true) return;
		for (let copy = 0; copy < (plan?.times ?? 1); copy += 1) this.call(job.replyUrl, recordOf(job));
	}

	/** Resolves when no callback of this job is pending. */
	async settled(jobid: string): Promise<void> {
		for (const [callback, call] of [...this.pending]) {
			if (callback.body.jobid === jobid) await call;
		}
	}

	/** Deletes all records and aborts pending callbacks. */
	clear(): void {
		this.stopping.abort();
		this.stopping = createAbortController();
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
				this.pending.delete(callback);
				this.changes.announce();
			});
		this.pending.set(callback, call);
		this.changes.announce();
	}
}

/** Without a listener limit: every pending callback listens, and Node would warn of a leak. */
function createAbortController(): AbortController {
	const controller = new AbortController();
	setMaxListeners(0, controller.signal);
	return controller;
}

/** Posts JSON over a new connection. Unlike fetch, node:http follows no redirects and reuses no sockets. */
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
		request.on('timeout', () => request.destroy(new Error(`No response within ${TIMEOUT_MS} ms`)));
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
