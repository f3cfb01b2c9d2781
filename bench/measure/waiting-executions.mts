// Runs in the process of n8n.
import { createRequire } from 'node:module';

interface ActiveExecutions {
	activeExecutions: Record<string, unknown>;
}

/**
 * Makes n8n forget the executions that it keeps in memory while they wait, as a restart would. It reads them from its
 * database when they resume. Must not be called while an execution runs.
 */
export function forget({ program }: { program: string }): void {
	const requireFromN8n = createRequire(program);
	const { Container } = requireFromN8n('@n8n/di') as {
		Container: { get: (service: unknown) => ActiveExecutions };
	};
	const loaded = requireFromN8n('n8n/dist/active-executions.js') as { ActiveExecutions: unknown };
	Container.get(loaded.ActiveExecutions).activeExecutions = {};
}
