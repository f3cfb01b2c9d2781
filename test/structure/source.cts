import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { dirname, join, posix } from 'node:path';

import ts from 'typescript';

const ROOT = join(__dirname, '..', '..');

/** One TypeScript file of the project, with its path from the project's root. */
export interface Source {
	path: string;
	text: string;
	tree: ts.SourceFile;
}

/** Paths of all files below a folder, from the project's root and sorted. */
export function filesBelow(folder: string): string[] {
	if (!existsSync(join(ROOT, folder))) return [];
	return readdirSync(join(ROOT, folder), { recursive: true, withFileTypes: true })
		.filter((entry) => entry.isFile())
		.map((entry) => posix.relative(ROOT, join(entry.parentPath, entry.name)))
		.sort();
}

/** The text of one file; empty if it does not exist. */
export function textOf(path: string): string {
	return existsSync(join(ROOT, path)) ? readFileSync(join(ROOT, path), 'utf8') : '';
}

export function parse(path: string, text = textOf(path)): Source {
	return { path, text, tree: ts.createSourceFile(path, text, ts.ScriptTarget.Latest, true) };
}

/** What a module of the project exports at run time. */
export function load(path: string): Record<string, unknown> {
	return jest.requireActual<Record<string, unknown>>(join(ROOT, path));
}

function at({ path, tree }: Source, position: number): string {
	return `${path}:${tree.getLineAndCharacterOfPosition(position).line + 1}`;
}

function find<Found extends ts.Node>(
	source: Source,
	isWanted: (node: ts.Node) => node is Found,
): Found[] {
	const found: Found[] = [];
	const visit = (node: ts.Node): void => {
		if (isWanted(node)) found.push(node);
		ts.forEachChild(node, visit);
	};
	visit(source.tree);
	return found;
}

function places(source: Source, nodes: ts.Node[]): string[] {
	return nodes.map((node) => at(source, node.getStart(source.tree)));
}

/** The places of a name in code, not in comments or strings. */
export function identifiers(source: Source, name: RegExp): string[] {
	return places(
		source,
		find(source, ts.isIdentifier).filter((identifier) => name.test(identifier.text)),
	);
}

/** The calls of a function whose whole expression, such as `a.b.call`, matches. */
export function calls(source: Source, callee: RegExp): string[] {
	const all = find(source, ts.isCallExpression);
	return places(
		source,
		all.filter((call) => callee.test(call.expression.getText(source.tree))),
	);
}

function constructed(source: Source, className: RegExp): ts.NewExpression[] {
	const all = find(source, ts.isNewExpression);
	return all.filter((made) => className.test(made.expression.getText(source.tree)));
}

export function constructions(source: Source, className: RegExp): string[] {
	return places(source, constructed(source, className));
}

/** The places where a class is constructed without a property in the object that is its last argument. */
export function constructionsWithout(
	source: Source,
	className: RegExp,
	property: string,
): string[] {
	const hasProperty = ({ arguments: given }: ts.NewExpression): boolean => {
		const options = given?.at(-1);
		return (
			options !== undefined &&
			ts.isObjectLiteralExpression(options) &&
			options.properties.some(({ name }) => name?.getText(source.tree) === property)
		);
	};
	return places(
		source,
		constructed(source, className).filter((made) => !hasProperty(made)),
	);
}

const STATEMENTS = {
	any: (node: ts.Node) => node.kind === ts.SyntaxKind.AnyKeyword,
	loop: (node: ts.Node) => ts.isIterationStatement(node, false),
	branch: ts.isIfStatement,
	switch: ts.isSwitchStatement,
	throw: ts.isThrowStatement,
	try: ts.isTryStatement,
} satisfies Record<string, (node: ts.Node) => boolean>;

/** The places of a kind of syntax. */
export function uses(source: Source, syntax: keyof typeof STATEMENTS): string[] {
	const isWanted = STATEMENTS[syntax];
	return places(
		source,
		find(source, (node): node is ts.Node => isWanted(node)),
	);
}

