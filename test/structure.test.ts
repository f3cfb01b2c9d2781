import type { INodeProperties, INodePropertyCollection, INodePropertyOptions } from 'n8n-workflow';

import { UseApiPikaApi } from '../credentials/UseApiPikaApi.credentials';
import { Pika } from '../nodes/Pika/Pika.node';
import { schemaOf } from './structure/schemas.cts';
import {
	calls,
	commentsInFields,
	commentsThat,
	constructions,
	density,
	exportedFunctions,
	filesBelow,
	identifiers,
	imports,
	literals,
	load,
	members,
	outline,
	parse,
	type Source,
	textOf,
	unannouncedThrows,
	uses,
} from './structure/source.cts';

/** The fields that operations share while a job is waited for. Workflows store the names and defaults of all fields. */
const WAITING = {
	completion: 'poll',
	waitLimit: 30,
	onUnsuccessful: 'error',
	download: true,
	outputBinaryField: 'video',
};
const RETRY_OPTIONS = {
	maxJobs: 10,
	replyUrl: '',
	replyRef: '',
	retryFor: 15,
	cancelOnStop: false,
};
const CHANNEL = { mode: 'list', value: '' };
const JOB = { mode: 'id', value: '={{ $json.jobid }}' };
const SUBMISSION = { ...WAITING, options: { ...RETRY_OPTIONS, channel: CHANNEL } };

const FIELDS: Record<string, Record<string, unknown>> = {
	'account.delete': { channel: CHANNEL },
	'account.getMany': {},
	'account.upsert': { credentialNotice: '', maxJobs: 10 },
	'job.cancel': { jobid: JOB },
	'job.get': { jobid: JOB, ...WAITING, completion: 'off' },
	'job.getMany': { readEach: false },
	'video.animate': { image: 'data', prompt: '', ...SUBMISSION },
	'video.create': { prompt: '', image: '', ...SUBMISSION },
	'video.encryptImage': { message: 'data', prompt: '', image: '', ...SUBMISSION },
	'video.encryptText': { message: '', prompt: '', font: '', image: '', ...SUBMISSION },
	'video.retry': { jobid: JOB, ...WAITING, options: RETRY_OPTIONS },
};

/** Workflows store these names. */
const OPERATIONS: Record<string, string[]> = {
	video: ['encryptImage', 'encryptText', 'create', 'animate', 'retry'],
	job: ['get', 'getMany', 'cancel'],
	account: ['getMany', 'upsert', 'delete'],
};

/** The same name with another meaning: a text instead of a file, required or not, no callback, no channel. */
const FIELDS_OF_THEIR_OWN = [
	'video.encryptText.message',
	'video.animate.image',
	'video.animate.prompt',
	'video.retry.options',
	'job.get.completion',
	'job.get.waitLimit',
	'job.get.download',
	'job.get.outputBinaryField',
	'job.get.onUnsuccessful',
];

const CREDENTIAL = {
	allowPlainHttp: false,
	withdrawnNotice: '',
	apiToken: '',
	baseUrl: 'https://api.useapi.net',
	discordToken: '',
	channel: '',
	maxJobs: 0,
	replyUrl: '',
	callbackToken: '',
};

const NODE_FOLDER = 'nodes/Pika';
const nodeFiles = filesBelow('nodes');
const nodeSources = nodeFiles.filter((path) => path.endsWith('.ts')).map((path) => parse(path));
const credentialSources = filesBelow('credentials').map((path) => parse(path));
const sources = [...nodeSources, ...credentialSources];

function layer(name: string): Source[] {
	return nodeSources.filter(({ path }) => path.startsWith(`${NODE_FOLDER}/${name}/`));
}

function nodeClass(name: string): Source[] {
	return nodeSources.filter(({ path }) => path === `${NODE_FOLDER}/${name}.node.ts`);
}

function across(where: Source[], look: (source: Source) => string[]): string[] {
	return where.flatMap(look);
}

const operationFiles = nodeSources.filter(({ path }) => path.endsWith('.operation.ts'));
const indexFiles = nodeSources.filter(({ path }) => /\/resources\/\w+\/index\.ts$/.test(path));

