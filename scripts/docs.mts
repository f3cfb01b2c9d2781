import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import { format, resolveConfig } from 'prettier';

import { BLOCKS, withBlock } from './docs/blocks.cts';

const PROJECT = join(import.meta.dirname, '..');

/** Writes the tables that are made from the code into the documents; test/docs.test.ts says if they are not up to date. */
for (const [document, blocks] of Object.entries(BLOCKS)) {
	const file = join(PROJECT, document);
	let text = await readFile(file, 'utf8');
	for (const [name, make] of Object.entries(blocks)) text = withBlock(text, name, make());
	await writeFile(file, await format(text, { ...(await resolveConfig(file)), filepath: file }));
	console.log(`${document}: ${Object.keys(blocks).join(', ')}`);
}
