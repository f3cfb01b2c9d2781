import { spawn } from 'node:child_process';
import { createWriteStream, existsSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { createInterface } from 'node:readline';
import { OWN_GROUP, signalGroup } from './process-group.mts';

export interface CommandOptions {
	cwd: string;
	env?: NodeJS.ProcessEnv;
	/** A file to which everything that the command prints is appended. */
	logFile?: string;
	/** Called with each line that the command prints, to show progress. */
	onLine?: (line: string) => void;
	/** The user to run it as. Default: the current user. */
	user?: { uid: number; gid: number };
	signal?: AbortSignal;
}

const LINES_SHOWN_ON_FAILURE = 30;

/** Runs a command without a shell and returns its standard output. If it fails, the error has its last lines. */
export async function runCommand(
	command: string,
	args: string[],
	{ cwd, env = process.env, logFile, onLine, user, signal }: CommandOptions,
): Promise<string> {
	signal?.throwIfAborted();
	if (logFile) await mkdir(dirname(logFile), { recursive: true });
	const log = logFile ? createWriteStream(logFile, { flags: 'a' }) : undefined;
	const child = spawn(command, args, {
		cwd,
		env,
		stdio: ['ignore', 'pipe', 'pipe'],
		...OWN_GROUP,
		...user,
	});
	const end = () => {
		signalGroup(child, 'SIGTERM');
	};
	signal?.addEventListener('abort', end);
	process.once('exit', end);

	const output: string[] = [];
	const lastLines: string[] = [];
	const collect = (line: string) => {
		log?.write(`${line}\n`);
		lastLines.push(line);
		if (lastLines.length > LINES_SHOWN_ON_FAILURE) lastLines.shift();
		if (line.trim() !== '') onLine?.(line);
	};
	createInterface(child.stdout).on('line', (line) => {
		output.push(line);
		collect(line);
	});
	createInterface(child.stderr).on('line', collect);

	const title = [command, ...args.slice(0, 3)].map((word) => basename(word)).join(' ');
	try {
		await new Promise<void>((resolve, reject) => {
			child.once('error', reject);
			child.once('close', (code, killedBy) => {
				if (signal?.aborted) reject(new Error(`\`${title}\` was interrupted.`));
				else if (code === 0) resolve();
				else {
					const ending = killedBy ? `was ended by ${killedBy}` : `ended with code ${code ?? '?'}`;
					const where = logFile ? `\nIts whole output is in ${logFile}` : '';
					reject(new Error(`\`${title}\` ${ending}:\n${lastLines.join('\n')}${where}`));
				}
			});
		});
	} finally {
		signal?.removeEventListener('abort', end);
		process.off('exit', end);
		log?.end();
	}
	return output.join('\n');
}

/** Runs npm with the given Node; the options are those of `runCommand`. */
export async function runNpm(
	args: string[],
	options: CommandOptions & { node?: string },
): Promise<string> {
	const { node = process.execPath, ...rest } = options;
	const env = { ...(rest.env ?? process.env) };
	// The scripts of the packages that npm installs call `node`, which must be the same one.
	const pathName = Object.keys(env).find((name) => name.toUpperCase() === 'PATH') ?? 'PATH';
	env[pathName] = [dirname(node), env[pathName]]
		.filter(Boolean)
		.join(process.platform === 'win32' ? ';' : ':');
	return await runCommand(node, [npmCli(), ...args], { ...rest, env });
}

/** npm's own JavaScript file. Started with Node it needs no shell, which npm.cmd on Windows would. */
function npmCli(): string {
	const nodeFolder = dirname(process.execPath);
	const candidates = [
		process.env.npm_execpath,
		join(nodeFolder, 'node_modules', 'npm', 'bin', 'npm-cli.js'),
		join(nodeFolder, '..', 'lib', 'node_modules', 'npm', 'bin', 'npm-cli.js'),
		join(nodeFolder, '..', 'share', 'nodejs', 'npm', 'bin', 'npm-cli.js'),
	];
	const found = candidates.find(
		(path) => path !== undefined && basename(path) === 'npm-cli.js' && existsSync(path),
	);
	if (found === undefined) {
		throw new Error('npm was not found beside Node: start this with `npm start`.');
	}
	return found;
}
