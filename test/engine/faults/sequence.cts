import fc from 'fast-check';

import { picture } from '../pictures.cts';
import { LISTS, ON_CANCEL, ON_DOWNLOAD, ON_READ, ON_SUBMIT, UNKNOWN } from './catalogue.cts';
import { isKindWanted } from './runs.cts';

const SHAPES = [
	'one node',
	'a loop',
	'two nodes',
	'an agent that calls in a batch',
	'an agent of the engine',
] as const;

/** Which reply reference a job has: generated, the user's, or one that repeats with other or identical inputs. */
const REFERENCES = [
	'of the node',
	'of the item',
	'a shared reference',
	'a shared reference and prompt',
	'everything alike',
] as const;

/** How many jobs the channel can run, and what the node knows about it. */
const ROOMS = [
	'as many as asked',
	'as the account says',
	'as an account says that cannot be read',
	'fewer, because of strangers',
] as const;

const CODES = { failed: [500, 504, 429], moderated: [422] } as const;

/** One execution and its faults. Plain data: a failure prints it, and it can be replayed from that. */
export interface Sequence {
	shape: (typeof SHAPES)[number];
	items: number;
	reference: (typeof REFERENCES)[number];
	room: (typeof ROOMS)[number];
	maxJobs: number;
	completion: 'off' | 'poll' | 'callback';
	onError: 'continueErrorOutput' | 'continueRegularOutput' | 'stopWorkflow';
	onUnsuccessful: 'error' | 'output';
	retryOnFail: boolean;
	cancelOnStop: boolean;
	/** Whether jobs take so long that a Stop comes before their end. */
	hasLongJobs: boolean;
	/** Whether the editor's Retry follows if the execution has not succeeded, with an API that works again. */
	retriesExecution: boolean;
	/** The codes that the records of unsuccessful jobs carry. */
	codes?: { failed: number; moderated: number };
	/** The execution is stopped when this request begins or has its answer. */
	stop?: { request: number; when: 'begins' | 'is answered' };
	/** The list of running jobs, for the whole execution. */
	list?: string;
	onSubmit: [nth: number, fault: string][];
	onRead: [nth: number, fault: string][];
	onCancel: [nth: number, fault: string][];
	onDownload: [nth: number, fault: string][];
}

export const PLAIN: Sequence = {
	shape: 'one node',
	items: 3,
	reference: 'of the node',
	room: 'as many as asked',
	maxJobs: 2,
	completion: 'poll',
	onError: 'continueErrorOutput',
	onUnsuccessful: 'error',
	retryOnFail: false,
	cancelOnStop: false,
	hasLongJobs: false,
	retriesExecution: false,
	onSubmit: [],
	onRead: [],
	onCancel: [],
	onDownload: [],
};

/** The inputs of one item of one node, from which its video must be made. */
export interface Order {
	node: string;
	item: number;
	prompt: string;
	replyRef: string;
	image: Buffer;
}

export const isAgent = ({ shape }: Sequence) => shape.startsWith('an agent');

/** Every item of every node, in the order in which they are submitted. */
export function ordersOf(sequence: Sequence): Order[] {
	const nodes = sequence.shape === 'two nodes' ? ['Pika', 'Second'] : ['Pika'];
	return nodes.flatMap((node) =>
		Array.from({ length: sequence.items }, (_, item) => orderOf(sequence, node, item)),
	);
}

function orderOf({ shape, reference }: Sequence, node: string, item: number): Order {
	// n8n gives all calls of such a batch the arguments of the first one.
	const isAlike = reference === 'everything alike' || shape === 'an agent that calls in a batch';
	const isPromptShared = isAlike || reference === 'a shared reference and prompt';
	const which = node === 'Pika' ? item : item + 100;
	const ofTheItem = isAlike ? 'ref' : `ref-${item}`;
	const isOwn = reference === 'of the node' || reference === 'of the item';
	return {
		node,
		item,
		prompt: isPromptShared ? 'alike' : `item ${which}`,
		replyRef: !isOwn ? 'the same' : reference === 'of the item' ? ofTheItem : '',
		image: picture('image/png', isAlike ? 8 : 8 + which),
	};
}

function choice<Name extends string>(names: readonly Name[]): fc.Arbitrary<Name> {
	const wanted = names.filter(isKindWanted);
	return fc.constantFrom(...(wanted.length > 0 ? wanted : names.slice(0, 1)));
}

function faults(
	names: readonly string[],
	lastNth: number,
	maxLength: number,
): fc.Arbitrary<[nth: number, fault: string][]> {
	const wanted = names.filter(isKindWanted);
	if (wanted.length === 0) return fc.constant([]);
	const fault = fc.tuple(fc.integer({ min: 1, max: lastNth }), fc.constantFrom(...wanted));
	return fc.array(fault, { maxLength });
}

/** Most often none. */
function rarely<Value>(kind: string, value: fc.Arbitrary<Value>, freq = 2) {
	return isKindWanted(kind) ? fc.option(value, { nil: undefined, freq }) : fc.constant(undefined);
}

function switched(kind: string): fc.Arbitrary<boolean> {
	return isKindWanted(kind) ? fc.boolean() : fc.constant(false);
}

/** Changes sequences that n8n cannot execute into ones that it can, and leaves out what only takes time. */
export function possible({ hasLongJobs, ...others }: Sequence): Sequence {
	const sequence = { ...others, hasLongJobs: hasLongJobs && others.stop !== undefined };
	if (!isAgent(sequence)) return sequence;
	const { completion, onError } = sequence;
	return {
		...sequence,
		// A tool has no error output.
		onError: onError === 'continueErrorOutput' ? 'continueRegularOutput' : onError,
		// Further calls of a batch add nothing.
		items: Math.min(sequence.items, 3),
		// An agent cannot wait for a callback.
		completion: completion === 'callback' ? 'poll' : completion,
		// Both would call the agent again, and its calls are new jobs.
		retryOnFail: false,
		retriesExecution: false,
	};
}

export const sequences: fc.Arbitrary<Sequence> = fc
	.record({
		shape: choice(SHAPES),
		items: fc.integer({ min: 1, max: 5 }),
		reference: choice(REFERENCES),
		room: choice(ROOMS),
		maxJobs: fc.integer({ min: 1, max: 4 }),
		completion: choice(['poll', 'off', 'callback'] as const),
		onError: choice(['continueErrorOutput', 'continueRegularOutput', 'stopWorkflow'] as const),
		onUnsuccessful: fc.constantFrom('error' as const, 'output' as const),
		retryOnFail: switched('retry on fail'),
		cancelOnStop: switched('cancel on stop'),
		hasLongJobs: switched('long jobs'),
		retriesExecution: switched('retry of the execution'),
		codes: rarely(
			'records with codes',
			fc.record({
				failed: fc.constantFrom(...CODES.failed),
				moderated: fc.constantFrom(...CODES.moderated),
			}),
		),
		stop: rarely(
			'stop',
			fc.record({
				request: fc.integer({ min: 1, max: 14 }),
				when: fc.constantFrom('begins' as const, 'is answered' as const),
			}),
		),
		list: rarely('list', choice(Object.keys(LISTS)), 3),
		onSubmit: fc.oneof(
			{ weight: 3, arbitrary: faults(Object.keys(ON_SUBMIT), 6, 4) },
			{ weight: 1, arbitrary: faults(UNKNOWN, 3, 4) },
		),
		onRead: faults(Object.keys(ON_READ), 8, 2),
		onCancel: faults(Object.keys(ON_CANCEL), 3, 1),
		onDownload: faults(Object.keys(ON_DOWNLOAD), 4, 1),
	})
	.map(possible);
