import {
	type INodeProperties,
	type INodePropertyCollection,
	type INodePropertyOptions,
} from 'n8n-workflow';

import { UseApiPikaApi } from '../credentials/UseApiPikaApi.credentials';
import { Pika } from '../nodes/Pika/Pika.node';
import { PikaTrigger } from '../nodes/Pika/PikaTrigger.node';
import { MAGIC_WORDS } from '../sandbox/magic-words.cts';
import { type Sandbox, startSandbox } from '../sandbox/sandbox.cts';
import { runWorkflow } from './engine/harness/run.cts';
import { pikaWorkflow } from './engine/pika.cts';
import {
	brokenLinks,
	compile,
	exampleIn,
	messagesOfTheCode,
	npmScripts,
	tableBelow,
} from './readme/document.cts';
import { textOf } from './structure/source.cts';

const README = 'README.md';
const DOCUMENTS = [
	README,
	'AGENTS.md',
	'CONTRIBUTING.md',
	'CHANGELOG.md',
	'SECURITY.md',
	'docs/api-contract.md',
	'docs/n8n-internals.md',
	'examples/README.md',
];

type AnyOption = INodePropertyOptions | INodeProperties | INodePropertyCollection;

interface Operation {
	resource: INodePropertyOptions;
	option: INodePropertyOptions;
	fields: INodeProperties[];
}

const { properties } = new Pika().description;

function isChoice(option: AnyOption): option is INodePropertyOptions {
	return 'value' in option;
}

function isField(option: AnyOption): option is INodeProperties {
	return 'type' in option && 'default' in option;
}

function choicesOf({ options = [] }: INodeProperties): INodePropertyOptions[] {
	return options.filter(isChoice);
}

function isShownFor(
	{ displayOptions }: INodeProperties,
	wanted: Record<string, INodePropertyOptions>,
): boolean {
	return Object.entries(wanted).every(([name, { value }]) =>
		displayOptions?.show?.[name]?.includes(value),
	);
}

function operationsOf(resource: INodePropertyOptions): Operation[] {
	const menus = properties.filter(
		(menu) => menu.name === 'operation' && isShownFor(menu, { resource }),
	);
	return menus.flatMap(choicesOf).map((option) => ({
		resource,
		option,
		fields: properties.filter((field) => isShownFor(field, { resource, operation: option })),
	}));
}

const operations = properties
	.filter(({ name }) => name === 'resource')
	.flatMap(choicesOf)
	.flatMap(operationsOf);

function defaultOf(field: INodeProperties): string {
	if (field.default === '' || field.type === 'resourceLocator') return 'empty';
	if (field.default === false) return 'off';
	if (field.default === true) return 'on';
	if (Array.isArray(field.default)) return field.default.join(', ') || 'empty';
	const chosen = choicesOf(field).find(({ value }) => value === field.default);
	return chosen?.name ?? `\`${String(field.default)}\``;
}

function parameterRows(fields: INodeProperties[], within = ''): string[][] {
	return fields.flatMap((field) =>
		field.type === 'collection'
			? parameterRows((field.options ?? []).filter(isField), `${field.displayName} → `)
			: [[`${within}${field.displayName}`, `\`${field.name}\``, defaultOf(field)]],
	);
}

describe('the documents', () => {
	const { scripts } = JSON.parse(textOf('package.json')) as { scripts: Record<string, string> };

	it.each(DOCUMENTS)('tell no command in %s that package.json does not have', (document) => {
		expect(npmScripts(document).filter((script) => !(script in scripts))).toEqual([]);
	});

	it.each(DOCUMENTS)('link in %s to nothing that is not there', (document) => {
		expect(brokenLinks(document)).toEqual([]);
	});

	it('say near the top of the README that the service was withdrawn', () => {
		const top = textOf(README).split('\n').slice(0, 10).join('\n');
		expect(top).toContain('useapi.net has announced that it withdrew this API');
	});

	it('show an operation in CONTRIBUTING.md that compiles', () => {
		const example = exampleIn('CONTRIBUTING.md');
		expect(example).toContain('export const execute');
		// Its endpoint is made up, so the table of endpoints has no row for it.
		const withKnownEndpoint = example.replace("'lip_sync'", "'create'");
		const path = 'nodes/Pika/resources/video/example.operation.ts';
		expect(compile(path, withKnownEndpoint)).toEqual([]);
	}, 60_000);
});

