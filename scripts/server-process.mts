import { type ChildProcess, spawn } from 'node:child_process';
import { closeSync, openSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { OWN_GROUP, signalGroup } from './process-group.mts';

export interface ServerOptions {
	program: string;
	args: string[];
	env: NodeJS.ProcessEnv;
	/** The file for its output. Each start empties it, so its last lines always come from this process. */
	logFile: string;
	/** The signal for a graceful shutdown. Default: SIGTERM. */
	stopSignal?: NodeJS.Signals;
	/** The user to run it as. Default: the current user. */
	user?: { uid: number; gid: number };
}

export interface ServerProcess {
	processId: number;
	logFile: string;
	/** Resolves when the process has ended, for any reason. */
	ended: Promise<void>;
	/** Shuts it down gracefully, or kills it if that takes too long. */
	stop: () => Promise<void>;
	/** Kills it and everything it started, without any cleanup, as a power failure would. */
	kill: () => Promise<void>;
}

export interface Readiness {
	isReady: () => Promise<boolean>;
	withinSeconds: number;
	/** How long to wait between two checks. */
	askEveryMilliseconds?: number;
	signal?: AbortSignal;
}

const STOP_WITHIN_SECONDS = 40;
const LOG_LINES_SHOWN = 25;

/** Starts a program that runs until it is stopped, at most as long as this process. */
export function startServer(options: ServerOptions): ServerProcess {
	const { logFile, stopSignal = 'SIGTERM' } = options;
	const child = spawnWithLog(options);
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
	// Runs before all other handlers, which may delete its files.
	process.prependOnceListener('exit', killChild);
	const ended = endedChild.then(() => {
		process.off('exit', killChild);
	});
	return {
		processId: child.pid ?? 0,
		logFile,
		ended,
		stop: async () => {
			// Sent only to the program, which stops its own child processes in the right order.
			child.kill(stopSignal);
			const timer = new AbortController();
			const late = wait(STOP_WITHIN_SECONDS * 1000, undefined, { signal: timer.signal }).then(
				killChild,
				() => undefined,
			);
			await Promise.race([ended, late]);
			timer.abort();
			await ended;
		},
		kill: async () => {
			killChild();
			await ended;
		},
	};
}

/** Waits until it is ready. If that takes too long, it is stopped, and the error shows the end of its log. */
export async function untilReady(
	name: string,
	server: ServerProcess,
	readiness: Readiness,
): Promise<void> {
	try {
		await waitUntilReady(name, server, readiness);
	} catch (error) {
		await server.stop();
		throw error;
	}
}

/** The last lines of a log file, for an error message. */
export async function tailOf(logFile: string): Promise<string> {
	const lines = (await readFile(logFile, 'utf8').catch(() => '')).trimEnd().split('\n');
	return lines.slice(-LOG_LINES_SHOWN).join('\n');
}

async function waitUntilReady(
	name: string,
	{ ended, logFile }: ServerProcess,
	{ isReady, withinSeconds, askEveryMilliseconds = 250, signal }: Readiness,
): Promise<void> {
	const gone = new AbortController();
	void ended.then(() => {
		gone.abort();
	});
	const deadline = Date.now() + withinSeconds * 1000;
	while (!(await isReady())) {
		signal?.throwIfAborted();
		let failure = '';
		if (gone.signal.aborted) failure = `${name} ended while it started.`;
		else if (Date.now() > deadline) {
			failure = `${name} was not ready within ${withinSeconds} seconds.`;
		}
		if (failure) {
			throw new Error(`${failure} The end of its log (${logFile}):\n\n${await tailOf(logFile)}`);
		}
		await wait(askEveryMilliseconds);
	}
}

function spawnWithLog({ program, args, env, logFile, user }: ServerOptions): ChildProcess {
	const log = openSync(logFile, 'w', 0o600);
	try {
		return spawn(program, args, {
			env,
			cwd: dirname(logFile),
			stdio: ['ignore', log, log],
			...OWN_GROUP,
			...user,
		});
	} finally {
		closeSync(log);
	}
}
