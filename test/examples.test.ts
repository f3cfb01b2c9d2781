import {
	type INode,
	type INodeParameters,
	type INodeProperties,
	type INodeTypeDescription,
	isExpression,
	NodeHelpers,
} from 'n8n-workflow';
import { z } from 'zod';

import { Pika } from '../nodes/Pika/Pika.node';
import { PikaTrigger } from '../nodes/Pika/PikaTrigger.node';
import { MAGIC_WORDS } from '../sandbox/magic-words.cts';
import { filesBelow, textOf } from './structure/source.cts';

const STICKY_NOTE = 'n8n-nodes-base.stickyNote';
const SANDBOX = 'http://127.0.0.1:4010/';
const PICTURES = `${SANDBOX}sandbox/pictures/`;

const DESCRIPTIONS: Record<string, INodeTypeDescription> = {
	'n8n-nodes-useapi-pika.pika': new Pika().description,
	'n8n-nodes-useapi-pika.pikaTool': new Pika().description,
	'n8n-nodes-useapi-pika.pikaTrigger': new PikaTrigger().description,
};

/** What n8n adds to a node that is used as a tool. */
const FIELDS_OF_TOOLS = ['descriptionType', 'toolDescription'];

/** The canvas has a grid of 16; a node is 96 wide, a sub-node 80, and its name stands below it. */
const GRID = 16;
const NODE_WIDTH = 96;
const NODE_HEIGHT = 144;

const parametersSchema = z.record(z.unknown()).transform((value) => value as INodeParameters);

const nodeSchema = z.object({
	id: z.string().uuid(),
	name: z.string(),
	type: z.string(),
	typeVersion: z.number(),
	position: z.tuple([z.number(), z.number()]),
	parameters: parametersSchema,
	onError: z.literal('continueErrorOutput').optional(),
	executeOnce: z.boolean().optional(),
	alwaysOutputData: z.boolean().optional(),
});

const linkSchema = z.object({ node: z.string(), type: z.string(), index: z.number() });

const exampleSchema = z.object({
	name: z.string(),
	nodes: z.array(nodeSchema),
	connections: z.record(z.record(z.array(z.array(linkSchema)))),
	settings: z.object({ executionOrder: z.literal('v1') }).strict(),
});

/**
 * Credentials, pinned data and whatever else an export of an n8n has are not part of an example; nor are the IDs of
 * webhooks: the editor creates one for each import, so that its URL stays secret.
 */
const strictSchema = exampleSchema.extend({ nodes: z.array(nodeSchema.strict()) }).strict();

type Example = z.infer<typeof exampleSchema>;
type ExampleNode = z.infer<typeof nodeSchema>;

interface Box {
	name: string;
	left: number;
	top: number;
	right: number;
	bottom: number;
}

const files = filesBelow('examples').filter((path) => path.endsWith('.json'));
const e2eTests = filesBelow('e2e').filter((path) => path.endsWith('.test.mts'));

function readExample(path: string): Example {
	return exampleSchema.parse(JSON.parse(textOf(path)));
}

function nodesOf(path: string): INode[] {
	return readExample(path).nodes.filter(({ type }) => type in DESCRIPTIONS);
}

function stickyNotes({ nodes }: Example): ExampleNode[] {
	return nodes.filter(({ type }) => type === STICKY_NOTE);
}

function boxOf({ name, type, position: [left, top], parameters }: ExampleNode): Box {
	const isNote = type === STICKY_NOTE;
	const width = isNote ? Number(parameters.width) : NODE_WIDTH;
	const height = isNote ? Number(parameters.height) : NODE_HEIGHT;
	return { name, left, top, right: left + width, bottom: top + height };
}

function overlap(one: Box, other: Box): boolean {
	const isBeside = one.right <= other.left || other.right <= one.left;
	const isAbove = one.bottom <= other.top || other.bottom <= one.top;
	return !isBeside && !isAbove;
}

function withoutNumber(word: string): string {
	return word.replace(/\d+/, '');
}

/** Values that a field with a choice does not offer, also inside of collections. */
function unknownIn(fields: INodeProperties[], values: INodeParameters, path = ''): string[] {
	return Object.entries(values).flatMap(([name, value]) => {
		const field = fields.find((each) => each.name === name);
		if (!field) return [`${path}${name}: no such field`];
		const options = field.options ?? [];
		if (field.type === 'collection') {
			const inner = options.filter((each): each is INodeProperties => 'type' in each);
			return unknownIn(inner, value as INodeParameters, `${path}${name}.`);
		}
		if (field.type !== 'options' && field.type !== 'multiOptions') return [];
		if (typeof value === 'string' && isExpression(value)) return [];
		const offered = options.map((each) => ('value' in each ? each.value : undefined));
		const chosen: unknown[] = Array.isArray(value) ? value : [value];
		return chosen
			.filter((each) => !offered.includes(each as string))
			.map((each) => `${path}${name}: ${String(each)} is not offered`);
	});
}

/** The fields that n8n shows for these parameters, by its own rules. */
function shownFields(node: INode, description: INodeTypeDescription): INodeProperties[] {
	const { properties } = description;
	const all = NodeHelpers.getNodeParameters(
		properties,
		node.parameters,
		true,
		false,
		node,
		description,
	);
	return properties.filter((field) =>
		NodeHelpers.displayParameter(all ?? {}, field, node, description),
	);
}

