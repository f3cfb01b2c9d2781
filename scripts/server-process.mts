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
	/** Everything it prints; begun anew with every start, so that its end always belongs to this process. */
	logFile: string;
	/** What it takes as the wish to end in good order; SIGTERM where none is given. */
	stopSignal?: NodeJS.Signals;
	/** Who it runs as, where that is not our own user. */
	user?: { uid: number; gid: number };
}

export interface ServerProcess {
	processId: number;
	logFile: string;
	/** Ends when the process has ended, whoever ended it. */
	ended: Promise<void>;
	/** Stops it the way it wants to be stopped, and by force where that takes too long. */
	stop: () => Promise<void>;
	/** Ends it, and what it has started, as a machine that fails does: it can tidy up nothing. */
	kill: () => Promise<void>;
}

export interface Readiness {
	isReady: () => Promise<boolean>;
	withinSeconds: number;
	/** How often it is asked. */
	askEveryMilliseconds?: number;
	signal?: AbortSignal;
}

const STOP_WITHIN_SECONDS = 40;
const LOG_LINES_SHOWN = 25;

/** Starts a program that runs until it is stopped; it never outlives this process. */
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
	// First of all: what else is to be done then may be to delete its files.
	process.prependOnceListener('exit', killChild);
	const ended = endedChild.then(() => {
		process.off('exit', killChild);
	});
	return {
		processId: child.pid ?? 0,
		logFile,
		ended,
		stop: async () => {
			// To the program alone: it ends what it has started itself, in its own order.
			child.kill(stopSignal);
			const patience = new AbortController();
			const late = wait(STOP_WITHIN_SECONDS * 1000, undefined, { signal: patience.signal }).then(
				killChild,
				() => undefined,
			);
			await Promise.race([ended, late]);
			patience.abort();
			await ended;
		},
		kill: async () => {
			killChild();
			await ended;
		},
	};
}

/** Waits until it is ready. If it never is, it is stopped, and the error shows the end of its log. */
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
