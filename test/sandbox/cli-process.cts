import { exec, spawn } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';

const ROOT = join(__dirname, '..', '..');

export interface CliProcess {
	/** Resolves with the output so far as soon as it contains this text, or when the process ends. */
	printed(text: string): Promise<string>;
	/** Sends the signal of Ctrl+C. */
	interrupt(): void;
	/** The exit code and the combined output. */
	ended: Promise<{ exitCode: number | null; output: string }>;
}

/** Runs `sandbox/cli.cts` in a separate process. */
export function runCli(...options: string[]): CliProcess {
	const cli = spawn(process.execPath, ['--import', 'tsx', 'sandbox/cli.cts', ...options], {
		cwd: ROOT,
	});
	let output = '';
	const listeners = new Set<() => void>();
	const take = (chunk: Buffer) => {
		output += chunk.toString();
		for (const listener of listeners) listener();
	};
	cli.stdout.on('data', take);
	cli.stderr.on('data', take);
	const ended = new Promise<{ exitCode: number | null; output: string }>((resolve) => {
		cli.on('close', (exitCode) => {
			resolve({ exitCode, output });
		});
	});
	return {
		printed: (text) =>
			new Promise((resolve) => {
				const look = () => {
					if (output.includes(text)) resolve(output);
				};
				listeners.add(look);
				void ended.then(() => {
					resolve(output);
				});
				look();
			}),
		interrupt: () => cli.kill('SIGINT'),
		ended,
	};
}

/** Runs a command in a shell and returns its output. */
export async function runInShell(command: string): Promise<string> {
	return (await promisify(exec)(command)).stdout;
}
