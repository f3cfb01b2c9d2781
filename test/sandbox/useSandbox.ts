import { startSandbox, type Sandbox, type SandboxOptions } from '../../sandbox/sandbox.cts';

/** Starts a sandbox for all tests of a file or `describe`, and resets it before each. Usable once the tests run. */
export function useSandbox(options: SandboxOptions = { jobSeconds: Infinity }): Sandbox {
	let started: Sandbox;
	beforeAll(async () => {
		started = await startSandbox(options);
	});
	beforeEach(() => {
		started.reset();
	});
	afterAll(async () => {
		await started.stop();
	});
	return new Proxy({} as Sandbox, { get: (_, property) => Reflect.get(started, property) });
}
