import { setMaxListeners } from 'node:events';
import { readdir } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { finished } from 'node:stream/promises';
import { run } from 'node:test';
import { spec } from 'node:test/reporters';
import { interruption } from '../scripts/interruption.mts';
import { withProgress } from '../scripts/with-progress.mts';
import { provideInstallation, TARBALL_VARIABLE, withTarball } from './fixture/installation.mts';

export interface TestRun {
	help: string;
	/** The folder whose `*.test.mts` are run one after another, without its subfolders. */
	folder: string;
	/** Provides what these files need besides n8n and the packed package. */
	provide?: (signal: AbortSignal, files: readonly string[]) => Promise<void>;
}

const SUBTESTS_FAILED = /\d+ subtests? failed/;

async function testFiles(folder: string, parts: readonly string[]): Promise<string[]> {
	const names = await readdir(folder);
	return names
		.filter((name) => name.endsWith('.test.mts'))
		.filter((name) => parts.length === 0 || parts.some((part) => name.includes(part)))
		.toSorted()
		.map((name) => join(folder, name));
}

/** Prints the report of Node's test runner, and returns the numbers of passed and failed tests. */
async function runFiles(files: string[], signal: AbortSignal) {
	// For the processes of the test files, not for n8n.
	process.env.NODE_OPTIONS = '--import tsx';
	// Every file adds a listener, and Node would warn of a leak at more than ten.
	setMaxListeners(0, signal);
	const counts = { passed: 0, failed: 0 };
	const events = run({ files, concurrency: 1, signal });
	const isTest = ({ name, details }: { name: string; details: { type?: string } }) =>
		details.type !== 'suite' && !files.includes(name);
	events.on('test:pass', (event) => {
		if (isTest(event) && event.skip === undefined) counts.passed += 1;
	});
	events.on('test:fail', (event) => {
		// A group or a file can also fail without a failed test; otherwise only the tests are counted.
		if (isTest(event) || !SUBTESTS_FAILED.test(String(event.details.error))) counts.failed += 1;
	});
	const report = new spec();
	events.pipe(report).pipe(process.stdout, { end: false });
	await finished(report);
	return counts;
}

/** A whole command: provides what is needed, runs the tests that the arguments name, and returns the exit code. */
export async function runTests({ help, folder, provide }: TestRun): Promise<number> {
	const parts = process.argv.slice(2);
	if (parts.includes('--help')) {
		console.log(help);
		return 0;
	}
	const signal = await interruption();
	const files = await testFiles(folder, parts);
	if (files.length === 0) {
		console.log(
			`No test file in ${basename(folder)}/ has a name with ${parts.join(' or ')} in it.`,
		);
		return 1;
	}
	await withProgress('Provide n8n (several minutes the first time)', (onLine) =>
		provideInstallation({ onLine, signal }),
	);
	await provide?.(signal, files);
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