/** The throw statements outside functions whose name begins with `assert`. */
export function unannouncedThrows(source: Source): string[] {
	const isAnnounced = (node: ts.Node): boolean => {
		const around = ts.findAncestor(node, ts.isFunctionDeclaration);
		return around?.name?.text.startsWith('assert') ?? false;
	};
	return places(
		source,
		find(source, ts.isThrowStatement).filter((node) => !isAnnounced(node)),
	);
}

/** The texts in the code, without templates. */
export function literals(source: Source): string[] {
	return find(source, ts.isStringLiteral).map(({ text }) => text);
}

export interface Import {
	place: string;
	/** As it is written. */
	from: string;
	/** The file of the project that is meant, if it is one. */
	path?: string;
	names: string[];
}

function resolve(source: Source, from: string): string | undefined {
	if (!from.startsWith('.')) return undefined;
	const path = posix.join(dirname(source.path), from);
	return [path, `${path}.ts`, `${path}/index.ts`].find(
		(candidate) => isFile(candidate) && candidate !== source.path,
	);
}

function isFile(path: string): boolean {
	return existsSync(join(ROOT, path)) && /\.\w+$/.test(path);
}

/** Everything that a file imports or re-exports. */
export function imports(source: Source): Import[] {
	return source.tree.statements.flatMap((statement) => {
		if (!ts.isImportDeclaration(statement) && !ts.isExportDeclaration(statement)) return [];
		if (!statement.moduleSpecifier || !ts.isStringLiteral(statement.moduleSpecifier)) return [];
		const from = statement.moduleSpecifier.text;
		const bindings = ts.isImportDeclaration(statement)
			? statement.importClause?.namedBindings
			: statement.exportClause;
		const names =
			bindings && (ts.isNamedImports(bindings) || ts.isNamedExports(bindings))
				? bindings.elements.map(({ name, propertyName }) => (propertyName ?? name).text)
				: [];
		return [{ place: at(source, statement.getStart()), from, path: resolve(source, from), names }];
	});
}

function isExported(statement: ts.Statement): boolean {
	return (
		ts.canHaveModifiers(statement) &&
		(ts.getModifiers(statement) ?? []).some(({ kind }) => kind === ts.SyntaxKind.ExportKeyword)
	);
}

/** The statements of a file in their order: `import`, `function`, `const` (types too), or `export <name>`. */
export function outline(source: Source): string[] {
	return source.tree.statements.map((statement) => {
		if (ts.isImportDeclaration(statement)) return 'import';
		if (isExported(statement)) {
			const names = ts.isVariableStatement(statement)
				? statement.declarationList.declarations.map(({ name }) => name.getText())
				: [ts.isFunctionDeclaration(statement) ? (statement.name?.text ?? '') : 'something else'];
			return `export ${names.join()}`;
		}
		if (ts.isFunctionDeclaration(statement)) return 'function';
		const isConstant =
			ts.isVariableStatement(statement) ||
			ts.isTypeAliasDeclaration(statement) ||
			ts.isInterfaceDeclaration(statement);
		return isConstant ? 'const' : 'something else';
	});
}

export interface ExportedFunction {
	place: string;
	name: string;
	/** The lines of its docstring that contain words. */
	docstring: string[];
}

function docstringOf(node: ts.Node): string[] {
	const docstring = ts.getJSDocCommentsAndTags(node).find(ts.isJSDoc);
	const lines = docstring?.getText().split('\n') ?? [];
	return lines
		.map((line) => line.replace(/^\s*(\/\*\*|\*\/|\*)|\*\/$/g, '').trim())
		.filter(Boolean);
}

