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

/** The rows of the first table below a heading; none where there is no table. */
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

/** All headings of a document, as GitHub turns them into anchors. */
function anchorsOf(document: string): string[] {
	const headings = textOf(document).matchAll(/^#+ (.+)$/gm);
	return [...headings].map(([, heading = '']) =>
		heading
			.toLowerCase()
			.replace(/[^\p{L}\p{N} _-]/gu, '')
			.replaceAll(' ', '-'),
	);
}

/** Links in a document to files of the project or to headings that are not there. */
export function brokenLinks(document: string): string[] {
	const links = [...textOf(document).matchAll(/\]\(([^)\s]+)\)/g)].map(([, link = '']) => link);
	return links
		.filter((link) => !/^[a-z]+:/.test(link))
		.filter((link) => {
			const [path = '', anchor] = link.split('#');
			const target = path === '' ? document : posix.join(posix.dirname(document), path);
			if (!existsSync(join(ROOT, target))) return true;
			return anchor !== undefined && !anchorsOf(target).includes(anchor);
		});
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
		// Texts of a few letters would match whatever is put to them.
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

/** Every longer text in the package's code, as patterns: what is filled in at run time may be anything. */
export function messagesOfTheCode(): RegExp[] {
	const paths = [...filesBelow('nodes'), ...filesBelow('credentials')];
	return paths.filter((path) => path.endsWith('.ts')).flatMap(messagesIn);
}

/** The first block of TypeScript in a document, without its indentation. */
export function exampleIn(document: string): string {
	const [, indent = '', code = ''] = /^( *)```ts\n([\s\S]*?)^ *```$/m.exec(textOf(document)) ?? [];
	return code.replaceAll(new RegExp(`^${indent}`, 'gm'), '');
}

/** What the compiler says of some code, as if it stood at this path of the project. */
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
