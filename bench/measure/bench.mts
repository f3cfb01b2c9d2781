import type { N8nInstallation } from '../../scripts/n8n-install.mts';
import { median } from '../report/statistics.cts';
import type { Gate } from './gate.mts';
import type { SandboxProcess } from './sandbox-process.mts';

/** The parameters of every section. */
export interface Bench {
	installation: N8nInstallation;
	/** The packed package. */
	tarball: string;
	sandbox: SandboxProcess;
	gate: Gate;
	/** Runs small inputs once, to check that everything works. */
	isQuick: boolean;
	/** A new folder for an n8n, with the package installed in it unless that is not wanted. Deleted at the end. */
	newUserFolder: (withPackage?: boolean) => Promise<string>;
	/** Shows the current progress. */
	report: (line: string) => void;
}

export const MEGABYTE = 1e6;

/** Calls `run` `count` times in sequence, with the number of the repetition. */
export async function repeat(
	repetitions: number,
	run: (repetition: number) => Promise<void>,
): Promise<void> {
	for (let repetition = 0; repetition < repetitions; repetition++) await run(repetition);
}

/** Collects values under names. */
export class Values {
	readonly #byName = new Map<string, number[]>();

	add(name: string, value: number): void {
		this.#byName.set(name, [...this.of(name), value]);
	}

	/** Adds one value for each name: the median of what another collection has under it. */
	addMediansOf(others: Values): void {
		for (const name of others.#byName.keys()) this.add(name, median(others.of(name)));
	}

	/** In the order in which they were added. */
	of(name: string): number[] {
		return this.#byName.get(name) ?? [];
	}
}
