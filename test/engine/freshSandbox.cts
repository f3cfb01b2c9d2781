import { type Sandbox, type SandboxOptions, startSandbox } from '../../sandbox/sandbox.cts';

/** Starts a sandbox for the tests of the surrounding file or describe, and resets it before each of them. */
export function useFreshSandbox(options: SandboxOptions, assign: (sandbox: Sandbox) => void): void {
	let sandbox: Sandbox;
	beforeAll(async () => {
		sandbox = await startSandbox(options);
		assign(sandbox);
	});
	afterAll(async () => {
		await sandbox.stop();
	});
	beforeEach(() => {
		sandbox.reset();
	});
}
