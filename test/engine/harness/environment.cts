import { mkdtempSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** One temporary folder per test file: it contains n8n's user folder and every binary store. */
export const temporaryFolder = mkdtempSync(join(tmpdir(), 'n8n-engine-test-'));

// n8n reads these once, when its modules load: so this file is imported before n8n-core.
process.env.N8N_USER_FOLDER = temporaryFolder;
process.env.N8N_ENCRYPTION_KEY = 'engine-test-harness';
process.env.N8N_LOG_LEVEL = 'silent';
process.env.N8N_DIAGNOSTICS_ENABLED = 'false';

afterAll(() => {
	rmSync(temporaryFolder, { recursive: true, force: true });
});

interface ServiceContainer {
	get<Service>(type: abstract new (...parameters: never[]) => Service): Service;
}

interface DependencyInjection {
	Container: ServiceContainer;
}

// npm installs two copies of @n8n/di: n8n-core registers its services in its own, so this asks for that one.
const requireFromCore = createRequire(require.resolve('n8n-core'));

// `require` is untyped; the shape is n8n's Container, of which only `get` is used.
const dependencyInjection = requireFromCore('@n8n/di') as DependencyInjection;

/** The container in which n8n-core keeps its services. */
export const container = dependencyInjection.Container;
