import type { IExecuteFunctions } from 'n8n-workflow';

/** n8n writes an error to its log for longer values, and drops entries beyond the tenth. */
const LONGEST_VALUE = 255;
const MAXIMUM_ENTRIES = 10;

function linesOf(names: string[]): string[] {
	return names.reduce<string[]>((lines, name) => {
		const joined = [...lines.slice(-1), name].join(', ');
		return joined.length <= LONGEST_VALUE ? [...lines.slice(0, -1), joined] : [...lines, name];
	}, []);
}

/**
 * Writes as many jobs as there is room for, 30 to 50, to the custom data of the execution, which n8n keeps even after a Stop
 * (docs/n8n-internals.md, "Stopping an execution"). `jobs` are separated by commas.
 */
export function recordJobs({ customData }: Partial<IExecuteFunctions>, jobs: string): void {
	if (jobs === '') return;
	const most = LONGEST_VALUE * MAXIMUM_ENTRIES;
	const end = jobs.length > most ? jobs.lastIndexOf(', ', most) : jobs.length;
	const names = jobs.slice(0, end).split(', ');
	for (const [i, line] of linesOf(names).slice(0, MAXIMUM_ENTRIES).entries()) {
		customData?.set(`pika_jobs_${i + 1}`, line);
	}
}
