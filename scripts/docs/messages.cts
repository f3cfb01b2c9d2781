import { readdirSync } from 'node:fs';
import { join } from 'node:path';

import ts from 'typescript';

import { UNKNOWN, textsOf, treeOf } from './texts.cts';

const ROOT = join(__dirname, '..', '..');

/** An error message of the package and its advice, which can depend on the cause. */
interface Message {
	message: string;
	advice: string[];
}

const IMAGE = 'nodes/Pika/resources/image.ts';
const ADVICE = 'nodes/Pika/results/advice.ts';
const DOWNLOAD = 'nodes/Pika/api/download.ts';
const FAILURES = 'nodes/Pika/results/failures.ts';
const PLAIN_TEXT = 'nodes/Pika/api/plainText.ts';
const CREDENTIAL = ['nodes/Pika/api/baseUrl.ts', 'nodes/Pika/api/credentials.ts'];

/** Functions that take a message and its advice as their last arguments. */
const MAKERS = ['parameterError', 'refuse'];

const AFTER_ANSWER = 'See [answers of the API](#answers-of-the-api).';

/** Advice that depends on the answer or on the failure, and has a section of its own in docs/messages.md. */
const SECTIONS: Record<string, string> = {
	adviceAfterAnswer: AFTER_ANSWER,
	afterNoAnswer:
		'See [answers of the API](#answers-of-the-api) and [failed connections](#failed-connections).',
	adviceAfterFailure: 'See [failed connections](#failed-connections).',
	adviceAfterDownload: 'See [videos](#videos).',
};

/** The names of the request kinds in the editor. */
const REQUESTS: Record<string, string> = {
	submission: 'A new job',
	retry: 'Video: Retry',
	job: 'Job: Get',
	cancel: 'Job: Cancel',
	runningJobs: 'Job: Get Many',
	account: 'Account: Create or Update, Delete',
	accounts: 'Account: Get Many',
};

function pathsBelow(folder: string): string[] {
	return readdirSync(join(ROOT, folder), { recursive: true, withFileTypes: true })
		.filter((entry) => entry.isFile() && entry.name.endsWith('.ts'))
		.map((entry) => join(entry.parentPath, entry.name))
		.map((path) => path.slice(ROOT.length + 1).replaceAll('\\', '/'))
		.sort();
}

/** Collects what `read` returns for the nodes of the files' syntax trees, in source order. */
function collect<Found>(paths: string[], read: (node: ts.Node) => Found[]): Found[] {
	const found: Found[] = [];
	const visit = (node: ts.Node): void => {
		found.push(...read(node));
		ts.forEachChild(node, visit);
	};
	for (const path of paths) {
		const tree = treeOf(path);
		if (tree) visit(tree);
	}
	return found;
}

function calledIn(expression: ts.Node): string {
	return ts.isCallExpression(expression) ? expression.expression.getText() : '';
}

function adviceOf(expression: ts.Expression | undefined): string[] {
	if (!expression) return [];
	const section = SECTIONS[calledIn(expression)];
	if (section) return [section];
	return textsOf(expression).filter((text) => text !== '' && text !== UNKNOWN);
}

/** Messages whose advice has the same key or kind. */
const PAIRED = ['nextStepAfter(end)', 'GIVE_TEXT[parsed.kind]', 'WHAT_TO_DO[start.cause]'];

function pairs(message: ts.Expression, description?: ts.Expression): Message[] {
	if (PAIRED.includes(description?.getText() ?? '') || message.getText() === 'fault') return [];
	const advice = adviceOf(description);
	return textsOf(message).map((text) => ({ message: text, advice }));
}

function propertyOf(object: ts.Node | undefined, name: string): ts.Expression | undefined {
	if (!object || !ts.isObjectLiteralExpression(object)) return undefined;
	for (const property of object.properties) {
		if (property.name?.getText() !== name) continue;
		if (ts.isPropertyAssignment(property)) return property.initializer;
		if (ts.isShorthandPropertyAssignment(property)) return property.name;
	}
	return undefined;
}

