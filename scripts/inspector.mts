import CDP from 'chrome-remote-interface';

export type CpuProfile = Awaited<ReturnType<CDP.Client['Profiler']['stop']>>['profile'];

/** Node's own inspector, on a process that was started with `--inspect` on this port. Each call opens a session and closes it. */
export class Inspector {
	readonly #port: number;

	constructor(port: number) {
		this.#port = port;
	}

	/** Runs garbage collection and returns the bytes in use by objects and their buffers. */
	async heapAfterGarbageCollection(): Promise<number> {
		return await this.#session(async (client) => {
			for (let time = 0; time < 2; time++) await client.HeapProfiler.collectGarbage();
			const memory = await client.Runtime.evaluate({
				expression: '(({ heapUsed, external }) => heapUsed + external)(process.memoryUsage())',
				returnByValue: true,
			});
			return Number(memory.result.value);
		});
	}

	/** Calls an exported function of a TypeScript file in the process and returns its result. */
	async call(file: string, name: string, argument: object): Promise<unknown> {
		return await this.#session(async ({ Runtime }) => {
			const load = `process.getBuiltinModule('node:module').createRequire(${JSON.stringify(file)})`;
			const { result, exceptionDetails } = await Runtime.evaluate({
				expression: `${load}(${JSON.stringify(file)}).${name}(${JSON.stringify(argument)})`,
				awaitPromise: true,
				returnByValue: true,
			});
			if (exceptionDetails) throw new Error(result.description ?? exceptionDetails.text);
			return result.value as unknown;
		});
	}

	/** Runs garbage collection and counts the objects with a prototype, given as an expression. */
	async countObjects(prototype: string): Promise<number> {
		return await this.#session(async ({ Runtime }) => {
			const { result, exceptionDetails } = await Runtime.evaluate({ expression: prototype });
			if (exceptionDetails) throw new Error(result.description ?? exceptionDetails.text);
			const prototypeObjectId = result.objectId;
			if (!prototypeObjectId) throw new Error(`"${prototype}" is not a prototype.`);
			const { objects } = await Runtime.queryObjects({ prototypeObjectId });
			const length = await Runtime.callFunctionOn({
				objectId: objects.objectId,
				functionDeclaration: 'function () { return this.length; }',
				returnByValue: true,
			});
			return Number(length.result.value);
		});
	}

	/** The CPU profile of the process while `work` is done. */
	async profile(work: () => Promise<unknown>): Promise<CpuProfile> {
		const end = await this.beginProfile();
		await work();
		return await end();
	}

	/** Starts a CPU profile of the process and returns the function that ends it. */
	async beginProfile(): Promise<() => Promise<CpuProfile>> {
		const client = await this.#connect();
		const { Profiler } = client;
		await Profiler.enable();
		await Profiler.setSamplingInterval({ interval: 500 });
		await Profiler.start();
		return async () => {
			const { profile } = await Profiler.stop();
			await client.close();
			return profile;
		};
	}

	async #connect(): Promise<CDP.Client> {
		return await CDP({ host: '127.0.0.1', port: this.#port, local: true });
	}

	async #session<T>(use: (client: CDP.Client) => Promise<T>): Promise<T> {
		const client = await this.#connect();
		try {
			return await use(client);
		} finally {
			await client.close();
		}
	}
}
