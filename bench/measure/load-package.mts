// Runs in a process of its own, under the Node that runs n8n: how long the package takes to load where n8n-workflow is
// loaded already.
import { createRequire } from 'node:module';

const [n8nProgram = '', ...files] = process.argv.slice(2);
createRequire(n8nProgram)('n8n-workflow');
const load = createRequire(files[0] ?? '');
const before = performance.now();
for (const file of files) load(file);
process.stdout.write(String(performance.now() - before));
