// Plain JavaScript, because it runs before TypeScript's tools are there: installs what is missing, then runs a
// TypeScript program in this very process, so that Ctrl+C reaches the program and its exit code is npm's.
import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';

import './install-missing.mjs';

const [, , program] = process.argv;
await import('tsx');
process.argv.splice(1, 2, resolve(program));
await import(pathToFileURL(program));
