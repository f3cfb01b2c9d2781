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
	'job.getMany': { readEach: true },
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
	'video.retry.jobid',
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

describe('Pika.node.ts and PikaTrigger.node.ts', () => {
	it('Both nodes have a literal description and version 2', () => {
		const doors = nodeSources.filter(({ path }) => path.endsWith('.node.ts'));
		const wrong = doors.filter(
			(door) =>
				!members(door).some(
					({ name, kind }) => name === 'description' && kind === 'ObjectLiteralExpression',
				) || !/\bversion: 2,/.test(door.text),
		);
		expect(wrong.map(({ path }) => path)).toEqual([]);
	});

	it('Pika.node.ts has one-line members, and no branch, loop or try', () => {
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

	it('Pika offers every resource that has a table, the most used first', () => {
		const tables = indexFiles.map(({ path }) => path.split('/').at(-2));
		const offered = menuOf('resource').flatMap(choices);
		expect(offered.map(({ value }) => value).sort()).toEqual(tables.sort());
		expect(offered.map(({ name }) => name)).toEqual(['Video', 'Job', 'Account']);
	});
});

describe('operation files', () => {
	it('Every operation file is in the table of its resource under its file name', () => {
		const missing = operations.filter(
			({ resource, name, module }) => tableOf(resource)[name] !== module,
		);
		expect(missing.map(({ id }) => id)).toEqual([]);
	});

	it('The tables of the resources list nothing but operation files', () => {
		const resources = indexFiles.map(({ path }) => path.split('/').at(-2) ?? '');
		const listed = resources.flatMap((resource) =>
			Object.keys(tableOf(resource)).map((name) => `${resource}.${name}`),
		);
		expect(listed.sort()).toEqual(operations.map(({ id }) => id).sort());
	});

	it('The operations have the names that workflows store', () => {
		const unknown = operations.filter(
			({ resource, name }) => !(OPERATIONS[resource] ?? []).includes(name),
		);
		expect(unknown.map(({ path }) => path)).toEqual([]);
	});

	it('Operation files contain imports, option, private constants, fields, execute and private functions, in this order', () => {
		const order = /^(import )+export option (const )*export fields export execute (function )*$/;
		const wrong = operationFiles
			.map((file) => ({ path: file.path, order: `${outline(file).join(' ')} ` }))
			.filter((file) => !order.test(file.order));
		expect(wrong).toEqual([]);
	});

	it('Operation files export option, fields and execute, and nothing else', () => {
		const exported = operations.map(({ id, module }) => [id, Object.keys(module).sort()]);
		expect(exported).toEqual(operations.map(({ id }) => [id, ['execute', 'fields', 'option']]));
	});

	it('Operation files leave the displayOptions of their resource and operation to the table', () => {
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

	it('Operation files make no requests, do not pause, catch nothing and create no errors', () => {
		const offences = across(operationFiles, (file) => [
			...identifiers(file, /^(httpRequest\w*|requestWithAuthentication\w*|fetch)$/),
			...identifiers(file, /^(sleep\w*|pause|setTimeout)$/),
			...uses(file, 'try'),
			...constructions(file, /^Node\w*Error$/),
		]);
		expect(offences).toEqual([]);
	});

	it('Operation files name their option after the file, with an action', () => {
		const entries = operations.map(({ id, option }) => [id, option.value, Boolean(option.action)]);
		expect(entries).toEqual(operations.map(({ id, name }) => [id, name, true]));
	});

	it('Operations have exactly the fields that workflows store, with their defaults', () => {
		const found = Object.fromEntries(operations.map(({ id, fields }) => [id, defaultsOf(fields)]));
		expect(found).toEqual(Object.fromEntries(operations.map(({ id }) => [id, FIELDS[id]])));
	});

	it('Every operation has a schema of its output', () => {
		expect(
			operations
				.map(({ resource, name }) => schemaOf(resource, name))
				.filter((path) => !nodeFiles.includes(path)),
		).toEqual([]);
	});

	it('All collections are empty by default', () => {
		const collections = operations.flatMap(({ fields }) =>
			fields.filter(({ type }) => type === 'collection'),
		);
		expect(collections.map((field) => field.default)).toEqual(collections.map(() => ({})));
	});

	it('Fields of the same name share the same object', () => {
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
	it('Menus begin with the default', () => {
		const menus = menuOf('operation');
		expect(menus.map((menu) => choices(menu)[0]?.value)).toEqual(menus.map((menu) => menu.default));
		expect(menus).toHaveLength(indexFiles.length);
	});

	it('Operations are looked up without a switch', () => {
		const routers = nodeSources.filter(({ path }) => path.endsWith('/index.ts'));
		expect(across(routers, (router) => uses(router, 'switch'))).toEqual([]);
	});
});

describe('network access', () => {
	it('The token is sent in exactly one call, in api/', () => {
		const found = across(nodeSources, (file) => calls(file, /\bhttpRequestWithAuthentication\b/));
		expect(found).toEqual([expect.stringMatching(/^nodes\/Pika\/api\//)]);
	});

	it('At most one call makes requests without the token, in a file that reads no credential', () => {
		const pattern = /\bhelpers\.httpRequest(\.call)?$/;
		const files = nodeSources.filter((file) => calls(file, pattern).length > 0);
		expect(across(files, (file) => calls(file, pattern)).slice(1)).toEqual([]);
		expect(across(files, (file) => identifiers(file, /^getCredentials$/))).toEqual([]);
	});

	it('No other code accesses the network', () => {
		const others = across(sources, (file) => [
			...identifiers(file, /^(fetch|requestWithAuthentication\w*|requestOAuth\w*)$/),
			...calls(file, /\bhelpers\.request\b/),
		]);
		expect(others).toEqual([]);
	});

	it('NodeApiError is created in exactly one place', () => {
		const places = across(nodeSources, (file) => constructions(file, /^NodeApiError$/));
		expect(places).toEqual([expect.stringMatching(/^nodes\/Pika\/results\//)]);
	});

	it('Only functions named assert… throw in api/', () => {
		expect(across(layer('api'), unannouncedThrows)).toEqual([]);
	});
});

describe('time', () => {
	it('Exactly one file sleeps', () => {
		const files = nodeSources.filter((file) =>
			imports(file).some(
				({ from, names }) => from === 'n8n-workflow' && names.some((name) => /^sleep/.test(name)),
			),
		);
		expect(files.map(({ path }) => path)).toHaveLength(1);
	});

	it('No other code uses timers', () => {
		const timers = /^(setTimeout|setInterval|setImmediate)$/;
		expect(across(sources, (file) => identifiers(file, timers))).toEqual([]);
	});
});

describe('job statuses', () => {
	it('The terminal statuses are listed together only in api/job.ts', () => {
		const statuses = ['completed', 'failed', 'moderated', 'cancelled'];
		const files = nodeSources.filter((file) => {
			const texts = new Set(literals(file));
			return statuses.every((status) => texts.has(status));
		});
		expect(files.map(({ path }) => path)).toEqual([`${NODE_FOLDER}/api/job.ts`]);
	});
});

describe('layers', () => {
	it('api/ and jobs/ know no node parameters', () => {
		const below = [...layer('api'), ...layer('jobs')];
		expect(across(below, (file) => identifiers(file, /^getNodeParameter$/))).toEqual([]);
	});
});

describe('files', () => {
	it('Files are named after what they are', () => {
		const catchAll = /\/(utils?|helpers?|common|misc|GenericFunctions)(\.|\/)/i;
		expect(
			[...nodeFiles, ...filesBelow('credentials')].filter((path) => catchAll.test(path)),
		).toEqual([]);
	});

	it('Every file is used', () => {
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
	it('The code contains no any', () => {
		expect(across(sources, (file) => uses(file, 'any'))).toEqual([]);
	});

	it('The code disables no tool', () => {
		const silencing = /eslint-disable|@ts-(ignore|nocheck|expect-error)|prettier-ignore/;
		expect(across(sources, (file) => commentsThat(file, silencing))).toEqual([]);
	});

	it('The code prints nothing', () => {
		expect(across(sources, (file) => identifiers(file, /^console$/))).toEqual([]);
	});
});

describe('comments in the code', () => {
	const rooms = ['api', 'results', 'jobs', 'waiting', 'trigger'];
	const functions = rooms.flatMap(layer).flatMap(exportedFunctions);

	it('Every exported function below the operations has a doc comment', () => {
		const silent = functions.filter(({ docstring }) => docstring.length === 0);
		expect(silent.map(({ place, name }) => `${place} ${name}`)).toEqual([]);
	});

	it('Doc comments have at most four lines', () => {
		const long = functions.filter(({ docstring }) => docstring.length > 4);
		expect(long.map(({ place, name }) => `${place} ${name}`)).toEqual([]);
	});

	it('Doc comments have no types in @param or @returns', () => {
		expect(across(sources, (file) => commentsThat(file, /@(param|returns?)\b/))).toEqual([]);
	});

	it('Field lists have no comments', () => {
		expect(across(nodeSources, commentsInFields)).toEqual([]);
	});

	it('nodes/ has 3 to 13 lines of comments for each hundred lines of code', () => {
		const measured = nodeSources.map(density);
		const comments = measured.reduce((sum, file) => sum + file.comments, 0);
		const code = measured.reduce((sum, file) => sum + file.code, 0);
		expect(comments / code).toBeGreaterThanOrEqual(0.03);
		expect(comments / code).toBeLessThanOrEqual(0.13);
	});

	// A small file of types and constants with their units is not a file of bad names.
	it('No file of 40 lines or more has more than 30 lines of comments for each hundred', () => {
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
	it('The credential has exactly the fields that are stored, with their defaults', () => {
		const credential = new UseApiPikaApi();
		expect(credential.name).toBe('useApiPikaApi');
		expect(credential.displayName).toBe('useapi.net Pika API');
		expect(defaultsOf(credential.properties)).toEqual(CREDENTIAL);
	});

	it('The credential hides every token', () => {
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

	it('The package depends on nothing but n8n, as a peer of any version', () => {
		expect(manifest.dependencies ?? {}).toEqual({});
		expect(manifest.peerDependencies).toEqual({ 'n8n-workflow': '*' });
	});

	it('Only dist/ is published', () => {
		expect(manifest.files).toEqual(['dist']);
	});

	it('n8n’s strict lint is enabled', () => {
		expect(manifest.n8n.strict).toBe(true);
	});

	it('package.json lists exactly the nodes and credentials that exist', () => {
		expect([...manifest.n8n.nodes].sort()).toEqual(built('nodes', '.node.ts'));
		expect([...manifest.n8n.credentials].sort()).toEqual(built('credentials', '.credentials.ts'));
	});

	it.each(['n8n-workflow', 'n8n-core', 'form-data', 'jest', 'ts-jest', 'gulp'])(
		'%s is a devDependency and is used',
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
