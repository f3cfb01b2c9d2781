import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { finished } from 'node:stream/promises';
import { run } from 'node:test';
import { spec } from 'node:test/reporters';
import { interruption } from '../scripts/interruption.mts';
import { step } from '../scripts/step.mts';
import { provideInstallation, TARBALL_VARIABLE, withTarball } from './fixture/installation.mts';

const HELP = `Usage: npm run e2e [-- <part of a file name> ...]

Packs the package, starts real n8n with it, and runs the tests of e2e/ on them, one file after the other.
With arguments: only the files whose names contain one of them, for example "waiting.many".

PIKA_N8N_VERSION=x.y.z takes another version of n8n. PIKA_E2E_KEEP=1 keeps what n8n wrote.`;

const SUBTESTS_FAILED = /\d+ subtests? failed/;

async function testFiles(parts: readonly string[]): Promise<string[]> {
	const names = await readdir(import.meta.dirname);
	return names
		.filter((name) => name.endsWith('.test.mts'))
		.filter((name) => parts.length === 0 || parts.some((part) => name.includes(part)))
		.toSorted()
		.map((name) => join(import.meta.dirname, name));
}

/** Prints what node's own runner prints, and gives how many tests have passed and failed. */
async function runFiles(files: string[], signal: AbortSignal) {
	// For the processes of the test files; n8n's is given none of it.
	process.env.NODE_OPTIONS = '--import tsx';
	const counts = { passed: 0, failed: 0 };
	const events = run({ files, concurrency: 1, signal });
	const isTest = ({ name, details }: { name: string; details: { type?: string } }) =>
		details.type !== 'suite' && !files.includes(name);
	events.on('test:pass', (event) => {
		if (isTest(event) && event.skip === undefined) counts.passed += 1;
	});
	events.on('test:fail', (event) => {
		// A group or a file can fail by itself too; where only its tests have, they are counted.
		if (isTest(event) || !SUBTESTS_FAILED.test(String(event.details.error))) counts.failed += 1;
	});
	const report = new spec();
	events.pipe(report).pipe(process.stdout, { end: false });
	await finished(report);
	return counts;
}

async function main(): Promise<number> {
	const parts = process.argv.slice(2);
	if (parts.includes('--help')) {
		console.log(HELP);
		return 0;
	}
	const signal = await interruption();
	const files = await testFiles(parts);
	await step('Provide n8n (several minutes the first time)', (onLine) =>
		provideInstallation({ onLine, signal }),
	);
	console.log('Packing the package …');
	const { passed, failed } = await withTarball(
		async (tarball) => {
			process.env[TARBALL_VARIABLE] = tarball;
			return await runFiles(files, signal);
		},
		{ signal },
	);
	console.log(`\n${passed} passed, ${failed} failed`);
	return passed > 0 && failed === 0 ? 0 : 1;
}

process.exitCode = await main();
