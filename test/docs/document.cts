import { existsSync } from 'node:fs';
import { join, posix } from 'node:path';

import ts from 'typescript';

import { filesBelow, parse, textOf } from '../structure/source.cts';

const ROOT = join(__dirname, '..', '..');

/** One row of a table, by its column's heading. */
export type Row = Record<string, string>;

function cells(line: string): string[] {
	return line
		.replace(/^\s*\||\|\s*$/g, '')
		.split(/(?<!\\)\|/)
		.map((cell) => cell.trim());
}

/** The text below a heading, up to the next one of the same or a higher level. */
export function section(document: string, heading: string): string {
	const lines = textOf(document).split('\n');
	const start = lines.indexOf(heading);
	if (start === -1) return '';
	const level = heading.indexOf(' ');
	const rest = lines.slice(start + 1);
	const end = rest.findIndex((line) => {
		const marks = /^(#+) /.exec(line)?.[1];
		return marks !== undefined && marks.length <= level;
	});
	return rest.slice(0, end === -1 ? rest.length : end).join('\n');
}

/** The rows of the first table below a heading; none if there is no table. */
export function tableBelow(document: string, heading: string): Row[] {
	const lines = section(document, heading).split('\n');
	const start = lines.findIndex((line) => line.startsWith('|'));
	if (start === -1) return [];
	const rest = lines.slice(start);
	const end = rest.findIndex((line) => !line.startsWith('|'));
	const [head = '', , ...body] = rest.slice(0, end === -1 ? rest.length : end);
	const columns = cells(head);
	return body.map((line) =>
		Object.fromEntries(cells(line).map((cell, index) => [columns[index] ?? '', cell])),
	);
}

/** The text of a document without its blocks of code. */
function proseOf(document: string): string {
	return textOf(document).replace(/^( *)```[^]*?^\1```$/gm, '');
}

/** The headings of a document, of one level or of all, in their order. */
export function headingsOf(document: string, level?: number): string[] {
	const marks = level === undefined ? '#+' : '#'.repeat(level);
	const found = proseOf(document).matchAll(new RegExp(`^${marks} (.+)$`, 'gm'));
	return [...found].map(([, heading = '']) => heading);
}

/** All headings of a document, as GitHub turns them into anchors: repeated ones get numbers. */
function anchorsOf(document: string): string[] {
	const seen = new Map<string, number>();
	return headingsOf(document).map((heading) => {
		const anchor = heading
			.toLowerCase()
			.replace(/[^\p{L}\p{N} _-]/gu, '')
			.replaceAll(' ', '-');
		const times = seen.get(anchor) ?? 0;
		seen.set(anchor, times + 1);
		return times === 0 ? anchor : `${anchor}-${times}`;
	});
}

/** Files of this repository by their address on its forge, as npm's view needs them. */
const ADDRESS =
	/^https:\/\/(?:raw\.githubusercontent\.com|github\.com)\/(?:n8n-nodes-useapi-pika\/){2}(?:blob\/|raw\/)?HEAD\//;

function linksIn(document: string): string[] {
	const links = [...proseOf(document).matchAll(/\]\(([^)\s]+)\)/g)];
	return links.map(([, link = '']) => link);
}

function targetOf(document: string, link: string): { path: string; anchor?: string } {
	const [path = '', anchor] = link.split('#');
	if (path === '') return { path: document, anchor };
	if (ADDRESS.test(path)) return { path: path.replace(ADDRESS, ''), anchor };
	return { path: posix.join(posix.dirname(document), path), anchor };
}

function isOwn(link: string): boolean {
	return ADDRESS.test(link) || !/^[a-z]+:/.test(link);
}

/** Links in a document to files of the project or to headings that are not there. */
export function brokenLinks(document: string): string[] {
	return linksIn(document)
		.filter(isOwn)
		.filter((link) => {
			const { path, anchor } = targetOf(document, link);
			if (!existsSync(join(ROOT, path))) return true;
			return anchor !== undefined && !anchorsOf(path).includes(anchor);
		});
}

