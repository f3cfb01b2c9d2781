import { type Measurement, ratioOf } from './measurement.cts';
import { summarize, type Summary } from './statistics.cts';

const HEAD = ['Measured', 'Package', 'Compared with', 'Ratio', 'Target'];

/** Three significant digits, without unnecessary decimals. */
export function digits(value: number): string {
	const size = Math.abs(value);
	if (size >= 100 || value === 0) return value.toFixed(0);
	return size >= 10 ? value.toFixed(1) : value.toFixed(2);
}

function ratioText({ median, least, most }: Summary): string {
	return `${median.toFixed(2)} (${least.toFixed(2)}–${most.toFixed(2)})`;
}

/** One row for each measurement: medians, the ratio with its spread, and whether the target is met. */
export function tableOf(measurements: readonly Measurement[]): string[][] {
	const rows = measurements.map((measurement) => {
		const { what, unit, ours, theirs, target } = measurement;
		const value = (values: number[]) => `${digits(summarize(values).median)} ${unit}`;
		const ratio = ratioOf(measurement);
		return [
			what,
			`${ours.name}: ${value(ours.values)}`,
			theirs ? `${theirs.name}: ${value(theirs.values)}` : '',
			ratio ? ratioText(ratio) : '',
			target ? `${target.text}: ${target.isMet ? 'met' : '**not met**'}` : '',
		];
	});
	return [HEAD, ...rows];
}

/** A table for GitHub. */
export function markdownOf([head = [], ...rows]: readonly string[][]): string {
	const line = (cells: readonly string[]) =>
		`| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`;
	return [line(head), line(head.map(() => '---')), ...rows.map(line)].join('\n');
}

/** The same table for a terminal. */
export function textOf(rows: readonly string[][]): string {
	const plain = rows.map((cells) => cells.map((cell) => cell.replaceAll('**', '')));
	const widths = (plain[0] ?? []).map((_, column) =>
		Math.max(...plain.map((cells) => (cells[column] ?? '').length)),
	);
	return plain
		.map((cells) => cells.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join('  '))
		.map((line) => line.trimEnd())
		.join('\n');
}

/** Replaces the text between two marker comments of a document. Throws if they are missing. */
export function putBetween(document: string, marker: string, text: string): string {
	const begin = `<!-- ${marker}:begin -->`;
	const end = `<!-- ${marker}:end -->`;
	const from = document.indexOf(begin);
	const to = document.indexOf(end);
	if (from === -1 || to < from) throw new Error(`The markers ${begin} and ${end} are missing.`);
	return `${document.slice(0, from + begin.length)}\n\n${text}\n\n${document.slice(to)}`;
}
