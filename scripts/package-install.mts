import { mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { z } from 'zod';
import type { ProvideOptions } from './node24.mts';
import { runCommand, runNpm } from './run-command.mts';

/** The output of `npm pack --json`. */
export const packedSchema = z.tuple([z.object({ filename: z.string() })]);
const manifestSchema = z
	.object({ name: z.string(), dependencies: z.record(z.string()).optional() })
	.passthrough();

/** Builds the package of `projectFolder` and packs it into the folder `into`, as it would be published. Gives the tarball's path. */
export async function packPackage(
	projectFolder: string,
	into: string,
	{ onLine, signal }: ProvideOptions = {},
): Promise<string> {
	await mkdir(into, { recursive: true });
	await runNpm(['run', 'build'], { cwd: projectFolder, onLine, signal });
	const printed = await runNpm(['pack', '--json', '--ignore-scripts', '--pack-destination', into], {
		cwd: projectFolder,
		signal,
	});
	const packed: unknown = JSON.parse(printed);
	return join(into, packedSchema.parse(packed)[0].filename);
}

/**
 * Puts a packed package into the user folder of an n8n that is not running, as n8n does it (docs/n8n-internals.md,
 * "Installing a community package"). Returns the folder of the package there.
 */
export async function installPackage(
	tarball: string,
	userFolder: string,
	{ signal }: ProvideOptions = {},
): Promise<string> {
	const modules = join(userFolder, '.n8n', 'nodes', 'node_modules');
	const unpacked = join(modules, '.unpacked');
	await rm(unpacked, { recursive: true, force: true });
	await unpackTarball(tarball, unpacked, { signal });

	const manifestFile = join(unpacked, 'package.json');
	const content: unknown = JSON.parse(await readFile(manifestFile, 'utf8'));
	const manifest = manifestSchema.parse(content);
	for (const kind of ['devDependencies', 'peerDependencies', 'optionalDependencies']) {
		Reflect.deleteProperty(manifest, kind);
	}
	await writeFile(manifestFile, JSON.stringify(manifest, null, 2));
	if (Object.keys(manifest.dependencies ?? {}).length > 0) {
		throw new Error(`${manifest.name} has run-time dependencies, which this does not install.`);
	}

	const target = join(modules, manifest.name);
	await rm(target, { recursive: true, force: true });
	await mkdir(dirname(target), { recursive: true });
	await rename(unpacked, target);
	return target;
}

/** Unpacks a package as npm has packed it, without the folder that it wraps around everything. */
export async function unpackTarball(
	tarball: string,
	folder: string,
	{ signal }: ProvideOptions = {},
): Promise<void> {
	await mkdir(folder, { recursive: true });
	await runCommand('tar', ['-xzf', tarball, '-C', folder, '--strip-components=1'], {
		cwd: folder,
		signal,
	});
}
