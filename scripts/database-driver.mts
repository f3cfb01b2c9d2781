import { existsSync } from 'node:fs';
import { cp, mkdir, readdir, readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { z } from 'zod';
import { cacheFolder } from './cache.mts';
import { type CommandOptions, runNpm } from './run-command.mts';

const BINARY = join('build', 'Release', 'node_sqlite3.node');

const manifestSchema = z.object({ version: z.string() });

/**
 * Gives the package sqlite3 in `folder` its binary, which npm leaves out where it runs no scripts: a copy of the one
 * that another n8n of the cache folder has, else npm gets or compiles it.
 */
export async function provideDriver(
	folder: string,
	node: string,
	options: CommandOptions,
): Promise<void> {
	const wanted = await versionOf(folder);
	for (const name of await readdir(cacheFolder())) {
		const other = join(cacheFolder(), name, 'node_modules', 'sqlite3');
		if (other === folder || !existsSync(join(other, BINARY))) continue;
		// It uses Node-API, so one binary works with every Node version.
		if ((await versionOf(other)) !== wanted) continue;
		await mkdir(dirname(join(folder, BINARY)), { recursive: true });
		await cp(join(other, BINARY), join(folder, BINARY));
		return;
	}
	// The only install script that n8n needs.
	await runNpm(['rebuild', 'sqlite3', '--ignore-scripts=false', '--foreground-scripts'], {
		...options,
		// Where pnpm has put it, npm finds it beside what it asks for.
		cwd: dirname(dirname(folder)),
		node,
		onLine: () => options.onLine?.('getting or compiling the database driver (sqlite3)'),
		env: { ...process.env, ...headersOf(node) },
	});
}

async function versionOf(folder: string): Promise<string> {
	const content: unknown = JSON.parse(await readFile(join(folder, 'package.json'), 'utf8'));
	return manifestSchema.parse(content).version;
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
