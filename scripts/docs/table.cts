function escape(cell: string): string {
	return cell.replaceAll('|', '\\|').replaceAll('\n', ' ');
}

function lineOf(cells: string[]): string {
	return `| ${cells.map(escape).join(' | ')} |`;
}

/** A table in Markdown. */
export function tableOf(head: string[], rows: string[][]): string {
	return [lineOf(head), lineOf(head.map(() => '---')), ...rows.map(lineOf)].join('\n');
}