/** The message passed to a call, an error or a failure. */
function madeBy(node: ts.Node): Message[] {
	if (ts.isCallExpression(node) && MAKERS.includes(calledIn(node))) {
		const [message, description] = node.arguments.slice(-2);
		return message ? pairs(message, description) : [];
	}
	if (ts.isNewExpression(node) && node.expression.getText() === 'NodeOperationError') {
		const [, message, options] = node.arguments ?? [];
		const description = propertyOf(options, 'description');
		return message && description ? pairs(message, description) : [];
	}
	const message = propertyOf(node, 'message');
	if (!message || !ts.isObjectLiteralExpression(node)) return [];
	const description = propertyOf(node, 'description');
	if (description) return pairs(message, description);
	const base = node.properties.find(ts.isSpreadAssignment)?.expression;
	if (!base || calledIn(base) !== 'refusalFailure') return [];
	return textsOf(message).map((text) => ({ message: text, advice: [AFTER_ANSWER] }));
}

function initializerOf(path: string, name: string): ts.Expression | undefined {
	return collect([path], (node) =>
		ts.isVariableDeclaration(node) && node.name.getText() === name && node.initializer
			? [node.initializer]
			: [],
	)[0];
}

function entriesOf(object: ts.Node | undefined): Array<[key: string, value: ts.Expression]> {
	if (!object || !ts.isObjectLiteralExpression(object)) return [];
	return object.properties
		.filter(ts.isPropertyAssignment)
		.map(({ name, initializer }) => [name.getText(), initializer]);
}

/** Messages and advice from two tables with the same keys. */
function byKey(messages: ts.Node | undefined, advice: ts.Node | undefined): Message[] {
	const found = new Map(entriesOf(advice));
	return entriesOf(messages).flatMap(([key, message]) => pairs(message, found.get(key)));
}

function unreadableFiles(): Message[] {
	const messages = initializerOf('nodes/Pika/api/binary.ts', 'MESSAGES');
	return byKey(messages, initializerOf(IMAGE, 'WHAT_TO_DO'));
}

function endedJobs(): Message[] {
	const messages = initializerOf(FAILURES, 'END_SENTENCE');
	return byKey(messages, initializerOf(FAILURES, 'NEXT_STEP_AFTER_END'));
}

/** Values that are not text. Their advice depends on the type. */
function notTexts(): Message[] {
	const faults = collect([PLAIN_TEXT], (node) => {
		const isFault =
			(ts.isVariableDeclaration(node) || ts.isPropertyAssignment(node)) &&
			node.name.getText() === 'fault';
		return isFault && node.initializer ? textsOf(node.initializer) : [];
	});
	const advice = entriesOf(initializerOf('nodes/Pika/resources/values.ts', 'GIVE_TEXT'));
	return faults.map((fault) => {
		const chosen = advice.filter(([kind]) => (kind === 'inexact') === fault.includes('digits'));
		const texts = chosen.filter(([kind]) => kind !== 'other').flatMap(([, text]) => textsOf(text));
		return { message: `${UNKNOWN}: the value ${fault}`, advice: texts };
	});
}

/** A required field that is empty: its name is a property of the field. */
function missingFields(node: ts.Node): Message[] {
	if (!ts.isCallExpression(node) || calledIn(node) !== 'missingError') return [];
	const [, , field, advice] = node.arguments;
	const declared = field && initializerOf('nodes/Pika/resources/parameters.ts', field.getText());
	const label = propertyOf(declared, 'displayName');
	const [name = UNKNOWN] = label ? textsOf(label) : [];
	return [{ message: `${name}: it is empty`, advice: adviceOf(advice) }];
}

/** In the files about credentials, every sentence about them is a message. */
function faults(node: ts.Node): Message[] {
	const isText = ts.isStringLiteral(node) || ts.isTemplateLiteral(node);
	if (!isText) return [];
	return textsOf(node)
		.filter((message) => /^The (?!…).*\b(?:credential|API token)\b/.test(message))
		.map((message) => ({ message, advice: [] }));
}

/** The rules of the credential's test. */
function ruleMessages(node: ts.Node): Message[] {
	const message = propertyOf(node, 'message');
	return message ? pairs(message) : [];
}

function isTelling({ message }: Message): boolean {
	return message.replace(/[^a-z]/gi, '').length >= 8;
}

function merged(messages: Message[]): Message[] {
	const all = new Map<string, Set<string>>();
	for (const { message, advice } of messages.filter(isTelling)) {
		all.set(message, new Set([...(all.get(message) ?? []), ...advice]));
	}
	return [...all].map(([message, advice]) => ({ message, advice: [...advice] }));
}

function below(folder: string): string[] {
	return pathsBelow(folder).filter((path) => !path.endsWith('/connection.ts'));
}

function quoted(text: string): string {
	return `\`${text.replaceAll('`', "'")}\``;
}

