import { execFile } from 'node:child_process';
import {
	cpSync,
	mkdirSync,
	mkdtempSync,
	readdirSync,
	readFileSync,
	realpathSync,
	rmSync,
	statSync,
	symlinkSync,
	writeFileSync,
} from 'node:fs';
import { homedir, tmpdir } from 'node:os';
import { dirname, join, relative, sep } from 'node:path';
import { promisify } from 'node:util';

import { z } from 'zod';

const ROOT = join(__dirname, '..', '..');

/** What a build and a package take from the project. */
const TAKEN = [
	...['package.json', 'README.md', 'CHANGELOG.md', 'LICENSE', 'credentials', 'nodes'],
	...['gulpfile.js', 'tsconfig.json', 'tsconfig.build.json', '.npmrc'],
];

const run = promisify(execFile);

/** The project's source and the package made of it, apart from the checkout, so that tests may change both. */
export interface Packed {
	/** Holds everything else, and goes with it. */
	folder: string;
	source: string;
	tarball: string;
	/** The package, unpacked. */
	unpacked: string;
	remove: () => void;
}

/** Runs a TypeScript program of this folder, and gives what it printed. */
async function runProgram(name: string, args: string[], temporary: string): Promise<string> {
	const program = join(__dirname, name);
	const { stdout } = await run(process.execPath, ['--import', 'tsx', program, ...args], {
		cwd: ROOT,
		maxBuffer: 2 ** 26,
		// jest's own setting of NODE_ENV is not what npm builds with, and the scanner leaves folders behind.
		env: { ...process.env, NODE_ENV: undefined, TMPDIR: temporary },
	});
	return stdout;
}

/** Builds and packs a copy of the project: `dist` here may be outdated, and other tests run meanwhile. */
export async function packProject(): Promise<Packed> {
	// The scanner does not follow links.
	const folder = realpathSync(mkdtempSync(join(tmpdir(), 'pika-package-')));
	const source = join(folder, 'source');
	for (const name of TAKEN) cpSync(join(ROOT, name), join(source, name), { recursive: true });
	symlinkSync(join(ROOT, 'node_modules'), join(source, 'node_modules'), 'junction');

	const tarball = await runProgram('pack.mts', [source, join(folder, 'tarball')], folder);
	const unpacked = join(folder, 'unpacked');
	mkdirSync(unpacked);
	await run('tar', ['-xzf', tarball, '-C', unpacked, '--strip-components=1']);
	const remove = () => {
		rmSync(folder, { recursive: true, force: true, maxRetries: 3 });
	};
	return { folder, source, tarball, unpacked, remove };
}

/** What the scanner checks: the source of a release, or the published package. */
export type Leg = 'source' | 'tarball';

export interface Scan {
	leg: Leg;
	/** Adds what must not be there to a copy of package.json alone; without it, the whole is scanned. */
	plant?: (folder: string) => void;
}

const resultsSchema = z.array(
	z.object({
		passed: z.boolean(),
		message: z.string().default(''),
		details: z.string().default(''),
	}),
);

export type ScanResult = z.infer<typeof resultsSchema>[number];

/** The verdicts of n8n's scanner on copies of the source and of the package. */
export async function scan(
	{ folder, source, unpacked }: Packed,
	scans: readonly Scan[],
): Promise<ScanResult[]> {
	const scanned = mkdtempSync(join(folder, 'scan-'));
	const arguments_ = scans.map(({ leg, plant }, index) => {
		const copy = join(scanned, String(index));
		const from = leg === 'source' ? source : unpacked;
		const whole = leg === 'source' ? ['package.json', 'nodes', 'credentials'] : ['.'];
		for (const name of plant ? ['package.json'] : whole) {
			cpSync(join(from, name), join(copy, name), { recursive: true });
		}
		plant?.(copy);
		return { folder: copy, leg };
	});
	const file = join(scanned, 'scans.json');
	writeFileSync(file, JSON.stringify(arguments_));
	return resultsSchema.parse(JSON.parse(await runProgram('scan.mts', [file], folder)));
}

/**
 * Loads the listed files of the unpacked package in a plain Node, as n8n does, with nothing but n8n-workflow to be
 * found beside it, and gives the descriptions and names of what they make.
 */
export async function loadPacked({ folder, unpacked }: Packed): Promise<Record<string, string>> {
	const alone = mkdtempSync(join(folder, 'alone-'));
	const modules = join(alone, 'node_modules');
	mkdirSync(modules);
	symlinkSync(
		join(ROOT, 'node_modules', 'n8n-workflow'),
		join(modules, 'n8n-workflow'),
		'junction',
	);
	cpSync(unpacked, join(alone, 'package'), { recursive: true });
	const program = `
		const { join, basename } = require('node:path');
		const { n8n } = require('./package.json');
		const made = [...n8n.nodes, ...n8n.credentials].map((file) => {
			const Class = require(join(process.cwd(), file))[basename(file).split('.')[0]];
			const object = new Class();
			return [file, object.description?.name ?? object.name];
		});
		console.log(JSON.stringify(Object.fromEntries(made)));`;
	const { stdout } = await run(process.execPath, ['--eval', program], {
		cwd: join(alone, 'package'),
		env: { PATH: process.env.PATH },
	});
	return z.record(z.string()).parse(JSON.parse(stdout));
}

/** All files of the unpacked package, sorted. */
export function filesIn({ unpacked }: Packed): string[] {
	return readdirSync(unpacked, { recursive: true, withFileTypes: true })
		.filter((entry) => entry.isFile())
		.map(({ parentPath, name }) => relative(unpacked, join(parentPath, name)).split(sep).join('/'))
		.sort();
}

export function textIn({ unpacked }: Packed, path: string): string {
	return readFileSync(join(unpacked, path), 'utf8');
}

export function sizeOf(file: string): number {
	return statSync(file).size;
}

/** Whether a file of the package names a folder of this machine: the checkout, the build, the user's, the temporary one. */
export function traceOfThisMachine(packed: Packed, path: string): boolean {
	const text = textIn(packed, path);
	const folders = [ROOT, packed.folder, homedir(), tmpdir()];
	// A user without a home has the root for one.
	return folders.some((folder) => folder.length > 1 && text.includes(folder));
}

/** Writes a file and creates its folders. */
export function write(folder: string, path: string, code: string): void {
	const file = join(folder, path);
	mkdirSync(dirname(file), { recursive: true });
	writeFileSync(file, code);
}

/** Sets fields of a package.json. */
export function changeManifest(folder: string, fields: object): void {
	const file = join(folder, 'package.json');
	const manifest: unknown = JSON.parse(readFileSync(file, 'utf8'));
	writeFileSync(file, JSON.stringify({ ...z.record(z.unknown()).parse(manifest), ...fields }));
}
