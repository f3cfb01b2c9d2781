import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';

/** A program of this folder in a process of its own, which answers one message at a time. */
export class Companion {
	readonly #child: ChildProcess;

	private constructor(child: ChildProcess) {
		this.#child = child;
	}

	/** `node` runs the program as it is, without tsx, so that there is nothing in the process but the program. */
	static async start(
		node: string,
		program: string,
		args: string[] = [],
		execArgv: string[] = [],
	): Promise<Companion> {
		const file = join(import.meta.dirname, program);
		const child = fork(file, args, { execPath: node, execArgv });
		const companion = new Companion(child);
		await companion.#answer();
		return companion;
	}

	get processId(): number {
		return this.#child.pid ?? 0;
	}

	async ask(message: object | string): Promise<unknown> {
		const answer = this.#answer();
		this.#child.send(message);
		return await answer;
	}

	stop(): void {
		this.#child.kill();
	}

	async #answer(): Promise<unknown> {
		const ended = new AbortController();
		const { signal } = ended;
		const [answer] = await Promise.race([
			once(this.#child, 'message', { signal }) as Promise<[unknown]>,
			once(this.#child, 'exit', { signal }).then(() => {
				throw new Error(`${this.#child.spawnfile} ended before it answered.`);
			}),
		]).finally(() => {
			ended.abort();
		});
		return answer;
	}
}
