import { Listr, PRESET_TIMER } from 'listr2';

const MAX_LINE = 90;

/**
 * Runs a task and shows its title, the elapsed time and the last reported line: every second in a terminal, every
 * 20 seconds in a log.
 */
export async function withProgress<T>(
	title: string,
	work: (report: (line: string) => void) => Promise<T>,
): Promise<T> {
	let lastLine = '';
	const startedAt = Date.now();
	const working = work((line) => {
		lastLine = line;
	});
	const tasks = new Listr(
		[
			{
				title,
				task: async (_context, task) => {
					const show = () => {
						task.output = progressText(Date.now() - startedAt, lastLine);
					};
					const timer = setInterval(show, process.stdout.isTTY ? 1000 : 20_000);
					try {
						await working;
					} catch {
						// The caller reports the error.
						throw new Error('see below');
					} finally {
						clearInterval(timer);
					}
				},
			},
		],
		{
			// listr2 would end the process on Ctrl+C and leave n8n running.
			registerSignalListeners: false,
			rendererOptions: { showErrorMessage: false, collapseErrors: false, timer: PRESET_TIMER },
			fallbackRenderer: 'simple',
			fallbackRendererOptions: { timer: PRESET_TIMER },
		},
	);
	await tasks.run().catch(() => undefined);
	return await working;
}

function progressText(milliseconds: number, lastLine: string): string {
	const seconds = Math.floor(milliseconds / 1000);
	const clock = `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, '0')}`;
	return lastLine === '' ? clock : `${clock}  ${lastLine.trim().slice(0, MAX_LINE)}`;
}
