import { megabytes } from './memory.mts';
import type { Report } from './report.mts';

/** The report as text, its last line as `N passed, N failed`. */
export function textOf(report: Report): string {
	const { executions, jobs, requests, callbacks, memory, checks, troubles } = report;
	const failed = checks.filter(({ faults }) => faults.length > 0).length;
	return [
		`Seed ${report.seed}, ${report.minutes.toFixed(1)} minutes of load`,
		'',
		...countLines('Executions', executions),
		`Items: ${report.items}`,
		...countLines('Items that came out', report.outcomes),
		...countLines('Jobs', jobs),
		...countLines('Requests to the API', requests),
		...countLines('Answers to callbacks', callbacks),
		`Waits that ran out although their callbacks were taken: ${report.missedCallbacks.length}`,
		...report.missedCallbacks.map((jobid) => `    ${jobid}`),
		`Jobs announced by triggers: ${report.announcements}`,
		...(troubles.length > 0 ? ['Troubles:', ...troubles.map((each) => `  ${each}`)] : []),
		'',
		...memoryLines(memory),
		'',
		...checks.flatMap(({ name, faults }) => [
			`${faults.length === 0 ? '✔' : '✖'} ${name}${faults.length === 0 ? '' : `: ${faults.length}`}`,
			...faults.map((fault) => `    ${fault}`),
		]),
		'',
		`${checks.length - failed} passed, ${failed} failed`,
	].join('\n');
}

function countLines(title: string, counts: Record<string, number>): string[] {
	const total = Object.values(counts).reduce((sum, count) => sum + count, 0);
	const lines = Object.entries(counts).map(
		([name, count]) => `${String(count).padStart(7)}  ${name}`,
	);
	return [`${title}: ${total}`, ...lines];
}

function memoryLines(memory: Report['memory']): string[] {
	const titles = ['', 'idle before', 'start', 'quarter 1', 'quarter 2', 'quarter 3', 'quarter 4'];
	const rows = Object.entries(memory).map(
		([measure, { idleBefore, start, quarters, end, idleAfter, slopePerHour }]) => [
			measure,
			...[idleBefore, start, ...quarters, end, idleAfter, slopePerHour].map(megabytes),
		],
	);
	return [
		"n8n's memory in MB, from start to end while the load was steady:",
		...[[...titles, 'end', 'idle after', 'per hour'], ...rows].map((row) => row.map(pad).join('')),
	];
}

function pad(cell: string): string {
	return cell.padStart(12);
}
