import { cp, watch } from 'node:fs/promises';
import { join } from 'node:path';
import { withProgress } from './with-progress.mts';
import { runNpm } from './run-command.mts';

const SOURCES = ['nodes', 'credentials'];
/** An editor can save several files, or one file in several writes. */
const QUIET_MILLISECONDS = 300;

interface ReloadOptions {
	project: string;
	/** The package in the user folder of an n8n that runs with `N8N_DEV_RELOAD`, which loads changed files again. */
	installed: string;
	signal: AbortSignal;
}

/** Resolves after the next change in the sources, once they have been quiet for a moment; rejects when the signal fires. */
async function nextChange({ project, signal }: ReloadOptions): Promise<void> {
	const settled = new AbortController();
	const until = AbortSignal.any([signal, settled.signal]);
	let timer: NodeJS.Timeout | undefined;
	const watching = SOURCES.map(async (folder) => {
		const options = { recursive: true, signal: until };
		const changes = watch(join(project, folder), options)[Symbol.asyncIterator]();
		while (!(await changes.next()).done) {
			clearTimeout(timer);
			timer = setTimeout(() => {
				settled.abort();
			}, QUIET_MILLISECONDS);
		}
	});
	await Promise.all(watching).catch((error: unknown) => {
		clearTimeout(timer);
		if (!settled.signal.aborted) throw error;
	});
}

/** Builds the package after each change of its sources, and puts the result into a running n8n, until the signal fires. */
export async function reloadOnChange(options: ReloadOptions): Promise<never> {
	const { project, installed, signal } = options;
	for (;;) {
		await nextChange(options);
		try {
			await withProgress('Build the package and load it again', async (onLine) => {
				await runNpm(['run', 'build'], { cwd: project, onLine, signal });
				await cp(join(project, 'dist'), join(installed, 'dist'), { recursive: true });
			});
		} catch (error) {
			signal.throwIfAborted();
			console.error(error instanceof Error ? error.message : error);
		}
	}
}
