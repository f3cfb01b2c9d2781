// Rules that are in n8n's repository but not yet in its published lint: any release of it can bring them. Two of them do
// not fit: non-required-fields-in-collection would hide how the node waits, prefer-declarative-style cannot wait at all.
import type { INodeProperties, INodePropertyCollection, INodePropertyOptions } from 'n8n-workflow';

import { UseApiPikaApi } from '../credentials/UseApiPikaApi.credentials';
import { Pika } from '../nodes/Pika/Pika.node';
import { PikaTrigger } from '../nodes/Pika/PikaTrigger.node';
import { bestContrast } from './structure/contrast.cts';
import { constructionsWithout, filesBelow, parse, textOf } from './structure/source.cts';

const nodes = [new Pika().description, new PikaTrigger().description];

/** Menus that begin with the most used option, which people find there sooner than by its initial. */
const BY_USE = ['resource', 'operation', 'completion'];

/** Errors of the whole run: its settings, its credential, its stop. No item causes them. */
const ERRORS_OF_THE_RUN = ['completion', 'connection', 'index', 'stopped'];

/** n8n's list: https://docs.n8n.io/connect/create-nodes/build-your-node/reference/codex-files/ */
const CATEGORIES = [
	'Analytics',
	'Communication',
	'Data & Storage',
	'Development',
	'Finance & Accounting',
	'Marketing & Content',
	'Miscellaneous',
	'Productivity',
	'Sales',
	'Utility',
];

type Entry = INodePropertyOptions | INodeProperties | INodePropertyCollection;

function isField(entry: Entry): entry is INodeProperties {
	return 'displayName' in entry && 'type' in entry;
}

function isChoice(entry: Entry): entry is INodePropertyOptions {
	return 'value' in entry && 'name' in entry;
}

function withInnerFields(field: INodeProperties): INodeProperties[] {
	const inner: Entry[] = field.type === 'collection' ? (field.options ?? []) : [];
	return [field, ...inner.filter(isField).flatMap(withInnerFields)];
}

const fields = [...nodes, new UseApiPikaApi()]
	.flatMap(({ properties }) => properties)
	.flatMap(withInnerFields);

const menus = fields.map(({ name, type, options = [] }) => ({
	name,
	type,
	choices: options.filter(isChoice),
}));

const codexFiles = filesBelow('nodes').filter((path) => path.endsWith('.node.json'));
const sources = filesBelow('nodes')
	.filter((path) => path.endsWith('.ts'))
	.map((path) => parse(path));

interface Codex {
	categories: string[];
	subcategories?: unknown;
}

function repeated(texts: string[]): string[] {
	return texts.filter((text, index) => texts.indexOf(text) !== index);
}

it('Each node has one credential (single-credential-per-node)', () => {
	const names = nodes.map(({ credentials = [] }) => credentials.map(({ name }) => name));
	expect(names).toEqual([['useApiPikaApi'], ['useApiPikaApi']]);
});

it('No hint has more than 120 characters (hint-max-length)', () => {
	const hints = fields.flatMap(({ name, hint = '' }) => (hint ? [{ name, hint }] : []));
	expect(hints.length).toBeGreaterThan(5);
	expect(hints.filter(({ hint }) => hint.length > 120)).toEqual([]);
});

describe('icons (icon-contrast)', () => {
	const icons = [...nodes, new UseApiPikaApi()].flatMap(({ icon }) =>
		typeof icon === 'object' ? [icon] : [],
	);
	const pathOf = (icon: string): string => {
		const name =
			icon
				.split('/')
				.at(-1)
				?.replace(/^file:/, '') ?? '';
		return `nodes/Pika/${name}`;
	};

	it('Each node and the credential have a light and a dark icon', () => {
		expect(icons).toHaveLength(3);
	});

	it('The light icons have a contrast of at least 1.5:1 on white', () => {
		const low = icons.filter(({ light }) => bestContrast(textOf(pathOf(light)), '#ffffff') < 1.5);
		expect(low).toEqual([]);
	});

	it('The dark icons have a contrast of at least 1.5:1 on #2b2b2b', () => {
		const low = icons.filter(({ dark }) => bestContrast(textOf(pathOf(dark)), '#2b2b2b') < 1.5);
		expect(low).toEqual([]);
	});

	it('A black icon would fail the contrast check on #2b2b2b', () => {
		expect(bestContrast('<svg><path fill="#000"/></svg>', '#2b2b2b')).toBeCloseTo(1.48, 2);
	});
});

