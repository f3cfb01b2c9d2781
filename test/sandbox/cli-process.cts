import { exec, spawn } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';

const ROOT = join(__dirname, '..', '..');

export interface CliProcess {
	/** Resolves with all that was printed so far once it contains this text, or at the end. */
	printed(text: string): Promise<string>;
	/** What Ctrl+C sends. */
	interrupt(): void;
	/** The exit code, and all that was printed to both outputs. */
	ended: Promise<{ exitCode: number | null; output: string }>;
}

/** Runs `sandbox/cli.cts` in a process of its own. */
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

/** Runs a command as a reader pastes it, and gives what it prints. */
export async function runInShell(command: string): Promise<string> {
	return (await promisify(exec)(command)).stdout;
}
