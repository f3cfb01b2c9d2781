import { type ChildProcess, spawn } from 'node:child_process';
import { closeSync, openSync } from 'node:fs';
import { mkdir, readFile } from 'node:fs/promises';
import { delimiter, dirname, join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { findFreePort } from './free-port.mts';
import { takeLock } from './lock.mts';
import type { N8nInstallation } from './n8n-install.mts';
import { OWN_GROUP, signalGroup } from './process-group.mts';

export interface N8nOptions {
	installation: N8nInstallation;
	/** Holds everything this n8n keeps. Two running n8n never share one. */
	userFolder: string;
	preferredPort?: number;
	/** Added to, and stronger than, what this module sets. */
	env?: Record<string, string>;
	readyWithinSeconds?: number;
	signal?: AbortSignal;
}

export interface N8nProcess {
	baseUrl: string;
	/** Of n8n itself; its task runner is a process of its own. */
	processId: number;
	logFile: string;
	/** Ends when the process has ended, whoever ended it. */
	ended: Promise<void>;
	/** Stops it the way n8n wants to be stopped, and by force where that takes too long. */
	stop: () => Promise<void>;
}

const STOP_WITHIN_SECONDS = 40;
const LOG_LINES_SHOWN = 25;

/** Starts n8n on loopback and waits until it answers. If it does not, the error shows the end of its log. */
export async function startN8n(options: N8nOptions): Promise<N8nProcess> {
	const { installation, userFolder, preferredPort, env = {}, signal } = options;
	const lock = await takeLock(join(userFolder, 'n8n.lock'), `runs n8n in ${userFolder}`);
	const logFile = join(userFolder, 'n8n.log');
	await mkdir(userFolder, { recursive: true });

	const port = await findFreePort(preferredPort);
	const child = spawnN8n(installation, logFile, {
		...ownEnvironment(dirname(installation.node)),
		N8N_USER_FOLDER: userFolder,
		N8N_PORT: String(port),
		N8N_RUNNERS_BROKER_PORT: String(await findFreePort()),
		...env,
	});
	const endedChild = new Promise<void>((resolve) => {
		child.once('error', () => {
			resolve();
		});
		child.once('exit', () => {
			resolve();
		});
	});
	const killChild = () => {
		signalGroup(child, 'SIGKILL');
	};
	process.once('exit', killChild);
	const processId = child.pid ?? 0;
	// So that an n8n that outlives us still guards its folder.
	if (processId) await lock.passTo(processId);
	const ended = endedChild.then(async () => {
		process.off('exit', killChild);
		await lock.free();
	});

	const running: N8nProcess = {
		baseUrl: `http://127.0.0.1:${port}`,
		processId,
		logFile,
		ended,
		stop: async () => {
			// To n8n alone: it ends its task runner itself, in its own order.
			child.kill('SIGTERM');
			const patience = new AbortController();
			const late = wait(STOP_WITHIN_SECONDS * 1000, undefined, { signal: patience.signal }).then(
				killChild,
				() => undefined,
			);
			await Promise.race([ended, late]);
			patience.abort();
			await ended;
		},
	};
	try {
		await waitUntilReady(running, options.readyWithinSeconds ?? 180, signal);
	} catch (error) {
		await running.stop();
		throw error;
	}
	return running;
}

/** The last lines of a log file, for an error message. */
export async function tailOf(logFile: string): Promise<string> {
	const lines = (await readFile(logFile, 'utf8').catch(() => '')).trimEnd().split('\n');
	return lines.slice(-LOG_LINES_SHOWN).join('\n');
}

async function waitUntilReady(
	{ baseUrl, ended, logFile }: N8nProcess,
	withinSeconds: number,
	signal?: AbortSignal,
): Promise<void> {
	const gone = new AbortController();
	void ended.then(() => {
		gone.abort();
	});
	const deadline = Date.now() + withinSeconds * 1000;
	while (!(await isReady(baseUrl))) {
		signal?.throwIfAborted();
		let failure = '';
		if (gone.signal.aborted) failure = 'n8n ended while it started.';
		else if (Date.now() > deadline) failure = `n8n was not ready within ${withinSeconds} seconds.`;
		if (failure) {
			throw new Error(`${failure} The end of its log (${logFile}):\n\n${await tailOf(logFile)}`);
		}
		await wait(250);
	}
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

function spawnN8n(
	{ node, program }: N8nInstallation,
	logFile: string,
	env: NodeJS.ProcessEnv,
): ChildProcess {
	// A new log for every start, so that its end always belongs to this n8n.
	const log = openSync(logFile, 'w', 0o600);
	try {
		return spawn(node, [program, 'start'], {
			env,
			cwd: dirname(logFile),
			stdio: ['ignore', log, log],
			...OWN_GROUP,
		});
	} finally {
		closeSync(log);
	}
}

/** Settings of an n8n that belongs to nobody but us: the caller's own n8n settings must not reach it. */
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
		// A proxy of the caller's must not be asked for the sandbox.
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