interface LoadedOperation {
	id: string;
	resource: string;
	name: string;
	path: string;
	option: INodePropertyOptions;
	fields: INodeProperties[];
	module: Record<string, unknown>;
}

function isOption(value: unknown): value is INodePropertyOptions {
	return typeof value === 'object' && value !== null && 'name' in value && 'value' in value;
}

function isFieldList(value: unknown): value is INodeProperties[] {
	return Array.isArray(value);
}

function loadOperation({ path }: Source): LoadedOperation {
	const [, resource = '', name = ''] = /resources\/(\w+)\/(\w+)\.operation\.ts$/.exec(path) ?? [];
	const module = load(path);
	const option = isOption(module.option) ? module.option : { name: '', value: '' };
	const fields = isFieldList(module.fields) ? module.fields : [];
	return { id: `${resource}.${name}`, resource, name, path, option, fields, module };
}

const operations = operationFiles.map(loadOperation);

function tableOf(resource: string): Record<string, unknown> {
	const { operations: table } = load(`${NODE_FOLDER}/resources/${resource}/index.ts`);
	return typeof table === 'object' && table !== null
		? Object.fromEntries(Object.entries(table))
		: {};
}

function isField(option: INodePropertyOptions | INodeProperties | INodePropertyCollection) {
	return 'type' in option && 'default' in option;
}

function fieldOptions({ options = [] }: INodeProperties): INodeProperties[] {
	return options.filter((option): option is INodeProperties => isField(option));
}

function defaultsOf(fields: INodeProperties[]): Record<string, unknown> {
	return Object.fromEntries(
		fields.map((field) => [
			field.name,
			field.type === 'collection' ? defaultsOf(fieldOptions(field)) : field.default,
		]),
	);
}

function menuOf(name: string): INodeProperties[] {
	return new Pika().description.properties.filter((property) => property.name === name);
}

function choices({ options = [] }: INodeProperties): INodePropertyOptions[] {
	return options.filter(isOption);
}

describe('the front doors', () => {
	it('hold their description as a literal, and version 2', () => {
		const doors = nodeSources.filter(({ path }) => path.endsWith('.node.ts'));
		const wrong = doors.filter(
			(door) =>
				!members(door).some(
					({ name, kind }) => name === 'description' && kind === 'ObjectLiteralExpression',
				) || !/\bversion: 2,/.test(door.text),
		);
		expect(wrong.map(({ path }) => path)).toEqual([]);
	});

	it('hold no logic: Pika.node.ts has one-line members, no branch, no loop, no try', () => {
		const long = nodeClass('Pika').flatMap((door) =>
			members(door)
				.filter(({ name, lines }) => name !== 'description' && lines > 1)
				.map(({ name }) => `${door.path}: ${name}`),
		);
		const logic = across(nodeClass('Pika'), (door) =>
			(['branch', 'loop', 'switch', 'throw', 'try'] as const).flatMap((kind) => uses(door, kind)),
		);
		expect([...long, ...logic]).toEqual([]);
	});

	it('offer every resource that has a table, the most used first', () => {
		const tables = indexFiles.map(({ path }) => path.split('/').at(-2));
		const offered = menuOf('resource').flatMap(choices);
		expect(offered.map(({ value }) => value).sort()).toEqual(tables.sort());
		expect(offered.map(({ name }) => name)).toEqual(['Video', 'Job', 'Account']);
	});
});

