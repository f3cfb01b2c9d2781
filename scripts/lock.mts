import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';

export interface Lock {
	/** From now on the lock is held as long as that process runs. */
	passTo: (processId: number) => Promise<void>;
	free: () => Promise<void>;
}

/**
 * Takes `file` as a lock for this process. A lock whose process is gone is taken over; one that is held ends in an
 * error that says what its holder does. It keeps honest processes apart, not two that start in the same instant
 * beside a stale lock.
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
				`Process ${holder} ${whatHolderDoes}. Let it end first (if it is something else: delete ${file}).`,
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
		// EPERM: it runs, as another user.
		return hasCode(error, 'EPERM');
	}
}

function hasCode(error: unknown, code: string): boolean {
	return error instanceof Error && 'code' in error && error.code === code;
}