/** Exported functions, written as a function or as a constant. */
export function exportedFunctions(source: Source): ExportedFunction[] {
	return source.tree.statements.filter(isExported).flatMap((statement) => {
		const declarations = ts.isVariableStatement(statement)
			? statement.declarationList.declarations.filter(
					({ initializer }) =>
						initializer &&
						(ts.isArrowFunction(initializer) || ts.isFunctionExpression(initializer)),
				)
			: ts.isFunctionDeclaration(statement)
				? [statement]
				: [];
		return declarations.map((declaration) => ({
			place: at(source, statement.getStart()),
			name: declaration.name?.getText() ?? '',
			docstring: docstringOf(statement),
		}));
	});
}

/** The members of the classes in a file: name, lines, and the kind of what they are set to. */
export function members(source: Source): Array<{ name: string; lines: number; kind: string }> {
	return find(source, ts.isClassDeclaration).flatMap((declaration) =>
		declaration.members.map((member) => ({
			name: member.name?.getText() ?? '',
			lines: member.getText().split('\n').length,
			kind:
				ts.isPropertyDeclaration(member) && member.initializer
					? ts.SyntaxKind[member.initializer.kind]
					: ts.SyntaxKind[member.kind],
		})),
	);
}

interface Comment {
	position: number;
	end: number;
	text: string;
}

function tokens(source: Source): {
	comments: Comment[];
	code: Array<{ start: number; end: number }>;
} {
	const comments = new Map<number, Comment>();
	const code: Array<{ start: number; end: number }> = [];
	const note = (ranges: ts.CommentRange[] | undefined): void => {
		for (const { pos, end } of ranges ?? []) {
			comments.set(pos, { position: pos, end, text: source.text.slice(pos, end) });
		}
	};
	const visit = (node: ts.Node): void => {
		const children = node.getChildren(source.tree).filter((child) => !ts.isJSDoc(child));
		if (children.length === 0) {
			note(ts.getLeadingCommentRanges(source.text, node.getFullStart()));
			note(ts.getTrailingCommentRanges(source.text, node.getEnd()));
			const start = node.getStart(source.tree);
			if (node.getEnd() > start) code.push({ start, end: node.getEnd() });
		}
		children.forEach(visit);
	};
	visit(source.tree);
	return { comments: [...comments.values()], code };
}

function linesOf(source: Source, start: number, end: number): number[] {
	const first = source.tree.getLineAndCharacterOfPosition(start).line;
	const last = source.tree.getLineAndCharacterOfPosition(end).line;
	return Array.from({ length: last - first + 1 }, (_, index) => first + index);
}

/** How many lines hold a comment, and how many hold code; one line can do both. */
export function density(source: Source): { comments: number; code: number } {
	const { comments, code } = tokens(source);
	return {
		comments: new Set(comments.flatMap(({ position, end }) => linesOf(source, position, end))).size,
		code: new Set(code.flatMap(({ start, end }) => linesOf(source, start, end))).size,
	};
}

/** Every comment with its place; its words on one line, without the marks in front of them. */
export function commentsOf(source: Source): Array<{ place: string; words: string }> {
	return tokens(source).comments.map(({ position, text }) => ({
		place: at(source, position),
		words: text.replace(/^\s*(\/\/|\/?\*+\/?)|\s*\*+\/$/gm, ' ').replace(/\s+/g, ' '),
	}));
}

/** The places of comments with forbidden content. */
export function commentsThat(source: Source, pattern: RegExp): string[] {
	return tokens(source)
		.comments.filter(({ text }) => pattern.test(text))
		.map(({ position }) => at(source, position));
}

/** The places of comments inside constants that list fields of a node. */
export function commentsInFields(source: Source): string[] {
	const lists = find(source, ts.isVariableDeclaration).filter(({ type }) =>
		/^INodeProperties(\[\])?$/.test(type?.getText() ?? ''),
	);
	return tokens(source)
		.comments.filter(({ position }) =>
			lists.some((list) => list.getStart() < position && position < list.getEnd()),
		)
		.map(({ position }) => at(source, position));
}
