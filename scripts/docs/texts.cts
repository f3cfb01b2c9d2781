import { existsSync, readFileSync } from 'node:fs';
import { dirname, join, posix } from 'node:path';

import ts from 'typescript';

const ROOT = join(__dirname, '..', '..');

/** Placeholder for values that are only known at run time. */
export const UNKNOWN = '…';

/** The maximum number of nested calls and constants to follow. */
const MAX_DEPTH = 6;
/** Expressions with more possible texts than this are not listed. */
const MAX_TEXTS = 24;

/** Functions whose result depends on the user's data. */
const OPAQUE = ['describe', 'errorText', 'kindOf', 'otherContent', 'sanitizeText', 'shown'];

const trees = new Map<string, ts.SourceFile | undefined>();

/** The syntax tree of a file of the project; undefined if there is none. */
export function treeOf(path: string): ts.SourceFile | undefined {
	if (!trees.has(path)) {
		const file = join(ROOT, path);
		const text = existsSync(file) ? readFileSync(file, 'utf8') : undefined;
		const tree =
			text === undefined
				? undefined
				: ts.createSourceFile(path, text, ts.ScriptTarget.Latest, true);
		trees.set(path, tree);
	}
	return trees.get(path);
}

type Declared = ts.VariableDeclaration | ts.FunctionDeclaration;

function declarationIn(statements: Iterable<ts.Node>, name: string): Declared | undefined {
	for (const statement of statements) {
		if (ts.isFunctionDeclaration(statement) && statement.name?.text === name) return statement;
		if (!ts.isVariableStatement(statement)) continue;
		const found = statement.declarationList.declarations.find(
			(each) => ts.isIdentifier(each.name) && each.name.text === name,
		);
		if (found) return found;
	}
	return undefined;
}

function importedFrom(tree: ts.SourceFile, name: string): Declared | undefined {
	for (const statement of tree.statements) {
		if (!ts.isImportDeclaration(statement) || !ts.isStringLiteral(statement.moduleSpecifier))
			continue;
		const bindings = statement.importClause?.namedBindings;
		if (!bindings || !ts.isNamedImports(bindings)) continue;
		const binding = bindings.elements.find((each) => each.name.text === name);
		const from = statement.moduleSpecifier.text;
		if (!binding || !from.startsWith('.')) continue;
		const path = posix.join(dirname(tree.fileName), from);
		const other = treeOf(`${path}.ts`) ?? treeOf(`${path}/index.ts`);
		return other && declarationIn(other.statements, (binding.propertyName ?? binding.name).text);
	}
	return undefined;
}

/** The declaration of a name: a constant or function in its scope, its file, or an imported file. */
function declarationOf(identifier: ts.Identifier): Declared | undefined {
	for (let node: ts.Node = identifier; ; node = node.parent) {
		if (ts.isBlock(node) || ts.isCaseClause(node) || ts.isSourceFile(node)) {
			const found = declarationIn(node.statements, identifier.text);
			if (found) return found;
		}
		if (ts.isSourceFile(node)) return importedFrom(node, identifier.text);
	}
}

function returnsOf(body: ts.Node): ts.Expression[] {
	const found: ts.Expression[] = [];
	const visit = (node: ts.Node): void => {
		if (ts.isReturnStatement(node) && node.expression) found.push(node.expression);
		if (!ts.isFunctionLike(node)) ts.forEachChild(node, visit);
	};
	if (ts.isBlock(body)) ts.forEachChild(body, visit);
	else found.push(body as ts.Expression);
	return found;
}

/** Removes duplicates. The empty text counts only if it is the only one. */
function distinct(texts: string[]): string[] {
	const all = [...new Set(texts.map((text) => text.replace(/…(?: ?…)+/g, UNKNOWN)))];
	const telling = all.filter((text) => text !== '');
	if (telling.length > MAX_TEXTS) return [UNKNOWN];
	return telling.length > 0 ? telling : all;
}

function joined(parts: string[][]): string[] {
	return parts.reduce<string[]>(
		(texts, part) => distinct(texts.flatMap((text) => part.map((next) => text + next))),
		[''],
	);
}

function propertiesOf(expression: ts.Expression | undefined): ts.PropertyAssignment[] {
	if (!expression) return [];
	if (ts.isAsExpression(expression) || ts.isSatisfiesExpression(expression)) {
		return propertiesOf(expression.expression);
	}
	return ts.isObjectLiteralExpression(expression)
		? expression.properties.filter(ts.isPropertyAssignment)
		: [];
}

function textsOfProperty(object: ts.Expression, name: string | undefined, depth: number): string[] {
	const declared = ts.isIdentifier(object) ? declarationOf(object) : undefined;
	const all = propertiesOf(
		declared && ts.isVariableDeclaration(declared) ? declared.initializer : undefined,
	);
	const chosen = all.filter((each) => name === undefined || each.name.getText() === name);
	return chosen.length === 0
		? [UNKNOWN]
		: distinct(chosen.flatMap(({ initializer }) => textsOf(initializer, depth - 1)));
}

function textsOfDeclared(declared: Declared | undefined, depth: number): string[] {
	if (!declared) return [UNKNOWN];
	const { initializer, body } = declared as { initializer?: ts.Expression; body?: ts.Block };
	if (body) return distinct(returnsOf(body).flatMap((each) => textsOf(each, depth - 1)));
	return initializer ? textsOf(initializer, depth - 1) : [UNKNOWN];
}

/** All texts that an expression can evaluate to, as far as the source shows. */
export function textsOf(expression: ts.Expression, depth = MAX_DEPTH): string[] {
	if (depth === 0) return [UNKNOWN];
	if (ts.isStringLiteralLike(expression) || ts.isNumericLiteral(expression))
		return [expression.text];
	if (ts.isTemplateExpression(expression)) {
		const spans = expression.templateSpans.flatMap(({ expression: inner, literal }) => [
			textsOf(inner, depth),
			[literal.text],
		]);
		return joined([[expression.head.text], ...spans]);
	}
	if (ts.isConditionalExpression(expression)) {
		const { whenTrue, whenFalse } = expression;
		return distinct([...textsOf(whenTrue, depth), ...textsOf(whenFalse, depth)]);
	}
	if (ts.isParenthesizedExpression(expression)) return textsOf(expression.expression, depth);
	if (ts.isIdentifier(expression)) {
		return expression.text === 'undefined'
			? ['']
			: textsOfDeclared(declarationOf(expression), depth);
	}
	if (ts.isCallExpression(expression) && ts.isIdentifier(expression.expression)) {
		const { expression: callee } = expression;
		if (OPAQUE.includes(callee.text)) return [UNKNOWN];
		return textsOfDeclared(declarationOf(callee), depth);
	}
	if (ts.isElementAccessExpression(expression)) {
		return textsOfProperty(expression.expression, undefined, depth);
	}
	if (ts.isPropertyAccessExpression(expression)) {
		return textsOfProperty(expression.expression, expression.name.text, depth);
	}
	if (ts.isArrowFunction(expression)) {
		return distinct(returnsOf(expression.body).flatMap((each) => textsOf(each, depth - 1)));
	}
	if (ts.isBinaryExpression(expression)) {
		const { left, operatorToken, right } = expression;
		if (operatorToken.kind === ts.SyntaxKind.AmpersandAmpersandToken) return textsOf(right, depth);
		return distinct([...textsOf(left, depth), ...textsOf(right, depth)]);
	}
	return [UNKNOWN];
}
