import { readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { runCommand } from '../../scripts/run-command.mts';
import { type Measurement, withValueAtMost } from '../report/measurement.cts';
import { type Bench, repeat } from '../measure/bench.mts';

const manifestSchema = z.object({
	n8n: z.object({ nodes: z.array(z.string()), credentials: z.array(z.string()) }),
});

const KILOBYTE = 1000;
const LOADS = 15;

async function filesIn(tarball: string): Promise<number> {
	const listed = await runCommand('tar', ['-tzf', tarball], { cwd: '.' });
	return listed.split('\n').filter((name) => !name.endsWith('/')).length;
}

/** In a process of its own each time. */
async function measureLoad({ installation, isQuick }: Bench, userFolder: string) {
	const folder = join(userFolder, '.n8n', 'nodes', 'node_modules', 'n8n-nodes-useapi-pika');
	const manifest: unknown = JSON.parse(await readFile(join(folder, 'package.json'), 'utf8'));
	const { nodes, credentials } = manifestSchema.parse(manifest).n8n;
	const files = [...credentials, ...nodes].map((file) => join(folder, file));
	const program = join(import.meta.dirname, '..', 'measure', 'load-package.mts');
	// n8n lets a package find n8n-workflow; a plain Node finds it here.
	const env = { ...process.env, NODE_PATH: join(installation.program, '..', '..', '..') };
	const values: number[] = [];
	await repeat(isQuick ? 3 : LOADS, async () => {
		const args = [program, installation.program, ...files];
		values.push(Number(await runCommand(installation.node, args, { cwd: folder, env })));
	});
	return values;
}

/** The cost of having the package installed. */
export async function measureCost(bench: Bench): Promise<Measurement[]> {
	const section = 'cost';
	const { tarball } = bench;
	const name = 'this package';
	const size = (await stat(tarball)).size / KILOBYTE;
	const files = await filesIn(tarball);
	const loads = await measureLoad(bench, await bench.newUserFolder());
	return [
		withValueAtMost(
			{ section, what: 'Size of the tarball', unit: 'kB', ours: { name, values: [size] } },
			100,
		),
		{ section, what: 'Files in the tarball', unit: 'files', ours: { name, values: [files] } },
		withValueAtMost(
			{ section, what: 'Loading nodes and credential', unit: 'ms', ours: { name, values: loads } },
			30,
		),
	];
}