describe('all examples', () => {
	it('The examples are found', () => {
		expect(files.length).toBeGreaterThan(5);
	});

	it('Each example has a unique name', () => {
		const names = files.map((path) => readExample(path).name);
		expect([...new Set(names)]).toEqual(names);
	});

	it('No two examples share an ID', () => {
		const ids = files.flatMap((path) => readExample(path).nodes.map(({ id }) => id));
		expect([...new Set(ids)]).toEqual(ids);
	});
});

describe.each(files)('example %s', (path) => {
	const file = path.replace('examples/', '');

	it('The example has only nodes and connections, and names no credential', () => {
		expect(strictSchema.safeParse(JSON.parse(textOf(path))).error).toBeUndefined();
	});

	it('The example says in a sticky note what it does, what to fill in, what to expect and what to change', () => {
		const notes = stickyNotes(readExample(path)).map(({ parameters }) =>
			String(parameters.content),
		);
		for (const words of [
			/^## \S/,
			/\*\*For your own use, fill in:\*\*/,
			/\*\*Expect:\*\*/,
			/\*\*Change:\*\*/,
		]) {
			expect(notes.filter((note) => words.test(note))).toHaveLength(1);
		}
	});

	it('The example explains both ways of starting the sandbox, and names only words that the sandbox knows', () => {
		const [note] = stickyNotes(readExample(path)).map(({ parameters }) =>
			String(parameters.content),
		);
		for (const words of [/\*\*On the sandbox:\*\*/, /`npm start`/, /`npm run sandbox`/]) {
			expect(note).toMatch(words);
		}
		const words = (note?.match(/\[[a-z-]+(=\d+)?\]/g) ?? []).map(withoutNumber);
		const known = MAGIC_WORDS.map(([word]) => withoutNumber(word));
		expect(words.filter((word) => !known.includes(word))).toEqual([]);
		expect(words.includes('[no-callback]')).toBe(file.startsWith('repair-'));
	});

	it('The example is run by a test in a real n8n and listed in the catalog', () => {
		expect(e2eTests.filter((test) => textOf(test).includes(`'${file}'`))).not.toEqual([]);
		expect(textOf('examples/README.md')).toContain(`](${file})`);
	});

	it('The example requests only pictures of the sandbox, and contains no token', () => {
		const urls = textOf(path).match(/https?:\/\/[^\s"'\\,)]+/g) ?? [];
		expect(urls.filter((url) => !url.startsWith(PICTURES))).toEqual([]);
		expect(textOf(path)).not.toMatch(/user:\d|\bBearer\b|\bsk-|@[\w-]+\.\w/);
	});

	it('The example names all its nodes and connects them', () => {
		const { nodes, connections } = readExample(path);
		const names = nodes.map(({ name }) => name);
		expect([...new Set(names)]).toEqual(names);
		expect(names.filter((name) => /\d$/.test(name))).toEqual([]);

		const targets = Object.values(connections).flatMap((outputs) =>
			Object.values(outputs).flatMap((links) => links.flat().map(({ node }) => node)),
		);
		const connected = new Set([...Object.keys(connections), ...targets]);
		expect([...connected].filter((name) => !names.includes(name))).toEqual([]);
		const working = nodes.filter(({ type }) => type !== STICKY_NOTE).map(({ name }) => name);
		expect(working.filter((name) => !connected.has(name))).toEqual([]);
	});

	it('The example uses a second output only if the node has one', () => {
		const { nodes, connections } = readExample(path);
		const outputs = ({ name }: ExampleNode) => connections[name]?.main?.length ?? 0;
		const isBranch = ({ type }: ExampleNode) => type === 'n8n-nodes-base.if';
		expect(nodes.filter((node) => outputs(node) > 1 && !node.onError && !isBranch(node))).toEqual(
			[],
		);
	});

	it('The example’s nodes are on the grid and do not overlap', () => {
		const { nodes } = readExample(path);
		expect(nodes.filter(({ position }) => position.some((at) => at % GRID !== 0))).toEqual([]);
		const boxes = nodes.map(boxOf);
		const pairs = boxes.flatMap((one, i) =>
			boxes.slice(i + 1).flatMap((other) => (overlap(one, other) ? [[one.name, other.name]] : [])),
		);
		expect(pairs).toEqual([]);
	});

	it.each(nodesOf(path).map((node): [string, INode] => [node.name, node]))(
		'The node %s has only parameters that its operation offers',
		(_name, node) => {
			const description = DESCRIPTIONS[node.type];
			if (!description) throw new Error(`No node of ours: ${node.type}`);
			expect(node.typeVersion).toBe(description.version);
			const isTool = node.type.endsWith('Tool');
			const own = Object.entries(node.parameters).filter(
				([name]) => !isTool || !FIELDS_OF_TOOLS.includes(name),
			);
			const parameters = Object.fromEntries(own);
			const fields = shownFields({ ...node, parameters }, description);
			expect(unknownIn(fields, parameters)).toEqual([]);
		},
	);
});
