import { once } from 'node:events';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { type Sandbox, startSandbox } from '../sandbox/sandbox.cts';
import { cacheFolder } from './cache.mts';
import {
	type ExampleRun,
	importExamples,
	provePictures,
	proveVideo,
	runExample,
} from './example-run.mts';
import { findFreePort } from './free-port.mts';
import { interruption } from './interruption.mts';
import { takeLock } from './lock.mts';
import { isInstalled, provideN8n, wantedN8nVersion } from './n8n-install.mts';
import { type N8nProcess, startN8n } from './n8n-process.mts';
import { tailOf } from './server-process.mts';
import { N8nRest } from './n8n-rest.mts';
import { provideNode24 } from './node24.mts';
import { type Owner, n8nOwnerOf } from './n8n-owner.mts';
import { installPackage, packPackage } from './package-install.mts';
import { reloadOnChange } from './reload.mts';
import { withProgress } from './with-progress.mts';
import type { UploadProof } from './upload-proof.mts';

const PROJECT = join(import.meta.dirname, '..');
const USER_FOLDER = join(PROJECT, '.n8n-sandbox');
const SANDBOX_PORT = 4010;
const N8N_PORT = 5678;

const HELP = `Usage: npm start [-- --once]
       npm run dev

Builds the package, starts the sandbox and a real n8n with the package and all examples in it,
makes a video of two sample pictures with the first one, and stays up until Ctrl+C.

The first start needs about 5 GB of disk and 8 minutes, every other one 2 minutes (measured on
two cores).

  --once   ends after the run: exit code 0 only if the sandbox received the pictures' very bytes,
           and n8n the video's
  --watch  builds the package again after each change of its sources, and loads it into the running
           n8n (npm run dev); reload the editor to see changed fields
  --help   shows this text

PIKA_N8N_VERSION=x.y.z takes another version of n8n.
n8n keeps its data in .n8n-sandbox in the project: delete that folder to start over.`;

interface RunOptions {
	isOnce: boolean;
	isWatching: boolean;
	/** Aborted by Ctrl+C. */
	signal: AbortSignal;
}

async function start(options: RunOptions): Promise<void> {
	const { isWatching, signal } = options;
	const lock = await takeLock(join(USER_FOLDER, 'start.lock'), 'runs `npm start` in this project');
	try {
		const version = wantedN8nVersion();
		console.log(costOf(version));
		const tarball = await withProgress('Build the package', (onLine) =>
			packPackage(PROJECT, join(USER_FOLDER, 'package'), { onLine, signal }),
		);
		const node = await withProgress('Provide Node 24', (onLine) =>
			provideNode24({ onLine, signal }),
		);
		const installation = await withProgress(`Provide n8n ${version}`, (onLine) =>
			provideN8n(version, node, { onLine, signal }),
		);
		const installed = await withProgress('Install the package into n8n', () =>
			installPackage(tarball, USER_FOLDER, { signal }),
		);
		const sandbox = await withProgress('Start the sandbox', async () =>
			startSandbox({ port: await findFreePort(SANDBOX_PORT), videos: 'rendered' }),
		);
		print('Watch the sandbox in a browser', { page: `${sandbox.baseUrl}/` });
		try {
			const n8n = await withProgress('Start n8n', () =>
				startN8n({
					installation,
					userFolder: USER_FOLDER,
					preferredPort: N8N_PORT,
					env: isWatching ? { N8N_DEV_RELOAD: 'true' } : {},
					signal,
				}),
			);
			try {
				await showExample(n8n, sandbox, options);
				if (!options.isOnce) await stayUp(n8n, installed, options);
			} finally {
				await withProgress('Stop n8n', () => n8n.stop());
			}
		} finally {
			await sandbox.stop();
		}
	} finally {
		await lock.free();
	}
}

