import {
	answersList,
	connectionAdvice,
	credentialMessages,
	inputMessages,
	jobMessages,
	triggerMessages,
	videoMessages,
	withdrawnAdvice,
} from './messages.cts';
import { operationSections } from './operationSections.cts';
import {
	credentialTable,
	operationsTable,
	optionsTable,
	triggerTable,
	waitingTable,
} from './parameters.cts';

/** The text between the markers `<!-- docs:<name> -->` and `<!-- /docs:<name> -->`, by document and name. */
export const BLOCKS: Record<string, Record<string, () => string>> = {
	'README.md': { operations: operationsTable },
	'docs/reference.md': {
		operations: operationSections,
		waiting: waitingTable,
		options: optionsTable,
		trigger: triggerTable,
		credential: credentialTable,
	},
	'docs/messages.md': {
		credential: credentialMessages,
		inputs: inputMessages,
		jobs: jobMessages,
		answers: answersList,
		withdrawn: withdrawnAdvice,
		connections: connectionAdvice,
		videos: videoMessages,
		trigger: triggerMessages,
	},
};

function placeOf(text: string, name: string): [start: number, end: number] {
	const [begin, end] = [`<!-- docs:${name} -->`, `<!-- /docs:${name} -->`];
	const start = text.indexOf(begin);
	const stop = text.indexOf(end);
	if (start === -1 || stop < start) throw new Error(`There are no markers for "${name}".`);
	return [start + begin.length, stop];
}

/** The current text of a document between the markers of a block. */
export function blockIn(text: string, name: string): string {
	const [start, end] = placeOf(text, name);
	return text.slice(start, end).trim();
}

/** The document with new content between the markers of a block. */
export function withBlock(text: string, name: string, content: string): string {
	const [start, end] = placeOf(text, name);
	return `${text.slice(0, start)}\n\n${content}\n\n${text.slice(end)}`;
}
