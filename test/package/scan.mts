// Runs n8n's scanner of community packages on folders. The names of a file with the folders come as the only argument;
// standard output is one JSON text. A program of its own, because the scanner is an ES module and jest loads none.
import { readFile } from 'node:fs/promises';
import {
	analyzePackage,
	SOURCE_FILE_PATTERNS,
} from '@n8n/scan-community-package/scanner/scanner.mjs';
import { z } from 'zod';

/** What the scanner lints of a package as it was published. */
const TARBALL_FILE_PATTERNS = ['**/*.js', 'package.json'];

const argumentsSchema = z.array(
	z.object({ folder: z.string(), leg: z.enum(['source', 'tarball']) }),
);

const [, , file = ''] = process.argv;
const content: unknown = JSON.parse(await readFile(file, 'utf8'));
const results: object[] = [];
for (const { folder, leg } of argumentsSchema.parse(content)) {
	const patterns = leg === 'source' ? SOURCE_FILE_PATTERNS : TARBALL_FILE_PATTERNS;
	results.push(await analyzePackage(folder, patterns));
}
process.stdout.write(JSON.stringify(results));
