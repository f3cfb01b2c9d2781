import { cpus } from 'node:os';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { format, resolveConfig } from 'prettier';
import { z } from 'zod';
import { svgOf } from './chart.mts';
import type { Measurement } from './measurement.cts';
import { panelOf } from './panels.cts';
import { markdownOf, putBetween, tableOf } from './table.cts';

const PROJECT = join(import.meta.dirname, '..', '..');
const RESULTS = join(PROJECT, 'bench', 'results.json');
const SVG = join(PROJECT, 'docs', 'bench.svg');
const README = join(PROJECT, 'bench', 'README.md');
const MARKER = 'bench';

/** The picture shows a few of many rows. */
const DRAWN: Array<[title: string, what: RegExp]> = [
	['Time for 40 jobs of 60 s on 10 slots', /^40 jobs of 60 s .*until all are done$/],
	['Time for 40 jobs of 40 to 80 s on 10 slots', /^40 jobs of 40 to 80 s .*until all are done$/],
	['API calls for 40 jobs of 40 to 80 s', /^40 jobs of 40 to 80 s .*calls of the API$/],
	['Memory for 100 images of 5 MB, 10 at a time', /^Upload memory over the start, 100 images/],
	['Memory kept for an execution that waits', /^Memory kept for each/],
	['Callbacks that start a workflow', /^Callbacks a second$/],
	['Callbacks, N8N_EXPRESSION_ENGINE_LAZY_ACQUIRE', /^Callbacks a second, /],
];

/** How the sections that say whose time it is are named. */
const PROFILE = / profile$/;

const SECTIONS: Record<string, string> = {
	many: 'Many items',
	batch: 'Uploads in batches',
	memory: 'Whose memory a batch takes',
	upload: 'Uploads',
	waiting: 'Waiting by callback',
	callbacks: 'Pika Trigger',
	'callbacks profile': 'Whose time a callback takes',
	cost: 'What it costs to have the package installed',
};

const valuesSchema = z.object({ name: z.string(), values: z.array(z.number()) });
const runSchema = z.object({ command: z.string(), machine: z.string(), day: z.string() });
const resultsSchema = z.object({
	/** The run that each section was measured in. */
	runs: z.record(runSchema),
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

const baseOf = (section: string) => section.replace(PROFILE, '');

/** Keeps what was measured: the JSON, in which sections that were not measured stay as they are, the chart and the tables. */
export async function writeResults(
	measured: readonly Measurement[],
	sections: readonly string[],
	n8nVersion: string,
): Promise<void> {
	const { runs, measurements } = await readResults();
	const run = {
		command: `npm run bench -- --only ${sections.join(',')}`,
		machine: `n8n ${n8nVersion}, ${process.platform} ${process.arch}, ${cpus().length} × ${cpus()[0]?.model ?? '?'}`,
		day: new Date().toISOString().slice(0, 10),
	};
	const kept = measurements.filter(({ section }) => !sections.includes(baseOf(section)));
	const results = {
		runs: { ...runs, ...Object.fromEntries(sections.map((section) => [section, run])) },
		measurements: inOrder([...kept, ...measured]),
	};
	await writeFormatted(RESULTS, JSON.stringify(results), 'json');
	await draw(results);
	await describe(results);
}

async function draw({ measurements }: Results): Promise<void> {
	const panels = DRAWN.flatMap(
		([title, pattern]) =>
			panelOf(
				title,
				measurements.filter(({ what }) => pattern.test(what)),
			) ?? [],
	);
	await writeFile(SVG, svgOf(panels, 'The package beside what it is compared with'));
}

/** A table for each section, with the run that it comes from. */
async function describe({ runs, measurements }: Results): Promise<void> {
	const text = Object.entries(SECTIONS).flatMap(([section, title]) => {
		const shown = measurements.filter((each) => each.section === section);
		const run = runs[baseOf(section)];
		if (shown.length === 0 || !run) return [];
		const { command, machine, day } = run;
		return [`### ${title}`, `\`${command}\`, ${day}, ${machine}:`, markdownOf(tableOf(shown))];
	});
	const readme = await readFile(README, 'utf8');
	await writeFormatted(README, putBetween(readme, MARKER, text.join('\n\n')), 'markdown');
}

async function readResults(): Promise<Results> {
	const text = await readFile(RESULTS, 'utf8').catch(() => undefined);
	if (text === undefined) return { runs: {}, measurements: [] };
	const content: unknown = JSON.parse(text);
	return resultsSchema.parse(content);
}

function inOrder(measurements: readonly Measurement[]): Measurement[] {
	const order = Object.keys(SECTIONS);
	return measurements.toSorted(
		(one, other) => order.indexOf(one.section) - order.indexOf(other.section),
	);
}

async function writeFormatted(file: string, text: string, parser: string): Promise<void> {
	const config = await resolveConfig(file);
	await writeFile(file, await format(text, { ...config, parser }));
}
