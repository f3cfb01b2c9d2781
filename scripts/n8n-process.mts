import { mkdir } from 'node:fs/promises';
import { delimiter, dirname, join } from 'node:path';
import { findFreePort } from './free-port.mts';
import { takeLock } from './lock.mts';
import type { N8nInstallation } from './n8n-install.mts';
import { type ServerProcess, startServer, untilReady } from './server-process.mts';

/** The whole n8n, or in queue mode its main process, and the two kinds of process that stand beside it there. */
export type N8nCommand = 'start' | 'webhook' | 'worker';

export interface N8nOptions {
	installation: N8nInstallation;
	/** Contains all of n8n's data. Two running n8n processes never share it. */
	userFolder: string;
	/** Default: `start`. */
	command?: N8nCommand;
	preferredPort?: number;
	/** Overrides the variables that this module sets. */
	env?: Record<string, string>;
	readyWithinSeconds?: number;
	/** The interval between readiness checks. */
	askEveryMilliseconds?: number;
	signal?: AbortSignal;
}

/** The process of n8n. Its task runner is a separate process. */
export interface N8nProcess extends ServerProcess {
	baseUrl: string;
}

/** Starts n8n on loopback and waits until it responds. If it does not, the error shows the end of its log. */
export async function startN8n(options: N8nOptions): Promise<N8nProcess> {
	const { installation, userFolder, command = 'start', preferredPort, env = {} } = options;
	const lock = await takeLock(join(userFolder, 'n8n.lock'), `runs n8n in ${userFolder}`);
	await mkdir(userFolder, { recursive: true });

	const port = await findFreePort(preferredPort);
	const server = startServer({
		program: installation.node,
		args: [installation.program, command],
		logFile: join(userFolder, 'n8n.log'),
		env: {
			...ownEnvironment(dirname(installation.node)),
			N8N_USER_FOLDER: userFolder,
			...portSettings(command, port),
			N8N_RUNNERS_BROKER_PORT: String(await findFreePort()),
			...env,
		},
	});
	// An n8n that outlives this process keeps its folder locked.
	if (server.processId) await lock.passTo(server.processId);
	const baseUrl = `http://127.0.0.1:${port}`;
	const ended = server.ended.then(async () => {
		await lock.free();
	});
	try {
		await untilReady(command === 'start' ? 'n8n' : `n8n ${command}`, server, {
			isReady: async () => await isReady(baseUrl),
			withinSeconds: options.readyWithinSeconds ?? 180,
			askEveryMilliseconds: options.askEveryMilliseconds,
			signal: options.signal,
		});
	} catch (error) {
		await ended;
		throw error;
	}
	const afterwards = (end: () => Promise<void>) => async () => {
		await end();
		await ended;
	};
	const { stop, kill } = server;
	return { ...server, baseUrl, ended, stop: afterwards(stop), kill: afterwards(kill) };
}

function portSettings(command: N8nCommand, port: number): Record<string, string> {
	// A worker responds only to health checks, and only if they are enabled.
	if (command !== 'worker') return { N8N_PORT: String(port) };
	return {
		QUEUE_HEALTH_CHECK_ACTIVE: 'true',
		QUEUE_HEALTH_CHECK_PORT: String(port),
		N8N_WORKER_SERVER_ADDRESS: '127.0.0.1',
	};
}

async function isReady(baseUrl: string): Promise<boolean> {
	try {
		const response = await fetch(`${baseUrl}/healthz/readiness`, {
			signal: AbortSignal.timeout(5000),
		});
		return response.ok;
	} catch {
		return false;
	}
}

/** The environment of an isolated n8n, without the caller's own n8n settings. */
function ownEnvironment(nodeFolder: string): NodeJS.ProcessEnv {
	const foreign =
		/^(N8N_|DB_|QUEUE_|EXECUTIONS_|WEBHOOK_URL$|VUE_APP_|GENERIC_|CODE_|NODE_OPTIONS$|NODE_PATH$|npm_)/i;
	const inherited = Object.entries(process.env).filter(([name]) => !foreign.test(name));
	const loopback = ['127.0.0.1', 'localhost'];
	const noProxy = [process.env.NO_PROXY ?? process.env.no_proxy, ...loopback].filter(Boolean);
	return {
		...Object.fromEntries(inherited),
		// n8n starts its task runner as `node`.
		...withPathBefore(nodeFolder),
		// Requests to the sandbox must bypass the caller's proxy.
		NO_PROXY: noProxy.join(','),
		no_proxy: noProxy.join(','),
		N8N_HOST: '127.0.0.1',
		N8N_LISTEN_ADDRESS: '127.0.0.1',
		N8N_SECURE_COOKIE: 'false',
		N8N_UNVERIFIED_PACKAGES_ENABLED: 'true',
		N8N_DIAGNOSTICS_ENABLED: 'false',
		N8N_VERSION_NOTIFICATIONS_ENABLED: 'false',
		N8N_VERSION_NOTIFICATIONS_WHATS_NEW_ENABLED: 'false',
		N8N_DYNAMIC_BANNERS_ENABLED: 'false',
		N8N_HIRING_BANNER_ENABLED: 'false',
		N8N_TEMPLATES_ENABLED: 'false',
		N8N_PERSONALIZATION_ENABLED: 'false',
	};
}

function withPathBefore(folder: string): NodeJS.ProcessEnv {
	const name = Object.keys(process.env).find((key) => key.toUpperCase() === 'PATH') ?? 'PATH';
	return { [name]: [folder, process.env[name]].filter(Boolean).join(delimiter) };
}
