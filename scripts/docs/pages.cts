import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';

const ROOT = join(__dirname, '..', '..');
const FOLDERS = ['', 'docs', 'examples', 'sandbox', 'bench'];

function filesIn(folder: string, ending: string): string[] {
	const path = join(ROOT, folder);
	if (!existsSync(path)) return [];
	const names = readdirSync(path).filter((name) => name.endsWith(ending));
	return names.sort().map((name) => (folder === '' ? name : `${folder}/${name}`));
}

/** All pages of documentation, with their paths from the project's root. */
export function pages(): string[] {
	return FOLDERS.flatMap((folder) => filesIn(folder, '.md'));
}

/** A Markdown text for readers. */
export interface Prose {
	/** The file that contains the text. */
	path: string;
	text: string;
}

interface Workflow {
	nodes: Array<{ type: string; parameters: { content?: string } }>;
}

/** The sticky notes in the examples. */
export function notes(): Prose[] {
	return filesIn('examples', '.json').flatMap((path) => {
		const { nodes } = JSON.parse(readFileSync(join(ROOT, path), 'utf8')) as Workflow;
		const contents = nodes.map(({ parameters: { content } }) => content);
		return contents.flatMap((text) => (text === undefined ? [] : [{ path, text }]));
	});
}

export function pageTexts(): Prose[] {
	return pages().map((path) => ({ path, text: readFileSync(join(ROOT, path), 'utf8') }));
}
