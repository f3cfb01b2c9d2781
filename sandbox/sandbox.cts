import { setMaxListeners } from 'node:events';
import { isIPv6 } from 'node:net';
import multipart from '@fastify/multipart';
import fastify from 'fastify';
import { guard } from './access.cts';
import { accountRoutes } from './account-routes.cts';
import { Accounts, type ChannelAccount } from './accounts.cts';
import { Attachments } from './attachments.cts';
import { Callbacks, type RecordedCallback } from './callbacks.cts';
import { Changes } from './changes.cts';
import { errorBody, type TerminalStatus } from './contract.cts';
import { controlRoutes } from './control-routes.cts';
import { Exchanges, type RecordedRequest } from './exchanges.cts';
import { Faults, type Fault } from './faults.cts';
import { jobRoutes } from './job-routes.cts';
import { Jobs, type JobRecord, type SandboxJob } from './jobs.cts';
import { pageRoutes } from './page-routes.cts';
import { pictureRoutes } from './pictures.cts';
import { UseapiAccount } from './useapi-account.cts';
import { sendRouterError, serveRecorded } from './serving.cts';
import { settingsSchema, type Settings } from './settings.cts';
import { submitRoutes } from './submit-routes.cts';
import { Studio } from './video/studio.cts';

export type { ChannelAccount, Fault, JobRecord, RecordedCallback, RecordedRequest };
export type { SandboxJob, Settings, TerminalStatus };
export type { RecordedFile } from './exchanges.cts';
export type { Attachment } from './attachments.cts';

const DEFAULT_HOST = '127.0.0.1';
export const SANDBOX_API_TOKEN = 'user:1000-sandbox';
export const SANDBOX_CHANNEL = '1100000000000000001';
export const SANDBOX_ACCOUNT: ChannelAccount = {
	channel: SANDBOX_CHANNEL,
	discord: 'made-up-discord-token-of-the-sandbox',
	maxJobs: 10,
};

export interface SandboxOptions extends Partial<Settings> {
	/** Default: 127.0.0.1. */
	host?: string;
	/** Default: 0, which means any free port. */
	port?: number;
	/** Names in public DNS at which the sandbox accepts requests. */
	allowedHosts?: readonly string[];
	apiToken?: string;
	accounts?: ChannelAccount[];
	/** Called with one line per request, which never contains a token. */
	log?: (line: string) => void;
}

export interface Sandbox {
	/** The URL for clients on this machine, without a trailing slash. */
	readonly baseUrl: string;
	/** The host on which the sandbox listens. */
	readonly host: string;
	readonly apiToken: string;
	/** In order of arrival, without requests to /sandbox/. */
	readonly requests: readonly RecordedRequest[];
	readonly jobs: readonly SandboxJob[];
	readonly callbacks: readonly RecordedCallback[];
	readonly settings: Readonly<Settings>;
	changeSettings(settings: Partial<Settings>): void;
	/** Throws if the fault is invalid. */
	addFault(fault: Fault): void;
	clearFaults(): void;
	/** Deletes jobs, requests, callbacks and faults, and restores settings and accounts. */
	reset(): void;
	/** Ends a running job now: with the given status, or as planned. Throws if the job is not running. */
	finishJob(jobid: string, status?: TerminalStatus, extra?: Partial<JobRecord>): void;
	/** Resolves with the first truthy value of `condition`, evaluated now and after every change. Rejects when the sandbox stops. */
	waitFor<T>(condition: () => T | false | null | undefined): Promise<T>;
	/** Also closes open connections, stops all timers and aborts pending callbacks. */
	stop(): Promise<void>;
}