/** Each text once: in combined binary mode, the node names another key of the item, and nothing else differs. */
function withoutModes(texts: string[]): string[] {
	return [...new Set(texts.map((text) => text.replaceAll('.item._files.', '.item.binary.')))];
}

function sentences(text: string): string {
	return /[.!?…]$/.test(text) ? text : `${text}.`;
}

/** An entry of a list: what it is about, with its one text behind it or its several ones below it. */
function entryOf(subject: string, texts: string[]): string {
	const [
		only = 'Its jobs continue at useapi.net: see [after a Stop](reliability.md#after-a-stop).',
		...more
	] = withoutModes(texts.map(sentences));
	if (more.length === 0) return `- ${subject}: ${only}`;
	return [`- ${subject}`, ...[only, ...more].map((text) => `  - ${text}`)].join('\n');
}

/** Messages with the same advice share an entry. */
function listOfMessages(messages: Message[]): string {
	const entries = new Map<string, { quotes: string[]; advice: string[] }>();
	for (const { message, advice } of merged(messages)) {
		const key = advice.join('\n');
		const { quotes } = entries.get(key) ?? { quotes: [] };
		entries.set(key, { quotes: [...quotes, quoted(message)], advice });
	}
	return [...entries.values()]
		.map(({ quotes, advice }) => entryOf(quotes.join(' or '), advice))
		.join('\n');
}

/** These messages already say what to do. */
export function credentialMessages(): string {
	const messages = merged([
		...collect(['nodes/Pika/resources/connection.ts'], madeBy),
		...collect(pathsBelow('credentials'), ruleMessages),
		...collect(CREDENTIAL, faults),
	]);
	return messages
		.map(({ message, advice }) => [`- ${quoted(message)}`, ...advice].join(': '))
		.join('\n');
}

export function inputMessages(): string {
	const paths = below('nodes/Pika/resources');
	return listOfMessages([
		...collect(paths, missingFields),
		...collect(paths, madeBy),
		...notTexts(),
		...unreadableFiles(),
	]);
}

export function jobMessages(): string {
	const paths = [...below('nodes/Pika/results'), ...below('nodes/Pika/waiting')];
	return listOfMessages([...endedJobs(), ...collect(paths, madeBy)]);
}

export function triggerMessages(): string {
	return listOfMessages(collect(below('nodes/Pika/trigger'), madeBy));
}

/** What to do after an error response, by its status and the kind of request. */
export function answersList(): string {
	return entriesOf(initializerOf(ADVICE, 'AFTER_STATUS'))
		.map(([status, advice]) => {
			const requests = new Map<string, string[]>();
			for (const [kind, value] of entriesOf(advice)) {
				for (const text of textsOf(value)) {
					const names = kind === 'any' ? [] : [REQUESTS[kind] ?? kind];
					requests.set(text, [...(requests.get(text) ?? []), ...names]);
				}
			}
			const texts = [...requests].map(([text, names]) =>
				names.length > 0 ? `**${names.join(', ')}:** ${text}` : text,
			);
			return entryOf(`**${status}**`, texts);
		})
		.join('\n');
}

/** The advice for a response that may come from another server or a withdrawn service. */
export function withdrawnAdvice(): string {
	const text = initializerOf(ADVICE, 'WITHDRAWN');
	return text ? textsOf(text).join(' ') : '';
}

/** Why a video could not be downloaded, and what to do. */
export function videoMessages(): string {
	const advice = new Map(entriesOf(initializerOf(ADVICE, 'AFTER_DOWNLOAD')));
	const messages = collect([DOWNLOAD], (node) => {
		if (!ts.isCallExpression(node) || calledIn(node) !== 'failed') return [];
		const [problem, reason] = node.arguments;
		if (!problem || !reason || !ts.isStringLiteral(problem)) return [];
		return pairs(reason, advice.get(problem.text));
	});
	return listOfMessages(messages);
}

function returnsOf(name: string): ts.Expression[] {
	return collect([ADVICE], (node) =>
		ts.isFunctionDeclaration(node) && node.name?.text === name ? [node] : [],
	).flatMap((declared) => {
		const found: ts.Expression[] = [];
		const visit = (node: ts.Node): void => {
			if (ts.isReturnStatement(node) && node.expression) found.push(node.expression);
			ts.forEachChild(node, visit);
		};
		visit(declared);
		return found;
	});
}

/** What to do after a failed connection, by cause. */
export function connectionAdvice(): string {
	return returnsOf('adviceAfterFailure')
		.flatMap((each) => textsOf(each))
		.map((text) => `- ${text}`)
		.join('\n');
}