describe('operation files', () => {
	it('are all in the table of their resource, under their file name', () => {
		const expected = operations.map(({ id, module }) => [id, module]);
		const found = operations.map(({ id, resource, name }) => [id, tableOf(resource)[name]]);
		expect(found).toEqual(expected);
	});

	it('are everything that the tables list', () => {
		const resources = indexFiles.map(({ path }) => path.split('/').at(-2) ?? '');
		const listed = resources.flatMap((resource) =>
			Object.keys(tableOf(resource)).map((name) => `${resource}.${name}`),
		);
		expect(listed.sort()).toEqual(operations.map(({ id }) => id).sort());
	});

	it('have the names that workflows store', () => {
		const unknown = operations.filter(
			({ resource, name }) => !(OPERATIONS[resource] ?? []).includes(name),
		);
		expect(unknown.map(({ path }) => path)).toEqual([]);
	});

	it('say imports, option, private constants, fields, execute, private functions, in this order', () => {
		const order = /^(import )+export option (const )*export fields export execute (function )*$/;
		const wrong = operationFiles
			.map((file) => ({ path: file.path, order: `${outline(file).join(' ')} ` }))
			.filter((file) => !order.test(file.order));
		expect(wrong).toEqual([]);
	});

	it('export option, fields and execute, and nothing else', () => {
		const exported = operations.map(({ id, module }) => [id, Object.keys(module).sort()]);
		expect(exported).toEqual(operations.map(({ id }) => [id, ['execute', 'fields', 'option']]));
	});

	it('leave displayOptions of their own resource and operation to the table', () => {
		const shown = operations.flatMap(({ id, fields }) =>
			fields
				.filter(({ displayOptions }) => {
					const show = displayOptions?.show ?? {};
					return 'resource' in show || 'operation' in show;
				})
				.map(({ name }) => `${id}.${name}`),
		);
		expect(shown).toEqual([]);
	});

	it('make no request, do not pause, catch nothing and make no errors', () => {
		const offences = across(operationFiles, (file) => [
			...identifiers(file, /^(httpRequest\w*|requestWithAuthentication\w*|fetch)$/),
			...identifiers(file, /^(sleep\w*|pause|setTimeout)$/),
			...uses(file, 'try'),
			...constructions(file, /^Node\w*Error$/),
		]);
		expect(offences).toEqual([]);
	});

	it('name their menu entry after the file, with an action', () => {
		const entries = operations.map(({ id, option }) => [id, option.value, Boolean(option.action)]);
		expect(entries).toEqual(operations.map(({ id, name }) => [id, name, true]));
	});

	it('have exactly the fields that workflows store, with their defaults', () => {
		const found = Object.fromEntries(operations.map(({ id, fields }) => [id, defaultsOf(fields)]));
		expect(found).toEqual(Object.fromEntries(operations.map(({ id }) => [id, FIELDS[id]])));
	});

	it('each have a schema of their output', () => {
		expect(
			operations
				.map(({ resource, name }) => schemaOf(resource, name))
				.filter((path) => !nodeFiles.includes(path)),
		).toEqual([]);
	});

	it('begin with empty collections', () => {
		const collections = operations.flatMap(({ fields }) =>
			fields.filter(({ type }) => type === 'collection'),
		);
		expect(collections.map((field) => field.default)).toEqual(collections.map(() => ({})));
	});

	it('share the very same object for a field of the same name', () => {
		const shared = new Map<string, INodeProperties>();
		const different = operations.flatMap(({ id, fields }) =>
			fields
				.filter(({ name }) => !FIELDS_OF_THEIR_OWN.includes(`${id}.${name}`))
				.filter((field) => {
					const first = shared.get(field.name) ?? field;
					shared.set(field.name, first);
					return first !== field;
				})
				.map(({ name }) => `${id}.${name}`),
		);
		expect(different).toEqual([]);
	});
});

describe('resource tables', () => {
	it('give menus that begin with the default', () => {
		const menus = menuOf('operation');
		expect(menus.map((menu) => choices(menu)[0]?.value)).toEqual(menus.map((menu) => menu.default));
		expect(menus).toHaveLength(indexFiles.length);
	});

	it('are looked up without a switch', () => {
		const routers = nodeSources.filter(({ path }) => path.endsWith('/index.ts'));
		expect(across(routers, (router) => uses(router, 'switch'))).toEqual([]);
	});
});

