import {
	type Operation,
	type Row,
	OPTIONS,
	isIn,
	operations,
	optionRows,
	optionsIn,
	rowsOf,
	sentence,
	sharedRows,
	tableOfRows,
} from './parameters.cts';

function titleOf({ resource, option }: Operation): string {
	return `${resource.name}: ${option.name}`;
}

function anchorOf(operation: Operation): string {
	return titleOf(operation).toLowerCase().replace(/:/g, '').replace(/ /g, '-');
}

/** The first operation before this one that has the same field. */
function earlierWith(row: Row, operation: Operation): Operation | undefined {
	return operations
		.slice(0, operations.indexOf(operation))
		.find(({ fields }) => isIn(rowsOf(fields), row));
}

/** "**Prompt** and **Reference Image** as in …", for the fields that an earlier operation has too. */
function repeatedFields(rows: Row[], operation: Operation): string[] {
	return operations.flatMap((earlier) => {
		const same = rows.filter((row) => earlierWith(row, operation) === earlier);
		const labels = same.map(({ label }) => `**${label}**`).join(' and ');
		return labels ? [`${labels} as in [${titleOf(earlier)}](#${anchorOf(earlier)})`] : [];
	});
}

/** The fields of an operation other than the shared ones, and the shared ones that it lacks. */
function ownTableOf(operation: Operation): string {
	const { fields } = operation;
	const rows = rowsOf(fields.filter(({ name }) => name !== OPTIONS)).filter(
		(row) => !isIn(sharedRows, row),
	);
	const options = rowsOf(optionsIn(fields), fields).filter((row) => !isIn(optionRows, row));
	const further = rows.filter((row) => !earlierWith(row, operation));
	const own = [...further, ...options.map((row) => ({ ...row, label: `Options → ${row.label}` }))];
	const used = rowsOf(fields).some((row) => isIn(sharedRows, row));
	const hasOptions = fields.some(({ name }) => name === OPTIONS);
	const missing = optionRows.filter(
		({ name }) => !optionsIn(fields).some((option) => option.name === name),
	);
	const without = missing.map(({ label }) => label).join(', ');
	const shared = [
		...repeatedFields(rows, operation),
		used ? '[Waiting](#waiting)' : '',
		hasOptions ? `[Options](#options)${without && ` without ${without}`}` : '',
	].filter(Boolean);
	return [
		own.length > 0 ? tableOfRows(own) : '',
		shared.length > 0 ? `${own.length > 0 ? 'And' : 'Parameters'}: ${shared.join(', ')}.` : '',
		own.length + shared.length === 0 ? 'It has no parameters.' : '',
	]
		.filter(Boolean)
		.join('\n\n');
}

/** One section per operation, with the fields that only it has. */
export function operationSections(): string {
	return operations
		.map((operation) => {
			const description = sentence(operation.option.description ?? '');
			return `### ${titleOf(operation)}\n\n${description}\n\n${ownTableOf(operation)}`;
		})
		.join('\n\n');
}
