import { existsSync } from 'node:fs';
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { cacheFolder } from './cache.mts';
import { takeLock } from './lock.mts';
import type { ProvideOptions } from './node24.mts';
import { runCommand, runNpm } from './run-command.mts';

/** Not 2.41.3: that one cannot be installed, because it wants a version of `@n8n/agents` that was never published. */
const DEFAULT_VERSION = '2.41.1';

export interface N8nInstallation {
	version: string;
	/** The Node that runs it. */
	node: string;
	/** The JavaScript file that Node starts. */
	program: string;
}

/** The version of n8n to use: the environment variable PIKA_N8N_VERSION, else the one this package is developed on. */
export function wantedN8nVersion(): string {
	const version = process.env.PIKA_N8N_VERSION || DEFAULT_VERSION;
	if (!/^\d+\.\d+\.\d+(-[\w.]+)?$/.test(version)) {
		throw new Error(`PIKA_N8N_VERSION must be an exact version such as ${DEFAULT_VERSION}.`);
	}
	return version;
}

/** n8n of exactly this version from the cache folder, installed there first if it is missing or was left incomplete. */
export async function provideN8n(
	version: string,
	node: string,
	{ onLine, signal }: ProvideOptions = {},
): Promise<N8nInstallation> {
	const folder = join(cacheFolder(), `n8n-${version}`);
	const installation = {
		version,
		node,
		program: join(folder, 'node_modules', 'n8n', 'bin', 'n8n'),
	};
	// Written when everything before has succeeded: without it the folder may be what an interrupted installation left.
	const marker = join(folder, 'complete');
	if (existsSync(marker) && existsSync(installation.program)) return installation;

	const lock = await takeLock(`${folder}.lock`, `is installing n8n into ${folder}`);
	try {
		if (!(await works(installation, folder))) {
			await install(version, node, folder, { onLine, signal });
			if (!(await works(installation, folder))) {
				throw new Error(`n8n ${version} was installed into ${folder} but does not start there.`);
			}
		}
		await writeFile(marker, `${version}\n`);
	} finally {
		await lock.free();
	}
	return installation;
}

async function install(
	version: string,
	node: string,
	folder: string,
	{ onLine, signal }: ProvideOptions,
): Promise<void> {
	await rm(folder, { recursive: true, force: true });
	await mkdir(folder, { recursive: true });
	// Its own package.json makes npm install here and not in a project further up.
	await writeFile(join(folder, 'package.json'), '{ "private": true }\n');

	const options = { cwd: folder, node, signal, logFile: join(folder, 'install.log') };
	// --ignore-scripts: a Kafka driver among n8n's dependencies otherwise ends the installation when it cannot
	// download its binary. --loglevel=http: the lines npm prints show that it lives.
	await runNpm(
		['install', `n8n@${version}`, '--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=http'],
		{ ...options, onLine: (line) => onLine?.(withoutRegistry(line)) },
	);
	// The one script that n8n needs: it gets or compiles the database driver.
	await runNpm(['rebuild', 'sqlite3', '--ignore-scripts=false', '--foreground-scripts'], {
		...options,
		onLine: () => onLine?.('getting or compiling the database driver (sqlite3)'),
		env: { ...process.env, ...headersOf(node) },
	});
}

/** Shortens npm's line about a download to the name of what it fetched. */
function withoutRegistry(line: string): string {
	return line.replace(/^npm http .*?https?:\/\/[^/]+\/(\S+).*$/, '$1').replace('%2f', '/');
}

/**
 * Where sqlite3 has to be compiled, node-gyp downloads Node's headers from nodejs.org. A machine that reaches nothing
 * but an npm registry cannot, yet has them beside its Node: in the npm package as in Node's own archives for
 * Linux and macOS. Windows needs a library file as well, which neither has.
 */
function headersOf(node: string): NodeJS.ProcessEnv {
	const root = dirname(dirname(node));
	const hasHeaders = existsSync(join(root, 'include', 'node', 'node_api.h'));
	return hasHeaders && process.platform !== 'win32' ? { npm_config_nodedir: root } : {};
}

/** Whether a folder without the marker holds a whole n8n all the same, for example one installed by hand. */
async function works(
	{ version, node, program }: N8nInstallation,
	folder: string,
): Promise<boolean> {
	// npm writes this file when it has put everything in place.
	if (!existsSync(join(folder, 'node_modules', '.package-lock.json'))) return false;
	try {
		const manifest = await readFile(join(folder, 'node_modules', 'n8n', 'package.json'), 'utf8');
		if (!manifest.includes(`"version": "${version}"`)) return false;
		await runCommand(node, [program, '--version'], { cwd: folder });
		await runCommand(node, ['--eval', "require('sqlite3')"], { cwd: folder });
		return true;
	} catch {
		return false;
	}
}
