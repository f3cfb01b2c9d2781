import { readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import type { ProvideOptions } from './node24.mts';
import { packedSchema, unpackTarball } from './package-install.mts';
import { runNpm } from './run-command.mts';

/** The major version that n8n itself is built with. */
const PNPM = 'pnpm@10.34.9';

const manifestSchema = z.object({}).passthrough();

export interface IsolatedOptions extends ProvideOptions {
	/** The Node that will run it. */
	node: string;
	/** Replacement packages by name. */
	overrides: Record<string, string>;
	logFile: string;
}

/**
 * Installs n8n into `folder` as n8n's Docker image holds it, which is what `pnpm deploy` makes: the package n8n is the
 * root, its node_modules shows its own dependencies and nothing of theirs, and those lie in .pnpm, each beside what
 * it asks for.
 */
export async function installIsolated(
	version: string,
	folder: string,
	{ node, overrides, logFile, onLine, signal }: IsolatedOptions,
): Promise<void> {
	const parent = join(folder, '..');
	const options = { node, logFile, onLine, signal };
	const printed = await runNpm(['pack', `n8n@${version}`, '--json', '--ignore-scripts'], {
		...options,
		onLine: undefined,
		cwd: parent,
	});
	const packed: unknown = JSON.parse(printed);
	const tarball = join(parent, packedSchema.parse(packed)[0].filename);
	await unpackTarball(tarball, folder, { signal });
	await rm(tarball);

	const manifestFile = join(folder, 'package.json');
	const content: unknown = JSON.parse(await readFile(manifestFile, 'utf8'));
	const manifest = manifestSchema.parse(content);
	Reflect.deleteProperty(manifest, 'devDependencies');
	// The file also contains pnpm's own settings.
	await writeFile(manifestFile, JSON.stringify({ ...manifest, pnpm: { overrides } }, null, 2));
	// A store of its own: it is no longer needed when the files are in place, which are hard links to it.
	const store = join(parent, 'store');
	await runNpm(
		[
			...['exec', '--yes', `--package=${PNPM}`, '--', 'pnpm', 'install', '--prod'],
			...['--ignore-scripts', '--ignore-workspace', '--no-frozen-lockfile'],
			...['--node-linker=isolated', `--store-dir=${store}`, '--reporter=append-only'],
		],
		{ ...options, cwd: folder },
	);
	await rm(store, { recursive: true, force: true });
}
