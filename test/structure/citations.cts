import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';

import { commentsOf, filesBelow, parse, type Source, textOf } from './source.cts';

const ROOT = join(__dirname, '..', '..');

/** A file's name or path as prose has it, `*` standing for any part of a name; not the end of `<name>.png`. */
const FILE = /(?<![\w/.*<>-])[\w@*./-]*[\w*]\.(?:[cm]?[jt]s|json|md|ya?ml|png|svg)(?![\w.]*\w)/g;
const PRODUCTS = ['Node.js', 'opentype.js'];

/** A document followed by headings in quotation marks. */
const CITATION = /([\w./-]+\.md),((?:,? (?:and )?"[^"]+")+)/g;

const files = ['nodes', 'credentials', 'sandbox', 'test', 'e2e', 'bench', 'scripts'].flatMap(
	filesBelow,
);

/** Parsing takes time, so only files with something like a citation are parsed. */
const MAY_CITE = /(?:\/\/|\*).*(?:\.\w|\bsections? \d)/i;

/** The files whose comments may cite something. */
export function citingSources(): Source[] {
	return files
		.filter((path) => /\.[cm]?[jt]s$/.test(path) && MAY_CITE.test(textOf(path)))
		.map((path) => parse(path));
}

function isNamedLike(name: string): boolean {
	const parts = name.split('*').map((part) => part.replace(/[.+?^${}()|[\]\\]/g, '\\$&'));
	const pattern = new RegExp(`(^|/)${parts.join('[^/]*')}$`);
	return files.some((file) => pattern.test(file));
}

function foldersAbove(path: string): string[] {
	const parts = dirname(path).split('/');
	return ['.', ...parts.map((_, index) => parts.slice(0, index + 1).join('/'))];
}

/** The files that comments name and the project does not have: neither at its root nor on the way from there to the comment. */
export function missingFiles(source: Source): string[] {
	return commentsOf(source).flatMap(({ place, words }) => {
		const names = [...words.matchAll(FILE)].map(([name]) => name);
		return names
			.filter((name) => !PRODUCTS.includes(name))
			.filter((name) =>
				name.includes('*')
					? !isNamedLike(name)
					: !foldersAbove(source.path).some((folder) => existsSync(join(ROOT, folder, name))),
			)
			.map((name) => `${place} names ${name}`);
	});
}

/** The TypeScript files that a document names and the project does not have: at its root, in the node's folder or the sandbox's. */
export function missingFilesOf(document: string): string[] {
	const names = [...textOf(document).matchAll(/`([\w./-]+\.[cm]?ts)`/g)].map(
		([, name = '']) => name,
	);
	return names.filter(
		(name) =>
			!['.', 'nodes/Pika', 'sandbox'].some((folder) => existsSync(join(ROOT, folder, name))),
	);
}

function headingsOf(document: string): string[] {
	return [...textOf(document).matchAll(/^#+ (.+)$/gm)].map(([, heading = '']) => heading.trim());
}

/** The headings that comments quote and the document does not have. */
export function missingHeadings(source: Source): string[] {
	return commentsOf(source).flatMap(({ place, words }) =>
		[...words.matchAll(CITATION)].flatMap(([, document = '', quoted = '']) =>
			[...quoted.matchAll(/"([^"]+)"/g)]
				.map(([, heading = '']) => heading)
				.filter((heading) => !headingsOf(document).includes(heading))
				.map((heading) => `${place} cites ${document}, "${heading}"`),
		),
	);
}