/** Starts a local stand-in for api.useapi.net's Pika v1 API, on 127.0.0.1 unless another host is given. */
export async function startSandbox(options: SandboxOptions = {}): Promise<Sandbox> {
	const { host = DEFAULT_HOST, port = 0, allowedHosts = [], ...rest } = options;
	const { apiToken = SANDBOX_API_TOKEN, accounts: initial, log, ...chosen } = rest;
	const initialSettings = settingsSchema.parse(chosen);
	const settings = { ...initialSettings };
	let baseUrl = '';
	const stopping = new AbortController();
	// Every delayed response listens.
	setMaxListeners(0, stopping.signal);
	const changes = new Changes();
	const exchanges = new Exchanges(changes);
	const faults = new Faults(changes);
	const accounts = new Accounts(initial ?? [SANDBOX_ACCOUNT]);
	const useapiAccount = new UseapiAccount(settings, accounts);
	const callbacks = new Callbacks(changes);
	const attachments = new Attachments(settings);
	const studio = new Studio(() => {
		changes.announce();
	});
	const jobs = new Jobs(
		changes,
		({ origin, stamp }, video) => attachments.create(origin, stamp, video),
		(job, plan) => {
			callbacks.onStatus(job, plan);
		},
	);

	const sandbox: Sandbox = {
		get baseUrl() {
			return baseUrl;
		},
		host,
		apiToken,
		requests: exchanges.requests,
		jobs: jobs.all,
		callbacks: callbacks.sent,
		settings,
		changeSettings: (changed) => {
			Object.assign(settings, settingsSchema.partial().parse(changed));
			changes.announce();
		},
		addFault: (fault) => {
			faults.add(fault);
		},
		clearFaults: () => {
			faults.clear();
		},
		reset: () => {
			Object.assign(settings, initialSettings);
			faults.clear();
			jobs.clear();
			callbacks.clear();
			exchanges.clear();
			attachments.clear();
			void studio.clear();
			accounts.reset();
			useapiAccount.reset();
			changes.announce();
		},
		finishJob: (jobid, status, extra) => {
			if (!jobs.finish(jobid, status, extra)) throw new Error(`Job ${jobid} is not running`);
		},
		waitFor: (condition) => changes.waitFor(condition),
		stop: async () => {
			stopping.abort();
			jobs.clear();
			callbacks.clear();
			changes.end();
			await Promise.all([server.close(), studio.clear()]);
		},
	};

	const server = fastify({
		exposeHeadRoutes: false,
		forceCloseConnections: true,
		frameworkErrors: sendRouterError,
	});
	server.removeAllContentTypeParsers();
	server.addContentTypeParser('*', { parseAs: 'string' }, (_request, body, done) => {
		done(null, body);
	});
	await server.register(multipart, {
		throwFileSizeLimit: false,
		limits: { fileSize: Infinity, fieldSize: 10 * 1024 * 1024 },
	});
	guard(server, { apiToken, host, allowedHosts });
	serveRecorded(server, {
		apiToken,
		settings,
		exchanges,
		faults,
		stopping: stopping.signal,
		log: log ?? (() => undefined),
	});
	// Guess: the response for an unknown path has the documented error format.
	server.setNotFoundHandler((_request, reply) => reply.code(404).send(errorBody(404, 'Not Found')));
	// Guess: a form that cannot be parsed is a client error.
	server.setErrorHandler<Error & { statusCode?: number }>((error, request, reply) => {
		const isUnread = request.isMultipart() && !exchanges.of(request)?.isComplete;
		const code = error.statusCode ?? (isUnread ? 400 : 500);
		return reply.code(code).send(errorBody(code, error.message));
	});
	submitRoutes(server, { settings, accounts, useapiAccount, jobs, callbacks, exchanges, studio });
	jobRoutes(server, jobs);
	accountRoutes(server, accounts, exchanges);
	useapiAccount.routes(server, exchanges);
	attachments.routes(server);
	pictureRoutes(server);
	controlRoutes(server, sandbox, faults);
	pageRoutes(server, sandbox, { accounts, changes, exchanges, faults, jobs });
	const origin = await server.listen({ host, port });
	baseUrl = urlOf(host, Number(/\d+$/.exec(origin)?.[0]));
	return sandbox;
}

/** The URL at which this machine reaches a server that listens there. */
function urlOf(host: string, port: number): string {
	const name = { '0.0.0.0': DEFAULT_HOST, '::': '::1' }[host] ?? host;
	return `http://${isIPv6(name) ? `[${name}]` : name}:${port}`;
}