async function showExample(
	n8n: N8nProcess,
	sandbox: Sandbox,
	{ isOnce, signal }: RunOptions,
): Promise<void> {
	try {
		const { rest, owner } = await withProgress('Sign in', () => signIn(n8n.baseUrl));
		const example = await withProgress('Put the credential and the examples into n8n', () =>
			importExamples(rest, sandbox),
		);
		const run = await withProgress('Run the first example and wait for its video', () =>
			runExample(rest, example, signal),
		);
		printJob(run);
		printProofs("The sandbox received the pictures' very bytes", await provePictures(sandbox));
		printProofs("n8n received the video's very bytes", [await proveVideo(rest, sandbox, run)]);
		if (isOnce) return;

		print('Open the editor, sign in, and see the video', {
			editor: n8n.baseUrl + run.path,
			email: owner.email,
			password: owner.password,
			log: n8n.logFile,
		});
		print('For workflows of your own', {
			sandbox: `${sandbox.baseUrl} (base URL of the credential, and the page to look at)`,
			token: sandbox.apiToken,
			picture: `${sandbox.baseUrl}/sandbox/pictures/message.png`,
			prompts: '[fail], [moderate] or [no-callback] in a prompt make its job go wrong',
		});
	} catch (error) {
		if (signal.aborted) throw error;
		throw new Error(`${messageOf(error)}\nn8n's log: ${n8n.logFile}`, { cause: error });
	}
}

async function stayUp(
	n8n: N8nProcess,
	installed: string,
	{ isWatching, signal }: RunOptions,
): Promise<void> {
	console.log('\nEverything stays up until Ctrl+C.');
	const reloads = isWatching ? [reloadOnChange({ project: PROJECT, installed, signal })] : [];
	await Promise.race([n8n.ended, once(signal, 'abort'), ...reloads]);
	if (!signal.aborted) {
		throw new Error(
			`n8n ended by itself. The end of its log (${n8n.logFile}):\n\n${await tailOf(n8n.logFile)}`,
		);
	}
}

async function signIn(baseUrl: string): Promise<{ rest: N8nRest; owner: Owner }> {
	const owner = await n8nOwnerOf(USER_FOLDER);
	try {
		return { rest: await N8nRest.signIn(baseUrl, owner), owner };
	} catch (error) {
		const advice = `If you changed the password in n8n, write it into ${join(USER_FOLDER, 'owner.json')}, or delete that folder to start over.`;
		throw new Error(`${messageOf(error)}\n${advice}`, { cause: error });
	}
}

/** Printed before anything is downloaded. */
function costOf(version: string): string {
	if (isInstalled(version)) return 'Starting takes about 2 minutes (measured on two cores).\n';
	return `n8n ${version} is downloaded into ${cacheFolder()}.
That needs about 5 GB of disk and 8 minutes; every later start takes 2 (measured on two cores).\n`;
}

function printJob({ job: { jobid, status, verb = '', channel = '' } }: ExampleRun): void {
	print('The job has ended', { jobid, status, verb, channel });
}

function printProofs(title: string, proofs: UploadProof[]): void {
	const rows = proofs.map(({ field, size, type, sha256 }): [string, string] => [
		field,
		`${type}, ${size} bytes, SHA-256 ${sha256}`,
	]);
	print(title, Object.fromEntries(rows));
}

function print(title: string, rows: Record<string, string>): void {
	const lines = Object.entries(rows).map(([name, value]) => `  ${name.padEnd(10)}${value}`);
	console.log(`\n${[title, ...lines].join('\n')}`);
}

function messageOf(error: unknown): string {
	return error instanceof Error ? error.message : String(error);
}

function readArguments(): { once: boolean; watch: boolean; help: boolean } {
	const { values } = parseArgs({
		options: {
			once: { type: 'boolean', default: false },
			watch: { type: 'boolean', default: false },
			help: { type: 'boolean', default: false },
		},
	});
	return values;
}

async function main(): Promise<number> {
	const signal = await interruption();
	try {
		const { once: isOnce, watch: isWatching, help } = readArguments();
		if (help) console.log(HELP);
		else await start({ isOnce, isWatching, signal });
		return 0;
	} catch (error) {
		console.error(signal.aborted ? '\nInterrupted.' : `\n${messageOf(error)}`);
		return signal.aborted ? 130 : 1;
	}
}

process.exitCode = await main();
