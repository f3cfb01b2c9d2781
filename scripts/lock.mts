import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';

// Not proper-lockfile: its lock ends with the process that took it, but n8n's has to last as long as n8n runs.

export interface Lock {
	/** Transfers the lock to another process, which holds it as long as it runs. */
	passTo: (processId: number) => Promise<void>;
	free: () => Promise<void>;
}

/**
 * Takes `file` as a lock for this process. A lock whose process has ended is taken over. If another process holds it,
 * the error says what that one is doing. Two processes that find the same stale lock at the same instant may both
 * take it.
 */
export async function takeLock(file: string, whatHolderDoes: string): Promise<Lock> {
	await mkdir(dirname(file), { recursive: true });
	const take = async () => {
		await writeFile(file, String(process.pid), { flag: 'wx' });
	};
	try {
		await take();
	} catch (error) {
		if (!hasCode(error, 'EEXIST')) throw error;
		const holder = Number(await readFile(file, 'utf8').catch(() => ''));
		if (isRunning(holder)) {
			throw new Error(
				`Process ${holder} ${whatHolderDoes}. Wait until it has ended. If that process is a different program, delete ${file}.`,
			);
		}
		await rm(file, { force: true });
		await take();
	}
	return {
		passTo: async (processId) => {
			await writeFile(file, String(processId));
		},
		free: async () => {
			await rm(file, { force: true });
		},
	};
}

function isRunning(processId: number): boolean {
	if (!Number.isInteger(processId) || processId <= 0) return false;
	try {
		process.kill(processId, 0);
		return true;
	} catch (error) {
		// EPERM: the process is running as another user.
		return hasCode(error, 'EPERM');
	}
}

function hasCode(error: unknown, code: string): boolean {
	return error instanceof Error && 'code' in error && error.code === code;
}
