import { cpus } from 'node:os';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { format, resolveConfig } from 'prettier';
import { z } from 'zod';
import type { Measurement } from './measurement.cts';
import { svgOf } from './svg.cts';
import { markdownOf, putBetween, tableOf } from './table.cts';

const PROJECT = join(import.meta.dirname, '..', '..');
const RESULTS = join(PROJECT, 'bench', 'results.json');
const SVG = join(PROJECT, 'docs', 'bench.svg');
const README = join(PROJECT, 'README.md');
const MARKER = 'bench';
/** The picture shows a few of many rows. */
const DRAWN =
	/^(Upload (time|memory over the start), [^,]*(10|100|400) MB$|40 jobs|Memory kept|Callbacks a second)/;
/** No target was set for these, and they belong to what is compared first. */
const RATES = /^Callbacks a second/;

/** How the sections that say where a section's time goes are named. */
const PROFILE = / profile$/;

const valuesSchema = z.object({ name: z.string(), values: z.array(z.number()) });
const resultsSchema = z.object({
	measuredOn: z.string(),
	measurements: z.array(
		z.object({
			section: z.string(),
			what: z.string(),
			unit: z.enum(['ms', 's', 'MB', 'kB', 'per second', 'calls', 'executions', 'files']),
			ours: valuesSchema,
			theirs: valuesSchema.optional(),
			target: z.object({ text: z.string(), isMet: z.boolean() }).optional(),
		}),
	),
});

type Results = z.infer<typeof resultsSchema>;

/** Keeps what was measured: the JSON, where sections that were not measured stay as they are, the SVG, and the README. */
export async function writeResults(
	measured: readonly Measurement[],
	sections: readonly string[],
	n8nVersion: string,
	isWritingReadme: boolean,
): Promise<void> {
	const former = await readResults();
	const isNew = ({ section }: { section: string }) =>
		sections.includes(section.replace(PROFILE, ''));
	const kept = former?.measurements.filter((measurement) => !isNew(measurement)) ?? [];
	const [cpu] = cpus();
	const measuredOn = `n8n ${n8nVersion}, ${process.platform} ${process.arch}, ${cpus().length} × ${cpu?.model ?? '?'}`;
	const measurements = inOrder([...kept, ...measured]);
	await writeFormatted(RESULTS, JSON.stringify({ measuredOn, measurements }), 'json');
	await mkdir(dirname(SVG), { recursive: true });
	const drawn = measurements.filter(({ what, theirs }) => theirs && DRAWN.test(what));
	await writeFile(SVG, svgOf(drawn, measuredOn));
	if (isWritingReadme) await writeReadme({ measuredOn, measurements });
}

/** The README's tables from what is in bench/results.json: what has a target and the rates, and behind folds everything. */
async function writeReadme({ measuredOn, measurements }: Results): Promise<void> {
	const table = (shown: readonly Measurement[]) => markdownOf(tableOf(shown));
	const isProfile = ({ section }: Measurement) => PROFILE.test(section);
	const text = [
		`Measured on ${measuredOn}.`,
		table(measurements.filter(({ target, what }) => target ?? RATES.test(what))),
		'<details><summary>Everything that was measured</summary>',
		table(measurements.filter((each) => !isProfile(each))),
		'</details>',
		"<details><summary>Where the processor's time goes</summary>",
		table(measurements.filter(isProfile)),
		'</details>',
	].join('\n\n');
	const readme = await readFile(README, 'utf8');
	await writeFormatted(README, putBetween(readme, MARKER, text), 'markdown');
}

async function readResults(): Promise<Results | undefined> {
	const text = await readFile(RESULTS, 'utf8').catch(() => undefined);
	if (text === undefined) return undefined;
	const content: unknown = JSON.parse(text);
	return resultsSchema.parse(content);
}

function inOrder(measurements: readonly Measurement[]): Measurement[] {
	const order = [
		'upload',
		'many',
		'waiting',
		'callbacks',
		'cost',
		'upload profile',
		'callbacks profile',
	];
	return measurements.toSorted(
		(one, other) => order.indexOf(one.section) - order.indexOf(other.section),
	);
}

async function writeFormatted(file: string, text: string, parser: string): Promise<void> {
	const config = await resolveConfig(file);
	await writeFile(file, await format(text, { ...config, parser }));
}
