import { runTests } from './runner.mts';

const help = `Usage: npm run e2e [-- <part of a file name> ...]

Packs the package, starts real n8n with it, and runs the tests of e2e/ on them, one file after the other.
With arguments: only the files whose names contain one of them, for example "waiting.many".

PIKA_N8N_VERSION=x.y.z takes another version of n8n. PIKA_E2E_KEEP=1 keeps what n8n wrote.`;

process.exitCode = await runTests({ help, folder: import.meta.dirname });