/** The files of the project that a document links to. */
export function linkedFrom(document: string): string[] {
	return linksIn(document)
		.filter(isOwn)
		.map((link) => targetOf(document, link).path);
}

/** The sections that the list at the top of a page links to; links after a colon lead to their subsections. */
export function contentsOf(document: string): string[] {
	const [before = ''] = proseOf(document).split(/^## /m);
	return [...before.matchAll(/^- \[([^\]]+)\]\(#/gm)].map(([, text = '']) => text);
}

export function bytesOf(document: string): number {
	return Buffer.byteLength(textOf(document));
}

/** The sources of the diagrams in a document. */
export function diagramsIn(document: string): string[] {
	const blocks = textOf(document).matchAll(/^```mermaid\n([^]*?)^```$/gm);
	return [...blocks].map(([, source = '']) => source);
}

/** Removes the formatting that Prettier adds to tables. */
export function intended(text: string): string {
	return text
		.replace(/ +/g, ' ')
		.replace(/-{2,}/g, '-')
		.replace(/\n{2,}/g, '\n\n')
		.trim();
}

/** The messages that the lists of a document quote. */
export function quotedMessages(document: string): string[] {
	const entries = textOf(document).matchAll(/^- (`[^`]+`(?: or `[^`]+`)*)/gm);
	return [...entries].flatMap(([, quotes = '']) =>
		[...quotes.matchAll(/`([^`]+)`/g)].map(([, quote = '']) => quote),
	);
}

/** The scripts of package.json that a document tells its readers to run. */
export function npmScripts(document: string): string[] {
	const commands = textOf(document).matchAll(/\bnpm (?:run ([\w:-]+)|(start|test)\b)/g);
	return [...new Set([...commands].map(([, script, short]) => script ?? short ?? ''))];
}

function escape(text: string): string {
	return text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
}

function messagesIn(path: string): RegExp[] {
	const found: RegExp[] = [];
	const add = (parts: string[]): void => {
		// Texts of a few letters would match anything.
		if (parts.join('').replace(/[^a-z]/gi, '').length < 8) return;
		found.push(new RegExp(`^${parts.map(escape).join('.*')}$`));
	};
	const visit = (node: ts.Node): void => {
		if (ts.isStringLiteralLike(node)) add([node.text]);
		if (ts.isTemplateExpression(node)) {
			add([node.head.text, ...node.templateSpans.map(({ literal }) => literal.text)]);
		}
		ts.forEachChild(node, visit);
	};
	visit(parse(path).tree);
	return found;
}

/** The longer texts in the package's code as patterns, in which interpolated values match anything. */
export function messagesOfTheCode(): RegExp[] {
	const paths = [...filesBelow('nodes'), ...filesBelow('credentials')];
	return paths.filter((path) => path.endsWith('.ts')).flatMap(messagesIn);
}

/** The first block of TypeScript in a document, without its indentation. */
export function exampleIn(document: string): string {
	const [, indent = '', code = ''] = /^( *)```ts\n([\s\S]*?)^ *```$/m.exec(textOf(document)) ?? [];
	return code.replaceAll(new RegExp(`^${indent}`, 'gm'), '');
}

/** The compiler's messages about code, as if it were at this path of the project. */
export function compile(path: string, code: string): string[] {
	const configuration = ts.readConfigFile(join(ROOT, 'tsconfig.json'), (file) =>
		ts.sys.readFile(file),
	);
	const { options } = ts.parseJsonConfigFileContent(configuration.config, ts.sys, ROOT);
	const file = join(ROOT, path);
	const host = ts.createCompilerHost(options);
	const standard = ts.createCompilerHost(options);
	host.fileExists = (name) => name === file || standard.fileExists(name);
	host.getSourceFile = (name, ...rest) =>
		name === file
			? ts.createSourceFile(name, code, ts.ScriptTarget.Latest, true)
			: standard.getSourceFile(name, ...rest);
	const program = ts.createProgram([file], options, host);
	const source = program.getSourceFile(file);
	return [
		...program.getSyntacticDiagnostics(source),
		...program.getSemanticDiagnostics(source),
	].map(({ messageText }) => ts.flattenDiagnosticMessageText(messageText, '\n'));
}