describe("the README's operations", () => {
	let sandbox: Sandbox;
	beforeAll(async () => {
		sandbox = await startSandbox();
	});
	afterAll(async () => await sandbox.stop());

	/** The first request that an operation makes when it is run. */
	async function endpointOf({ resource, option, fields }: Operation): Promise<string> {
		sandbox.reset();
		const requiredTexts = fields.filter(
			({ type, required, default: initial }) => type === 'string' && required && initial === '',
		);
		const parameters = {
			...Object.fromEntries(requiredTexts.map(({ name }) => [name, 'HI'])),
			resource: resource.value,
			operation: option.value,
			jobid: 'a-job',
			channel: '42',
		};
		const credential = { channel: '42', discordToken: 'made-up' };
		await runWorkflow(pikaWorkflow({ sandbox, parameters, credential }));
		const [request] = sandbox.requests;
		const query = Object.keys(request?.query ?? {}).join('&');
		return `\`${request?.method} ${request?.path}${query && `?${query}`}\``;
	}

	it('are those of the node, each with the endpoint that it calls', async () => {
		const expected: string[][] = [];
		for (const operation of operations) {
			const { resource, option } = operation;
			expected.push([resource.name, option.name, await endpointOf(operation)]);
		}
		const rows = tableBelow(README, '## Operations');
		expect(rows.map((row) => [row.Resource, row.Operation, row.Endpoint])).toEqual(expected);
	});

	const [encryptImage] = operations.filter(({ option }) => option.value === 'encryptImage');
	const shared = parameterRows(encryptImage?.fields ?? []);

	it('have the parameters of Video: Encrypt Image, with their names and defaults', () => {
		const rows = tableBelow(README, '### Video: Encrypt Image');
		expect(rows.map((row) => [row.Parameter, row.Name, row.Default])).toEqual(shared);
	});

	it('have what the other operations do not share with it', () => {
		const isShared = (row: string[]): boolean => shared.some((other) => `${other}` === `${row}`);
		const expected = operations.flatMap(({ resource, option, fields }) =>
			parameterRows(fields.filter(({ type }) => type !== 'notice'))
				.filter((row) => !isShared(row))
				.map((row) => [`${resource.name}: ${option.name}`, ...row]),
		);
		const rows = tableBelow(README, '### The other operations');
		expect(rows.map((row) => [row.Operation, row.Parameter, row.Name, row.Default])).toEqual(
			expected,
		);
	});
});

describe("the README's tables", () => {
	it('have the parameters of the trigger', () => {
		const fields = new PikaTrigger().description.properties.filter(({ type }) => type !== 'notice');
		const rows = tableBelow(README, '## Pika Trigger');
		expect(rows.map((row) => [row.Parameter, row.Name, row.Default])).toEqual(
			parameterRows(fields),
		);
	});

	it('have the fields of the credential', () => {
		const rows = tableBelow(README, '## The credential');
		expect(rows.map((row) => [row.Field, row.Required, row.Default])).toEqual(
			new UseApiPikaApi().properties
				.filter(({ type }) => type !== 'notice')
				.map((field) => [field.displayName, field.required ? 'yes' : 'no', defaultOf(field)]),
		);
	});

	it('quote messages that the code has', () => {
		const messages = messagesOfTheCode();
		const quoted = tableBelow(README, '## Troubleshooting by message').map(
			({ Message = '' }) => /^`(.+)`$/.exec(Message)?.[1] ?? '',
		);
		expect(quoted.length).toBeGreaterThan(10);
		expect(quoted.filter((quote) => !messages.some((message) => message.test(quote)))).toEqual([]);
	});

	it('have the magic words of the sandbox', () => {
		const rows = tableBelow(README, '## The sandbox');
		expect(rows.map((row) => [row.Word, row['What happens']])).toEqual(
			MAGIC_WORDS.map(([word, meaning]) => [`\`${word}\``, meaning]),
		);
	});

	it('name a test file with every invariant', () => {
		const rows = tableBelow(README, '## Invariants');
		expect(rows.length).toBeGreaterThan(5);
		expect(
			rows.filter((row) => !/\]\([\w./-]+\.test\.m?ts\)/.test(row['Guarded by'] ?? '')),
		).toEqual([]);
	});

	it('name the versions of n8n that the package is tested with', () => {
		const { devDependencies } = JSON.parse(textOf('package.json')) as {
			devDependencies: Record<string, string>;
		};
		const rows = Object.fromEntries(
			tableBelow(README, '## Compatibility').map((row) => [row.What, row.Versions]),
		);
		const [, installed] =
			/DEFAULT_VERSION = '([\d.]+)'/.exec(textOf('scripts/n8n-install.mts')) ?? [];
		expect(rows.n8n).toContain(`Tested with ${installed} `);
		expect(rows["n8n's engine"]).toContain(`n8n-core ${devDependencies['n8n-core']} `);
	});
});
