import { constants } from 'node:fs';
import { access } from 'node:fs/promises';
import { delimiter, join } from 'node:path';
import type { ProvideOptions } from './node24.mts';
import { runCommand } from './run-command.mts';

export interface DebianProgram {
	/** The file name of the program. */
	program: string;
	/** The Debian package that contains it. */
	debianPackage: string;
	/** More folders to search after those on PATH, evaluated again after an installation. */
	folders?: () => Promise<string[]>;
}

/**
 * The path of a program: the one that is there, else the one of its Debian package, which is then installed. Where
 * that cannot be done (no root, no apt-get) the error says what to install.
 */
export async function provideDebianProgram(
	wanted: DebianProgram,
	{ onLine, signal }: ProvideOptions = {},
): Promise<string> {
	const existing = await find(wanted);
	if (existing) return existing;

	const { program, debianPackage } = wanted;
	const aptGet = await find({ program: 'apt-get', debianPackage: 'apt' });
	if (!aptGet || process.getuid?.() !== 0) {
		throw new Error(
			`${program} is missing. Install it (Debian's package ${debianPackage} has it) and start again.`,
		);
	}
	const options = {
		cwd: '/',
		env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' },
		onLine,
		signal,
	};
	await runCommand(aptGet, ['update', '-qq'], options);
	await runCommand(
		aptGet,
		['install', '-y', '-qq', '--no-install-recommends', debianPackage],
		options,
	);
	const installed = await find(wanted);
	if (installed) return installed;
	throw new Error(`Debian's package ${debianPackage} was installed, but ${program} is not there.`);
}

async function find({ program, folders }: DebianProgram): Promise<string | undefined> {
	const onPath = (process.env.PATH ?? '').split(delimiter).filter(Boolean);
	for (const folder of [...onPath, ...((await folders?.()) ?? [])]) {
		const path = join(folder, program);
		const isExecutable = await access(path, constants.X_OK).then(
			() => true,
			() => false,
		);
		if (isExecutable) return path;
	}
	return undefined;
}
