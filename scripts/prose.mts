import { join } from 'node:path';

import { spellCheckDocument } from 'cspell-lib';
import DOMPurify from 'dompurify';
import mermaid from 'mermaid';
import { createLinter, loadTextlintrc } from 'textlint';

import { notes, pageTexts, type Prose } from './docs/pages.cts';

const PROJECT = join(import.meta.dirname, '..');
const SPELLING = { configFile: join(PROJECT, 'cspell.json') };

const linter = createLinter({
	descriptor: await loadTextlintrc({ configFilePath: join(PROJECT, '.textlintrc.json') }),
});

async function misspellings({ path, text }: Prose): Promise<string[]> {
	// As Markdown, also where it is a note inside of a workflow.
	const document = { uri: `file://${join(PROJECT, path)}.md`, text, languageId: 'markdown' };
	const { issues } = await spellCheckDocument(document, SPELLING, {});
	return issues.map(({ text: word, offset }) => {
		const line = text.slice(0, offset).split('\n').length;
		return `${path}:${line} unknown word "${word}" (if it is right, add it to cspell.json)`;
	});
}

const GENERATED =
	/<!-- (docs:\w+) -->[^]*?<!-- \/\1 -->|<!-- bench:begin -->[^]*?<!-- bench:end -->/g;

/** Generated text comes from the code and is not checked here. */
function withoutGenerated(text: string): string {
	return text.replace(GENERATED, (block) => block.replace(/.+/g, ''));
}

/** Readers do not read link targets, and code does not count toward sentence length. */
function withoutTargets(text: string): string {
	return text.replace(/(`+)[^`\n]+\1/g, '`x`').replace(/\]\([^)\s]*\)/g, '](x)');
}

async function badProse({ path, text }: Prose): Promise<string[]> {
	const written = withoutTargets(withoutGenerated(text));
	const { messages } = await linter.lintText(written, join(PROJECT, `${path}.md`));
	return messages.map(
		({ loc, message, ruleId }) => `${path}:${loc.start.line} ${message} (${ruleId})`,
	);
}

// Mermaid sanitizes labels with a library that needs a browser. Nothing is rendered here.
Object.assign(DOMPurify, { addHook: () => undefined, sanitize: (label: string) => label });

async function badDiagrams({ path, text }: Prose): Promise<string[]> {
	const faults: string[] = [];
	for (const { 1: source = '', index } of text.matchAll(/^```mermaid\n([^]*?)^```$/gm)) {
		const line = text.slice(0, index).split('\n').length;
		await mermaid.parse(source).catch((error: unknown) => {
			faults.push(`${path}:${line} ${String(error)} (mermaid)`);
		});
	}
	return faults;
}

const texts = [...pageTexts(), ...notes()];
const found: string[] = [];
for (const prose of texts) {
	const checks = [misspellings(prose), badProse(prose), badDiagrams(prose)];
	found.push(...(await Promise.all(checks)).flat());
}
console.log(found.length > 0 ? found.join('\n') : `No faults in ${texts.length} texts.`);
process.exitCode = found.length > 0 ? 1 : 0;
