import {
	changeManifest,
	filesIn,
	loadPacked,
	type Packed,
	packProject,
	scan,
	type Scan,
	sizeOf,
	textIn,
	traceOfThisMachine,
	write,
} from './package/packed.cts';
import { operations as videoOperations } from '../nodes/Pika/resources/video';
import { filesBelow } from './structure/source.cts';

// Building and packing take their time.
jest.setTimeout(300_000);

const NODE = 'nodes/Pika/api/sanitizeText';
const CREDENTIAL = 'credentials/UseApiPikaApi.credentials';

const inSource = (code: string, file = NODE): Scan => ({
	leg: 'source',
	plant: (folder) => write(folder, `${file}.ts`, code),
});
const inTarball = (code: string, file = NODE): Scan => ({
	leg: 'tarball',
	plant: (folder) => write(folder, `dist/${file}.js`, code),
});
const inManifest = (leg: Scan['leg'], fields: object): Scan => ({
	leg,
	plant: (folder) => changeManifest(folder, fields),
});

const SILENCED = '/* eslint-disable */\nconsole.log(1);\n';

/** What must not be there, by the rule that finds it. */
const VIOLATIONS: Array<[what: string, rule: string, scan: Scan]> = [
	['console.log in the source', 'no-console', inSource('console.log(1);\n')],
	['console.log in the package', 'no-console', inTarball('console.log(1);\n')],
	['console.log after eslint-disable in the source', 'no-console', inSource(SILENCED)],
	['console.log after eslint-disable in the package', 'no-console', inTarball(SILENCED)],
	[
		'process.env in the source',
		'no-restricted-globals',
		inSource('export const e = process.env;\n'),
	],
	['process.env in the package', 'no-restricted-globals', inTarball('exports.e = process.env;\n')],
	[
		'process.env in a credential',
		'no-restricted-globals',
		inSource('export const e = process.env;\n', CREDENTIAL),
	],
	['a timer in the package', 'no-restricted-globals', inTarball('setTimeout(() => {}, 1);\n')],
	['a module of Node in the source', 'no-restricted-imports', inSource("import 'node:fs';\n")],
	['a module of Node in the package', 'no-restricted-imports', inTarball("require('node:fs');\n")],
	[
		'a run-time dependency in the source',
		'no-runtime-dependencies',
		inManifest('source', { dependencies: { 'form-data': '4.0.6' } }),
	],
	[
		'a run-time dependency in the package',
		'no-runtime-dependencies',
		inManifest('tarball', { dependencies: { 'form-data': '4.0.6' } }),
	],
	[
		'a script that runs on installation',
		'no-forbidden-lifecycle-scripts',
		inManifest('tarball', { scripts: { postinstall: 'node x.js' } }),
	],
	['overrides', 'no-overrides-field', inManifest('source', { overrides: { axios: '1.0.0' } })],
	[
		'a field without a default',
		'node-param-default-missing',
		{
			leg: 'source',
			plant: (folder) =>
				write(
					folder,
					'nodes/Pika/resources/planted.ts',
					"export const field = { displayName: 'Prompt', name: 'prompt', type: 'string' };\n",
				),
		},
	],
];

describe('the packed package', () => {
	let packed: Packed;

	beforeAll(async () => {
		packed = await packProject();
	});
	afterAll(() => packed.remove());

	// Of the scanner's checks only that of the provenance needs a published release.
	it('The package and its source pass n8n’s scanner for verified packages, and a planted violation does not', async () => {
		const clean: Scan[] = [{ leg: 'source' }, { leg: 'tarball' }];
		const results = await scan(packed, [...clean, ...VIOLATIONS.map(([, , planted]) => planted)]);
		const passed = { passed: true, message: '', details: '' };
		expect(results.slice(0, 2)).toEqual([passed, passed]);
		const missed = VIOLATIONS.filter(([, rule], index) => {
			const { passed: hasPassed, details } = results[index + 2] ?? { passed: true, details: '' };
			return hasPassed || !details.includes(rule);
		});
		expect(missed.map(([what]) => what)).toEqual([]);
	});

	it('The package is small', () => {
		expect(sizeOf(packed.tarball)).toBeLessThan(100_000);
	});

	it('The package contains what the code needs and nothing else', () => {
		const sources = [...filesBelow('nodes'), ...filesBelow('credentials')];
		const built = sources.map((path) => `dist/${path.replace(/\.ts$/, '.js')}`);
		// An operation without a schema of its own gets that of Video: Create.
		const schemas = Object.keys(videoOperations).map(
			(operation) => `dist/nodes/Pika/__schema__/v2.0.0/video/${operation}.json`,
		);
		built.push(...schemas.filter((path) => !built.includes(path)));
		const always = ['LICENSE', 'README.md', 'package.json'];
		// Some versions of npm add it.
		const files = filesIn(packed).filter((path) => path !== 'CHANGELOG.md');
		expect(files).toEqual([...always, ...built].sort());
	});

	it.each(['Pika', 'PikaTrigger'])(
		'The package contains the icons and the codex file of %s',
		(name) => {
			const code = textIn(packed, `dist/nodes/Pika/${name}.node.js`);
			const icons = [...code.matchAll(/file:([\w.]+)/g)].map(
				([, icon]) => `dist/nodes/Pika/${icon}`,
			);
			expect(icons.length).toBeGreaterThan(0);
			expect(filesIn(packed)).toEqual(
				expect.arrayContaining([...icons, `dist/nodes/Pika/${name}.node.json`]),
			);
		},
	);

	it('The package does not contain the path of any folder of the build machine', () => {
		expect(filesIn(packed).filter((path) => traceOfThisMachine(packed, path))).toEqual([]);
	});

	it('Every listed node and credential loads with no other module than n8n-workflow', async () => {
		expect(await loadPacked(packed)).toEqual({
			'dist/nodes/Pika/Pika.node.js': 'pika',
			'dist/nodes/Pika/PikaTrigger.node.js': 'pikaTrigger',
			'dist/credentials/UseApiPikaApi.credentials.js': 'useApiPikaApi',
		});
	});
});
