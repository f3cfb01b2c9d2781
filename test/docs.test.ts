import { UseApiPikaApi } from '../credentials/UseApiPikaApi.credentials';
import { PikaTrigger } from '../nodes/Pika/PikaTrigger.node';
import { MAGIC_WORDS } from '../sandbox/magic-words.cts';
import { type Sandbox, startSandbox } from '../sandbox/sandbox.cts';
import { BLOCKS, blockIn, withBlock } from '../scripts/docs/blocks.cts';
import { pages } from '../scripts/docs/pages.cts';
import { type Operation, operations } from '../scripts/docs/parameters.cts';
import {
	brokenLinks,
	bytesOf,
	compile,
	contentsOf,
	diagramsIn,
	exampleIn,
	headingsOf,
	intended,
	linkedFrom,
	messagesOfTheCode,
	npmScripts,
	quotedMessages,
	tableBelow,
} from './docs/document.cts';
import { runWorkflow } from './engine/harness/run.cts';
import { pikaWorkflow } from './engine/pika.cts';
import { textOf } from './structure/source.cts';

const README = 'README.md';
const INDEX = 'docs/README.md';
const MAX_BYTES = { readme: 12_000, page: 20_000 };

const all = pages();
/** Pages that everyone knows, and the one for agents. */
const UNDESCRIBED = [README, 'CHANGELOG.md', 'AGENTS.md'];
const docs = all.filter((page) => page.startsWith('docs/'));

describe('all pages', () => {
	const { scripts } = JSON.parse(textOf('package.json')) as { scripts: Record<string, string> };

	it.each(all)('%s names only commands that package.json has', (page) => {
		expect(npmScripts(page).filter((script) => !(script in scripts))).toEqual([]);
	});

	it.each(all)('All links in %s lead to existing files and headings', (page) => {
		expect(brokenLinks(page)).toEqual([]);
	});

	it.each(all)('%s is within its size limit', (page) => {
		const most = page === README ? MAX_BYTES.readme : MAX_BYTES.page;
		expect(bytesOf(page)).toBeLessThanOrEqual(most);
	});
});

describe('pages in docs/', () => {
	const described = all.filter((page) => !UNDESCRIBED.includes(page));

	it.each(described)('%s begins with whom it is for and what they can do afterwards', (page) => {
		const [, opening = ''] = textOf(page).split('\n\n');
		expect(opening).toMatch(/^This page is for .+\. After .+ you .+\./);
	});

	it.each(docs)('%s lists all its sections', (page) => {
		expect(contentsOf(page)).toEqual(headingsOf(page, 2));
	});

	it('docs/README.md links to all pages, and README.md links to it', () => {
		const elsewhere = all.filter((page) => page !== README && page !== 'AGENTS.md');
		const linked = linkedFrom(INDEX);
		expect(elsewhere.filter((page) => page !== INDEX && !linked.includes(page))).toEqual([]);
		expect(linkedFrom(README)).toContain(INDEX);
	});
});

describe('generated blocks', () => {
	const blocks = Object.entries(BLOCKS).flatMap(([page, made]) =>
		Object.entries(made).map(([name, make]): [string, string, () => string] => [page, name, make]),
	);

	it.each(blocks)(
		'The generated block of %s is up to date: %s (npm run docs)',
		(page, name, make) => {
			expect(intended(blockIn(textOf(page), name))).toEqual(intended(make()));
		},
	);

	it('A generated block is out of date after a change', () => {
		const [[page, name, make] = ['', '', () => '']] = blocks;
		const changed = withBlock(textOf(page), name, make().replace('Encrypt', 'Encode'));
		expect(intended(blockIn(changed, name))).not.toEqual(intended(make()));
	});

	it('The documentation names every operation, and every parameter of the nodes and of the credential', () => {
		const reference = textOf('docs/reference.md');
		for (const { resource, option } of operations) {
			expect(reference).toContain(`### ${resource.name}: ${option.name}\n`);
		}
		const fields = [
			...operations.flatMap((operation) => operation.fields),
			...new PikaTrigger().description.properties,
			...new UseApiPikaApi().properties,
		].filter(({ type }) => type !== 'notice' && type !== 'collection');
		const missing = fields.filter(
			({ displayName, name }) => !reference.includes(`**${displayName}** | \`${name}\``),
		);
		expect(missing.map(({ name }) => name)).toEqual([]);
	});

	it('The documentation quotes only messages from the code', () => {
		const messages = messagesOfTheCode();
		const quotes = quotedMessages('docs/messages.md');
		expect(quotes.length).toBeGreaterThan(60);
		expect(quotes.filter((quote) => !messages.some((message) => message.test(quote)))).toEqual([]);
	});
});

