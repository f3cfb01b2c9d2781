import { existsSync } from 'node:fs';
import { mkdir, readFile, realpath, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { cacheFolder } from './cache.mts';
import { provideDriver } from './database-driver.mts';
import { takeLock } from './lock.mts';
import { installIsolated } from './n8n-isolated.mts';
import type { ProvideOptions } from './node24.mts';
import { runCommand, runNpm } from './run-command.mts';

/** Not 2.41.3: that one cannot be installed, because it wants a version of `@n8n/agents` that was never published. */
const DEFAULT_VERSION = '2.41.1';

/** The oldest supported version of n8n. */
export const OLDEST_N8N_VERSION = '2.0.3';

/**
 * Older n8n requires the library xlsx from a separate server, out of reach for a machine that reaches nothing but an npm
 * registry. This is the same code in the registry, where newer n8n takes it from.
 */
const OVERRIDES = { xlsx: 'npm:@e965/xlsx@0.20.3' };

export interface N8nInstallation {
	version: string;
	/** The Node executable that runs n8n. */
	node: string;
	/** The JavaScript file that Node starts. */
	program: string;
}

/** The version of n8n to use: PIKA_N8N_VERSION if set, otherwise the version that this package is developed with. */
export function wantedN8nVersion(): string {
	const version = process.env.PIKA_N8N_VERSION || DEFAULT_VERSION;
	if (!/^\d+\.\d+\.\d+(-[\w.]+)?$/.test(version)) {
		throw new Error(`PIKA_N8N_VERSION must be an exact version such as ${DEFAULT_VERSION}.`);
	}
	return version;
}

/** Whether this version is already installed. */
export function isInstalled(version: string): boolean {
	return existsSync(markerIn(folderOf(version, 'flat')));
}

/**
 * How n8n's dependencies lie: as npm puts them, all beside each other, or as in n8n's Docker image, where a package
 * sees only what it asks for itself.
 */
export type N8nLayout = 'flat' | 'isolated';

export interface ProvideN8nOptions extends ProvideOptions {
	/** Default: flat. */
	layout?: N8nLayout;
}

/** n8n of exactly this version from the cache folder, installed there first if it is missing or was left incomplete. */
export async function provideN8n(
	version: string,
	node: string,
	{ layout = 'flat', onLine, signal }: ProvideN8nOptions = {},
): Promise<N8nInstallation> {
	const folder = folderOf(version, layout);
	const installation = { version, node, program: join(rootOf(folder, layout), 'bin', 'n8n') };
	const marker = markerIn(folder);
	if (existsSync(marker) && existsSync(installation.program)) return installation;

	const lock = await takeLock(`${folder}.lock`, `is installing n8n into ${folder}`);
	try {
		if (!(await works(installation))) {
			await rm(folder, { recursive: true, force: true });
			await mkdir(folder, { recursive: true });
			const install = layout === 'flat' ? installFlat : installIsolatedWithDriver;
			await install(version, node, folder, { onLine, signal });
			if (!(await works(installation))) {
				throw new Error(`n8n ${version} was installed into ${folder} but does not start there.`);
			}
		}
		await writeFile(marker, `${version}\n`);
	} finally {
		await lock.free();
	}
	return installation;
}

function folderOf(version: string, layout: N8nLayout): string {
	return join(cacheFolder(), `n8n-${version}${layout === 'flat' ? '' : `-${layout}`}`);
}

/** Written when everything before has succeeded: without it the folder may be what an interrupted installation left. */
function markerIn(folder: string): string {
	return join(folder, 'complete');
}

/** The folder of the package n8n itself. */
function rootOf(folder: string, layout: N8nLayout): string {
	return layout === 'flat' ? join(folder, 'node_modules', 'n8n') : join(folder, 'n8n');
}

async function installFlat(
	version: string,
	node: string,
	folder: string,
	{ onLine, signal }: ProvideOptions,
): Promise<void> {
	// Its own package.json makes npm install here and not in a project further up.
	const manifest = { private: true, overrides: OVERRIDES };
	await writeFile(join(folder, 'package.json'), JSON.stringify(manifest));

	const options = { cwd: folder, node, signal, logFile: join(folder, 'install.log') };
	// --ignore-scripts: a Kafka driver among n8n's dependencies otherwise ends the installation when it cannot
	// download its binary. --loglevel=http: the lines npm prints show that it lives.
	await runNpm(
		['install', `n8n@${version}`, '--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=http'],
		{ ...options, onLine: (line) => onLine?.(withoutRegistry(line)) },
	);
	await provideDriver(join(folder, 'node_modules', 'sqlite3'), node, { ...options, onLine });
}

async function installIsolatedWithDriver(
	version: string,
	node: string,
	folder: string,
	{ onLine, signal }: ProvideOptions,
): Promise<void> {
	const root = rootOf(folder, 'isolated');
	const logFile = join(folder, 'install.log');
	await installIsolated(version, root, { node, overrides: OVERRIDES, logFile, onLine, signal });
	const driver = await realpath(join(root, 'node_modules', 'sqlite3'));
	await provideDriver(driver, node, { cwd: folder, logFile, onLine, signal });
}

/** Shortens npm's line about a download to the name of what it fetched. */
function withoutRegistry(line: string): string {
	return line.replace(/^npm http .*?https?:\/\/[^/]+\/(\S+).*$/, '$1').replace('%2f', '/');
}

/** Whether a whole n8n is there, also where there is no marker: it may have been installed by hand. */
async function works({ version, node, program }: N8nInstallation): Promise<boolean> {
	const root = dirname(dirname(program));
	try {
		const manifest = await readFile(join(root, 'package.json'), 'utf8');
		if (!manifest.includes(`"version": "${version}"`)) return false;
		await runCommand(node, [program, '--version'], { cwd: root });
		// From the folder as Node sees it, behind links.
		await runCommand(node, ['--eval', "require('sqlite3')"], { cwd: await realpath(root) });
		return true;
	} catch {
		return false;
	}
}
