import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { provideInstallation, withTarball } from '../e2e/fixture/installation.mts';
import { interruption } from '../scripts/interruption.mts';
import type { N8nInstallation } from '../scripts/n8n-install.mts';
import { installPackage } from '../scripts/package-install.mts';
import { withProgress } from '../scripts/with-progress.mts';
import type { Bench } from './measure/bench.mts';
import { Gate } from './measure/gate.mts';
import { SandboxProcess } from './measure/sandbox-process.mts';
import type { Measurement } from './report/measurement.cts';
import { textOf, tableOf } from './report/table.cts';
import { writeResults } from './report/write.mts';
import { measureCallbacks } from './sections/callbacks.mts';
import { measureCost } from './sections/cost.mts';
import { measureMany } from './sections/many.mts';
import { measureBatch, measureMemoryKinds, measureUpload } from './sections/upload.mts';
import { measureWaiting } from './sections/waiting.mts';

const SECTIONS = {
	upload: { title: 'Uploads (about 6 minutes)', measure: measureUpload },
	batch: { title: 'Uploads in batches (about 2 minutes)', measure: measureBatch },
	memory: { title: 'Memory of a batch (about 1 minute)', measure: measureMemoryKinds },
	many: { title: 'Many items (about 7 minutes)', measure: measureMany },
	waiting: { title: 'Waiting (about 5 minutes)', measure: measureWaiting },
	callbacks: { title: 'Callbacks (about 5 minutes)', measure: measureCallbacks },
	cost: { title: 'Cost of having it installed (about a minute)', measure: measureCost },
};
type Section = keyof typeof SECTIONS;

const HELP = `Usage: npm run bench [-- --quick] [--only upload,batch,memory,many,waiting,callbacks,cost]

Measures the package side by side with n8n's own nodes, in a real n8n, on the sandbox. Prints a table and writes
bench/results.json, bench/README.md and docs/bench.svg; with --only only the named sections are measured again.

  --quick   small and once, to see whether everything runs; writes nothing
  --only    these sections`;

function isSection(name: string): name is Section {
	return name in SECTIONS;
}

function readArguments() {
	const { values } = parseArgs({
		options: {
			quick: { type: 'boolean', default: false },
			only: { type: 'string' },
			help: { type: 'boolean', default: false },
		},
	});
	const { quick: isQuick, help: isHelp, only } = values;
	const names = only?.split(',') ?? Object.keys(SECTIONS);
	const unknown = names.find((name) => !isSection(name));
	if (unknown !== undefined) throw new Error(`There is no section "${unknown}".\n\n${HELP}`);
	return { isQuick, isHelp, sections: names.filter(isSection) };
}

async function measureAll(
	sections: readonly Section[],
	isQuick: boolean,
	installation: N8nInstallation,
	tarball: string,
	signal: AbortSignal,
): Promise<Measurement[]> {
	const folder = await mkdtemp(join(tmpdir(), 'pika-bench-'));
	const sandbox = await SandboxProcess.start();
	const gate = await Gate.open();
	const newUserFolder = async (withPackage = true) => {
		const userFolder = await mkdtemp(join(folder, 'n8n-'));
		if (withPackage) await installPackage(tarball, userFolder);
		return userFolder;
	};
	const measurements: Measurement[] = [];
	try {
		for (const section of sections) {
			signal.throwIfAborted();
			const { title, measure } = SECTIONS[section];
			const measured = await withProgress(title, async (report) => {
				const bench: Bench = {
					installation,
					tarball,
					sandbox,
					gate,
					isQuick,
					newUserFolder,
					report,
				};
				return await measure(bench);
			});
			console.log(`\n${textOf(tableOf(measured))}\n`);
			measurements.push(...measured);
		}
	} finally {
		await sandbox.stop();
		await gate.close();
		await rm(folder, { recursive: true, force: true, maxRetries: 3 });
	}
	return measurements;
}

async function main(): Promise<number> {
	const { isQuick, isHelp, sections } = readArguments();
	if (isHelp) {
		console.log(HELP);
		return 0;
	}
	const signal = await interruption();
	signal.addEventListener('abort', () => {
		// n8n and the others end with this process.
		process.exit(130);
	});
	const installation = await withProgress(
		'Provide n8n (several minutes the first time)',
		(onLine) => provideInstallation({ onLine, signal }),
	);
	const measurements = await withTarball(
		async (tarball) => await measureAll(sections, isQuick, installation, tarball, signal),
		{ signal },
	);
	if (!isQuick) await writeResults(measurements, sections, installation.version);
	return 0;
}

try {
	process.exitCode = await main();
} catch (error) {
	console.error(error instanceof Error ? error.message : error);
	if (error instanceof Error && error.cause) console.error(error.cause);
	process.exitCode = 1;
}
