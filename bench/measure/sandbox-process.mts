import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { z } from 'zod';
import type { Fault, Settings, TerminalStatus } from '../../sandbox/sandbox.cts';
import { findFreePort } from '../../scripts/free-port.mts';

const PROJECT = join(import.meta.dirname, '..', '..');
const READY_WITHIN_MS = 60_000;
/** The default token of the sandbox's command line. */
const API_TOKEN = 'user:1000-sandbox';

const jobSchema = z.object({
	jobid: z.string(),
	status: z.string(),
	channel: z.string(),
	created: z.string(),
	updated: z.string(),
});
const requestSchema = z.object({
	method: z.string(),
	path: z.string(),
	status: z.union([z.number(), z.literal('reset')]).optional(),
	query: z.record(z.string()),
	headers: z.record(z.string()),
	fields: z.record(z.string()),
	files: z.record(z.object({ size: z.number() })),
	startedAt: z.number(),
});
const callbackSchema = z.object({
	url: z.string(),
	body: z.object({ jobid: z.string() }),
	startedAt: z.number(),
	status: z.number().optional(),
});
const submittedSchema = z.object({ jobid: z.string() });

export type Job = z.infer<typeof jobSchema>;
export type ApiRequest = z.infer<typeof requestSchema>;

/** The sandbox in a separate process, so that its CPU time and memory are not counted for others. */
export class SandboxProcess {
	readonly apiToken: string = API_TOKEN;

	readonly baseUrl: string;

	readonly #child: ChildProcess;

	private constructor(child: ChildProcess, baseUrl: string) {
		this.#child = child;
		this.baseUrl = baseUrl;
	}

	static async start(): Promise<SandboxProcess> {
		const port = await findFreePort();
		const child = spawn(
			process.execPath,
			['--import', 'tsx', join('sandbox', 'cli.cts'), '--port', String(port)],
			{ cwd: PROJECT, stdio: ['ignore', 'ignore', 'inherit'] },
		);
		process.once('exit', () => child.kill());
		const sandbox = new SandboxProcess(child, `http://127.0.0.1:${port}`);
		const deadline = Date.now() + READY_WITHIN_MS;
		for (;;) {
			const answer = await fetch(`${sandbox.baseUrl}/sandbox/settings`).catch(() => undefined);
			if (answer?.ok) return sandbox;
			if (Date.now() > deadline) throw new Error('The sandbox did not start.');
			await wait(50);
		}
	}

	get processId(): number {
		return this.#child.pid ?? 0;
	}

	/** Resets the sandbox. Jobs then take no time, and files are discarded without hashing. */
	async reset(settings: Partial<Settings> = {}): Promise<void> {
		await this.#call('POST', '/sandbox/reset');
		await this.#call('PATCH', '/sandbox/settings', {
			jobSeconds: 0,
			videos: 'canned',
			...settings,
		});
		await this.addFault({ on: { method: 'POST', times: 1e9 }, do: { keepNothing: true } });
	}

	async addFault(fault: Fault): Promise<void> {
		await this.#call('POST', '/sandbox/faults', fault);
	}

	async jobs(): Promise<Job[]> {
		return z.array(jobSchema).parse(await this.#call('GET', '/sandbox/jobs'));
	}

	async requests(): Promise<ApiRequest[]> {
		return z.array(requestSchema).parse(await this.#call('GET', '/sandbox/requests'));
	}

	async callbacks(): Promise<z.infer<typeof callbackSchema>[]> {
		return z.array(callbackSchema).parse(await this.#call('GET', '/sandbox/callbacks'));
	}

	async finish(jobid: string, status: TerminalStatus = 'completed'): Promise<void> {
		await this.#call('POST', `/sandbox/jobs/${jobid}/finish`, { status });
	}

	/** Configures a channel with this number of slots. */
	async saveChannel(channel: string, maxJobs: number): Promise<void> {
		const discord = `made-up-discord-token-${channel}`;
		await this.#call('POST', `/v1/pika/account/${channel}`, { discord, channel, maxJobs });
	}

	/** Submits a job from outside the workflows as soon as a slot is free. Returns its ID. */
	async submit(prompt: string): Promise<string> {
		for (;;) {
			const body = new FormData();
			body.append('prompt', prompt);
			const response = await fetch(`${this.baseUrl}/v1/pika/create`, {
				method: 'POST',
				headers: { authorization: `Bearer ${this.apiToken}` },
				body,
			});
			const answer: unknown = await response.json();
			if (response.status !== 429) return submittedSchema.parse(answer).jobid;
			await wait(20);
		}
	}

	async stop(): Promise<void> {
		if (this.#child.exitCode !== null) return;
		const exited = once(this.#child, 'exit');
		this.#child.kill();
		await exited;
	}

	async #call(method: string, path: string, body?: object): Promise<unknown> {
		const response = await fetch(this.baseUrl + path, {
			method,
			headers: {
				authorization: `Bearer ${this.apiToken}`,
				// One connection each: on a busy machine an idle one can be closed while it is taken up again.
				connection: 'close',
				...(body && { 'content-type': 'application/json' }),
			},
			body: body && JSON.stringify(body),
		});
		const text = await response.text();
		if (!response.ok)
			throw new Error(`The sandbox answered ${response.status} to ${path}: ${text}`);
		return text === '' ? undefined : JSON.parse(text);
	}
}
