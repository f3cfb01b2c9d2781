import { basename } from 'node:path';
import { OLDEST_N8N_VERSION } from '../scripts/n8n-install.mts';
import { withProgress } from '../scripts/with-progress.mts';
import { provideChromium } from './fixture/chromium.mts';
import { type InstallationOptions, provideInstallation } from './fixture/installation.mts';
import { runTests } from './runner.mts';

const help = `Usage: npm run e2e [-- <part of a file name> ...]

Packs the package, starts real n8n with it, and runs the tests of e2e/ on them, one file after the other.
With arguments: only the files whose names contain one of them, for example "waiting.many".

PIKA_N8N_VERSION=x.y.z takes another version of n8n. PIKA_E2E_KEEP=1 keeps what n8n wrote.
The editor's tests put pictures of its window into .screens/, or into the folder PIKA_E2E_SCREENS. With PIKA_E2E_DOCS=1
they update the README's pictures in docs/.`;

const LAYOUTS: [title: string, InstallationOptions][] = [
	['n8n as in its Docker image', { layout: 'isolated' }],
	[`n8n ${OLDEST_N8N_VERSION}`, { version: OLDEST_N8N_VERSION }],
];

async function provide(signal: AbortSignal, files: readonly string[]): Promise<void> {
	const needs = (prefix: string) => files.some((file) => basename(file).startsWith(prefix));
	for (const [title, installation] of needs('layouts.') ? LAYOUTS : []) {
		await withProgress(`Provide ${title} (several minutes the first time)`, (onLine) =>
			provideInstallation({ ...installation, onLine, signal }),
		);
	}
	if (needs('editor.') || needs('sandbox.')) {
		await withProgress('Provide Chromium', (onLine) => provideChromium({ onLine, signal }));
	}
}

process.exitCode = await runTests({ help, folder: import.meta.dirname, provide });