describe('codex files', () => {
	const codices = codexFiles.map((path) => ({
		path,
		...(JSON.parse(textOf(path)) as Codex),
	}));

	it('Both nodes have a codex file', () => {
		expect(codices).toHaveLength(2);
	});

	it('Each codex file has at least one category, all from n8n’s list (valid-node-categories)', () => {
		const wrong = codices.filter(
			({ categories }) =>
				categories.length === 0 || categories.some((category) => !CATEGORIES.includes(category)),
		);
		expect(wrong).toEqual([]);
	});

	it('No codex file has subcategories (no-codex-subcategories)', () => {
		expect(codices.filter((codex) => codex.subcategories !== undefined)).toEqual([]);
	});
});

it('Every error in an item loop has its itemIndex (node-operation-error-itemindex)', () => {
	const nameless = sources.flatMap((source) =>
		constructionsWithout(source, /^Node(Operation|Api)Error$/, 'itemIndex'),
	);
	const isOfTheRun = (place: string): boolean =>
		ERRORS_OF_THE_RUN.some((name) => place.includes(`/${name}.ts:`));
	expect(nameless.filter((place) => !isOfTheRun(place))).toEqual([]);
	expect(nameless.length).toBeGreaterThan(0);
});

describe('options', () => {
	it('Options are sorted by name, or by use if that helps more (options-sorted-alphabetically)', () => {
		const unsorted = menus
			.filter(({ name, type }) => type === 'options' && !BY_USE.includes(name))
			.map(({ name, choices }) => ({ name, names: choices.map((choice) => choice.name) }))
			.filter(({ names }) => {
				const sorted = [...names].sort((one, other) => one.localeCompare(other));
				return sorted.join() !== names.join();
			});
		expect(unsorted).toEqual([]);
	});

	it('Options have unique names and values (no-duplicate-param-options)', () => {
		const twice = menus.flatMap(({ choices }) => [
			...repeated(choices.map(({ name }) => name)),
			...repeated(choices.map(({ value }) => String(value))),
		]);
		expect(twice).toEqual([]);
	});

	it('No description of an option is too long for the two lines that the editor shows', () => {
		const long = menus
			.flatMap(({ choices }) => choices)
			.filter(({ description = '' }) => description.length > 100);
		expect(long).toEqual([]);
	});

	it('No option has an asterisk in its name (no-asterisk-in-option-names)', () => {
		const names = menus.flatMap(({ choices }) => choices.map(({ name }) => name));
		expect(names.filter((name) => name.includes('*'))).toEqual([]);
	});
});

it('Every field has a default (require-param-default)', () => {
	expect(fields.filter((field) => field.default === undefined)).toEqual([]);
});

it('No field is of type JSON (open-ended-node-fields)', () => {
	expect(fields.filter(({ type }) => type === 'json')).toEqual([]);
});

it('Node names are in camel case, and no node sets its color (node-class-description-…)', () => {
	expect(nodes.filter(({ name }) => !/^[a-z][a-zA-Z0-9]*$/.test(name))).toEqual([]);
	expect(nodes.filter(({ defaults }) => defaults.color !== undefined)).toEqual([]);
});

it('The package has its own repository, the MIT license and n8n’s keyword (no-monorepo, require-…)', () => {
	const { repository, license, keywords } = JSON.parse(textOf('package.json')) as {
		repository: Record<string, string>;
		license: string;
		keywords: string[];
	};
	expect(repository).not.toHaveProperty('directory');
	expect(license).toBe('MIT');
	expect(keywords).toContain('n8n-community-node-package');
});