describe('the way to the network', () => {
	it('sends the token in exactly one call, in api/', () => {
		const found = across(nodeSources, (file) => calls(file, /\bhttpRequestWithAuthentication\b/));
		expect(found).toEqual([expect.stringMatching(/^nodes\/Pika\/api\//)]);
	});

	it('makes requests without the token in at most one call, in a file that reads no credential', () => {
		const pattern = /\bhelpers\.httpRequest(\.call)?$/;
		const files = nodeSources.filter((file) => calls(file, pattern).length > 0);
		expect(across(files, (file) => calls(file, pattern)).slice(1)).toEqual([]);
		expect(across(files, (file) => identifiers(file, /^getCredentials$/))).toEqual([]);
	});

	it('has no other way', () => {
		const others = across(sources, (file) => [
			...identifiers(file, /^(fetch|requestWithAuthentication\w*|requestOAuth\w*)$/),
			...calls(file, /\bhelpers\.request\b/),
		]);
		expect(others).toEqual([]);
	});

	it('makes a NodeApiError in exactly one place', () => {
		const places = across(nodeSources, (file) => constructions(file, /^NodeApiError$/));
		expect(places).toEqual([expect.stringMatching(/^nodes\/Pika\/results\//)]);
	});

	it('throws nothing in api/, except in a function that is named assert', () => {
		expect(across(layer('api'), unannouncedThrows)).toEqual([]);
	});
});

describe('time', () => {
	it('is slept away in exactly one file', () => {
		const files = nodeSources.filter((file) =>
			imports(file).some(
				({ from, names }) => from === 'n8n-workflow' && names.some((name) => /^sleep/.test(name)),
			),
		);
		expect(files.map(({ path }) => path)).toHaveLength(1);
	});

	it('has no other timers', () => {
		const timers = /^(setTimeout|setInterval|setImmediate)$/;
		expect(across(sources, (file) => identifiers(file, timers))).toEqual([]);
	});
});

describe('the job', () => {
	it('has its terminal statuses spelled out together in api/job.ts alone', () => {
		const statuses = ['completed', 'failed', 'moderated', 'cancelled'];
		const files = nodeSources.filter((file) => {
			const texts = new Set(literals(file));
			return statuses.every((status) => texts.has(status));
		});
		expect(files.map(({ path }) => path)).toEqual([`${NODE_FOLDER}/api/job.ts`]);
	});
});

describe('the layers', () => {
	it('api/ and jobs/ know no node parameters', () => {
		const below = [...layer('api'), ...layer('jobs')];
		expect(across(below, (file) => identifiers(file, /^getNodeParameter$/))).toEqual([]);
	});
});

describe('files', () => {
	it('are named after what they are', () => {
		const catchAll = /\/(utils?|helpers?|common|misc|GenericFunctions)(\.|\/)/i;
		expect(
			[...nodeFiles, ...filesBelow('credentials')].filter((path) => catchAll.test(path)),
		).toEqual([]);
	});

	it('are each used by something', () => {
		const imported = new Set(sources.flatMap((file) => imports(file).map(({ path }) => path)));
		const texts = sources.flatMap(literals);
		const isUsed = (path: string): boolean => {
			const name = path.split('/').at(-1) ?? '';
			if (imported.has(path) || path.endsWith('.node.ts')) return true;
			if (path.endsWith('.operation.ts')) return operations.some((each) => each.path === path);
			if (path.includes('/__schema__/'))
				return operations.some(({ resource, name }) => schemaOf(resource, name) === path);
			if (name.endsWith('.node.json')) return nodeFiles.includes(path.replace(/json$/, 'ts'));
			return name.endsWith('.svg') && texts.some((text) => text.endsWith(name));
		};
		expect(nodeFiles.filter((path) => !isUsed(path))).toEqual([]);
	});
});

describe('the code', () => {
	it('has no any', () => {
		expect(across(sources, (file) => uses(file, 'any'))).toEqual([]);
	});

	it('silences no tool', () => {
		const silencing = /eslint-disable|@ts-(ignore|nocheck|expect-error)|prettier-ignore/;
		expect(across(sources, (file) => commentsThat(file, silencing))).toEqual([]);
	});

	it('prints nothing', () => {
		expect(across(sources, (file) => identifiers(file, /^console$/))).toEqual([]);
	});
});

describe('comments', () => {
	const rooms = ['api', 'results', 'jobs', 'waiting', 'trigger'];
	const functions = rooms.flatMap(layer).flatMap(exportedFunctions);

	it('say of every exported function below the operations what it promises', () => {
		const silent = functions.filter(({ docstring }) => docstring.length === 0);
		expect(silent.map(({ place, name }) => `${place} ${name}`)).toEqual([]);
	});

	it('take at most four lines for that', () => {
		const long = functions.filter(({ docstring }) => docstring.length > 4);
		expect(long.map(({ place, name }) => `${place} ${name}`)).toEqual([]);
	});

	it('repeat no type in @param or @returns', () => {
		expect(across(sources, (file) => commentsThat(file, /@(param|returns?)\b/))).toEqual([]);
	});

	it('stay out of field lists', () => {
		expect(across(nodeSources, commentsInFields)).toEqual([]);
	});

	it('take 3 to 13 lines for a hundred lines of code over nodes/', () => {
		const measured = nodeSources.map(density);
		const comments = measured.reduce((sum, file) => sum + file.comments, 0);
		const code = measured.reduce((sum, file) => sum + file.code, 0);
		expect(comments / code).toBeGreaterThanOrEqual(0.03);
		expect(comments / code).toBeLessThanOrEqual(0.13);
	});

	// A small file of types and constants with their units is not a file of bad names.
	it('take at most 30 lines for a hundred in any file of 40 lines or more', () => {
		const dense = nodeSources.flatMap((file) => {
			const { comments, code } = density(file);
			const share = comments / code;
			return share > 0.3 && code >= 40
				? [`${file.path}: ${comments}/${code} = ${share.toFixed(2)}`]
				: [];
		});
		expect(dense).toEqual([]);
	});
});

describe('the credential', () => {
	it('has exactly the fields that credentials store, with their defaults', () => {
		const credential = new UseApiPikaApi();
		expect(credential.name).toBe('useApiPikaApi');
		expect(credential.displayName).toBe('useapi.net Pika API');
		expect(defaultsOf(credential.properties)).toEqual(CREDENTIAL);
	});

	it('hides every token', () => {
		const visible = new UseApiPikaApi().properties.filter(
			({ name, typeOptions }) => /token/i.test(name) && typeOptions?.password !== true,
		);
		expect(visible).toEqual([]);
	});
});

describe('package.json', () => {
	interface Package {
		files: string[];
		dependencies?: Record<string, string>;
		devDependencies: Record<string, string>;
		peerDependencies: Record<string, string>;
		n8n: { strict: boolean; nodes: string[]; credentials: string[] };
	}
	const manifest = JSON.parse(textOf('package.json')) as Package;

	const built = (folder: string, ending: string): string[] =>
		filesBelow(folder)
			.filter((path) => path.endsWith(ending))
			.map((path) => `dist/${path.replace(/ts$/, 'js')}`);

	it('has no dependencies but n8n itself, as a peer of any version', () => {
		expect(manifest.dependencies ?? {}).toEqual({});
		expect(manifest.peerDependencies).toEqual({ 'n8n-workflow': '*' });
	});

	it('publishes dist alone', () => {
		expect(manifest.files).toEqual(['dist']);
	});

	it("keeps n8n's strict lint", () => {
		expect(manifest.n8n.strict).toBe(true);
	});

	it('lists exactly the nodes and credentials that exist', () => {
		expect([...manifest.n8n.nodes].sort()).toEqual(built('nodes', '.node.ts'));
		expect([...manifest.n8n.credentials].sort()).toEqual(built('credentials', '.credentials.ts'));
	});

	it.each(['n8n-workflow', 'n8n-core', 'form-data', 'jest', 'ts-jest', 'gulp'])(
		'has %s as a devDependency and uses it',
		(name) => {
			expect(Object.keys(manifest.devDependencies)).toContain(name);
			const paths = [...nodeFiles, ...filesBelow('test'), 'gulpfile.js', 'jest.config.cjs'];
			const isUsing = (path: string): boolean =>
				path !== 'test/structure.test.ts' &&
				(textOf(path).includes(`'${name}'`) || textOf(path).includes(`'${name}/`));
			expect(paths.filter(isUsing)).not.toEqual([]);
		},
	);
});
