// n8n's strict lint checks every .ts file. This one checks the files that need Node's own modules, and what n8n's
// does not know of the product: which folder may import from which, and how long files may get.
import eslint from '@eslint/js';
import boundaries from 'eslint-plugin-boundaries';
import tseslint from 'typescript-eslint';

/** For each folder of nodes/Pika, the folders that it may import from besides itself. */
const MAY_IMPORT = {
	api: [],
	results: ['api'],
	jobs: ['results', 'api'],
	waiting: ['jobs', 'results', 'api'],
	trigger: ['results', 'api'],
	resources: ['waiting', 'jobs', 'results', 'api'],
};

/** @type {(most: number) => import('eslint').Linter.RuleEntry} */
const lines = (most) => ['error', { max: most }];

export default tseslint.config(
	{
		ignores: ['dist', 'node_modules', '{test,sandbox}/**/*.ts', '**/*.js', '**/*.cjs', '**/*.mjs'],
	},
	{
		files: ['nodes/**/*.ts', 'credentials/**/*.ts'],
		languageOptions: { parser: tseslint.parser },
		plugins: { boundaries },
		settings: {
			'import/resolver': { node: { extensions: ['.ts'] } },
			'boundaries/elements': Object.keys(MAY_IMPORT).map((folder) => ({
				type: folder,
				pattern: `nodes/Pika/${folder}`,
			})),
		},
		rules: {
			'boundaries/element-types': [
				'error',
				{
					default: 'disallow',
					message: '${file.type}/ must not import from ${dependency.type}/',
					rules: Object.entries(MAY_IMPORT).map(([from, others]) => ({
						from,
						allow: [from, ...others],
					})),
				},
			],
			'boundaries/no-unknown': 'error',
			'max-lines': lines(250),
		},
	},
	{ files: ['nodes/Pika/PikaTrigger.node.ts'], rules: { 'max-lines': lines(160) } },
	{ files: ['**/*.operation.ts'], rules: { 'max-lines': lines(150) } },
	{ files: ['nodes/Pika/Pika.node.ts'], rules: { 'max-lines': lines(120) } },
	{ files: ['nodes/Pika/resources/*/index.ts'], rules: { 'max-lines': lines(40) } },
	{
		files: ['nodes/Pika/trigger/*.ts', 'nodes/Pika/PikaTrigger.node.ts'],
		rules: { 'max-lines-per-function': lines(25) },
	},
	{
		files: ['**/*.mts', '**/*.cts'],
		extends: [eslint.configs.recommended, tseslint.configs.strictTypeChecked],
		languageOptions: {
			parserOptions: { project: './tsconfig.tools.json', tsconfigRootDir: import.meta.dirname },
		},
		rules: {
			'@typescript-eslint/restrict-template-expressions': ['error', { allowNumber: true }],
			// node:test awaits its own tests.
			'@typescript-eslint/no-floating-promises': [
				'error',
				{
					allowForKnownSafeCalls: [
						{ from: 'package', package: 'node:test', name: ['describe', 'it', 'suite', 'test'] },
					],
				},
			],
		},
	},
);