describe('operations in docs/reference.md', () => {
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

	it('The reference lists exactly the operations of the node, each with its endpoint', async () => {
		const expected: string[][] = [];
		for (const operation of operations) {
			const { resource, option } = operation;
			expected.push([resource.name, option.name, await endpointOf(operation)]);
		}
		const rows = tableBelow('docs/reference.md', '## Operations');
		expect(rows.map((row) => [row.Resource, row.Operation, row.Endpoint])).toEqual(expected);
	});
});

describe('README.md', () => {
	it('README.md says near the top that the service was withdrawn', () => {
		const top = textOf(README).split('\n').slice(0, 10).join('\n');
		expect(top).toContain('useapi.net has announced that it withdrew this API');
	});

	it('README.md has the expected sections in the expected order', () => {
		expect(headingsOf(README, 2)).toEqual([
			'Try it',
			'Install it in your own n8n',
			'Operations',
			'Credential',
			'Which way of waiting?',
			'Compatibility',
			'Speed',
			'Documentation',
			'License',
		]);
	});

	it('README.md embeds pictures by URLs that npm can show as well', () => {
		const pictures = [...textOf(README).matchAll(/!\[[^\]]*\]\(([^)\s]+)/g)];
		expect(pictures.filter(([, address = '']) => !address.startsWith('https://'))).toEqual([]);
	});
});

describe('other pages', () => {
	it('The operation that CONTRIBUTING.md shows compiles', () => {
		const example = exampleIn('CONTRIBUTING.md');
		expect(example).toContain('export const execute');
		// Its endpoint is made up, so the table of endpoints has no row for it.
		const withKnownEndpoint = example.replace("'lip_sync'", "'create'");
		const path = 'nodes/Pika/resources/video/example.operation.ts';
		expect(compile(path, withKnownEndpoint)).toEqual([]);
	}, 60_000);

	it('sandbox/README.md lists the magic words of the sandbox', () => {
		const page = textOf('sandbox/README.md');
		expect(MAGIC_WORDS.filter(([word]) => !page.includes(`\`${word}\``))).toEqual([]);
	});

	it('Every invariant in docs/architecture.md names a test file', () => {
		const rows = tableBelow('docs/architecture.md', '## Invariants');
		expect(rows.length).toBeGreaterThan(5);
		expect(
			rows.filter((row) => !/\]\([\w./-]+\.test\.m?ts\)/.test(row['Guarded by'] ?? '')),
		).toEqual([]);
	});

	it('The documentation names the versions of n8n that the package is tested with', () => {
		const { devDependencies } = JSON.parse(textOf('package.json')) as {
			devDependencies: Record<string, string>;
		};
		const rows = Object.fromEntries(
			tableBelow('docs/operations.md', '## Compatibility').map((row) => [row.What, row.Versions]),
		);
		const [, installed] =
			/DEFAULT_VERSION = '([\d.]+)'/.exec(textOf('scripts/n8n-install.mts')) ?? [];
		expect(rows.n8n).toContain(`Tested with ${installed} `);
		expect(textOf(README)).toContain(`Tested with ${installed} `);
		expect(rows["n8n's engine"]).toContain(`n8n-core ${devDependencies['n8n-core']} `);
	});
});

describe('diagrams', () => {
	it.each(['docs/architecture.md', 'docs/waiting.md'])(
		'%s contains Mermaid diagrams, which npm run prose parses',
		(page) => {
			expect(diagramsIn(page)).not.toEqual([]);
		},
	);
});
