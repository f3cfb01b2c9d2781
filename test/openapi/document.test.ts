import { JOB_ENDPOINTS } from '../../nodes/Pika/api/endpoints';
import { FONTS, JOB_STATUSES, SUBMISSION_RULES } from '../../sandbox/contract.cts';
import { textOf } from '../structure/source.cts';
import { document, operations, type Schema, valueAt } from './contract.cts';
import { lintProblems } from './redocly.cts';

/** Every `x-guess` below a value. */
function guesses(value: unknown): unknown[] {
	if (typeof value !== 'object' || value === null) return [];
	return Object.entries(value).flatMap(([name, inner]) =>
		name === 'x-guess' ? [inner] : guesses(inner),
	);
}

interface Form {
	required: string[];
	properties: Record<string, Schema>;
}

const formOf = (endpoint: string) => {
	const place = `/paths/~1v1~1pika~1${endpoint}/post/requestBody/content/multipart~1form-data`;
	const { $ref } = valueAt(`${place}/schema`) as { $ref: string };
	return valueAt($ref.slice(1)) as Form;
};

const schemaOf = ({ $ref, ...rest }: Schema): Schema =>
	typeof $ref === 'string' ? { ...(valueAt($ref.slice(1)) as Schema), ...rest } : rest;

describe('docs/openapi.yaml', () => {
	it('Redocly reports no problem in docs/openapi.yaml', async () => {
		expect(await lintProblems()).toEqual([]);
	});

	it('docs/openapi.yaml explains each guess and what the sandbox does in a sentence', () => {
		const all = guesses(document);
		expect(all.length).toBeGreaterThan(30);
		const wrong = all.filter((text) => !/^[A-Z].+: .*\bsandbox\b.+\.$/.test(String(text)));
		expect(wrong).toEqual([]);
	});

	it('docs/openapi.yaml has the submission endpoints of the node and of the sandbox', () => {
		const paths = operations
			.filter(({ bodyType }) => bodyType === 'multipart/form-data')
			.map(({ path }) => path.replace('/v1/pika/', ''));
		expect(paths.sort()).toEqual(Object.keys(JOB_ENDPOINTS).sort());
		expect(paths).toEqual(SUBMISSION_RULES.map(({ endpoint }) => endpoint).sort());
	});

	it.each(Object.entries(JOB_ENDPOINTS))(
		'The node, the sandbox and docs/openapi.yaml have the same verb for %s',
		(endpoint, { verb }) => {
			const rule = SUBMISSION_RULES.find((each) => each.endpoint === endpoint);
			const answer = `/paths/~1v1~1pika~1${endpoint}/post/responses/200/content/application~1json`;
			const { properties } = valueAt(`${answer}/schema`) as { properties?: Schema };
			// The node and the document have only documented verbs. A guess is in the sandbox alone.
			expect(properties?.verb).toEqual(verb && { const: verb });
			expect([undefined, rule?.verb]).toContain(verb);
		},
	);

	it.each(SUBMISSION_RULES)(
		'docs/openapi.yaml has the sandbox’s rules for $endpoint',
		({ endpoint, required, files, maxLengths }) => {
			const { required: named, properties } = formOf(endpoint);
			const schemas = Object.entries(properties).map(
				([name, schema]) => [name, schemaOf(schema)] as const,
			);
			const limited = schemas.filter(([, { maxLength }]) => maxLength !== undefined);
			const binary = schemas.filter(([, { format }]) => format === 'binary');
			expect(named).toEqual(required);
			expect(binary.map(([name]) => name)).toEqual(files);
			expect(Object.fromEntries(limited.map(([name, { maxLength }]) => [name, maxLength]))).toEqual(
				maxLengths,
			);
		},
	);

	it('docs/openapi.yaml has the fonts and statuses of the sandbox', () => {
		expect(formOf('encrypt_text').properties.font?.enum).toEqual(FONTS);
		expect(document.components.schemas.JobStatus?.enum).toEqual(JOB_STATUSES);
	});
});

describe('status codes in docs/api-contract.md', () => {
	const [, section = ''] = textOf('docs/api-contract.md').split('\n## Status codes\n');
	const rows = [...section.split('\n## ')[0]!.matchAll(/^\| (.+) \|$/gm)].map(([, row = '']) =>
		row.split('|').map((cell) => cell.trim()),
	);
	const [[, ...codes] = [], , ...endpoints] = rows;
	const of: Record<string, string[]> = {
		'POST encrypt_image': ['encryptImage'],
		'The other submissions': ['encryptText', 'create', 'animate', 'button'],
		'GET jobs/?jobid': ['getJob'],
		'GET jobs': ['listRunningJobs'],
		'GET jobs/cancel': ['cancelJob'],
		'GET account': ['listAccounts'],
		'POST account/channel': ['saveAccount'],
		'DELETE account/channel': ['deleteAccount'],
	};

	it('docs/api-contract.md lists the status codes of all endpoints', () => {
		expect(endpoints.map(([name]) => name)).toEqual(Object.keys(of));
	});

	it.each(endpoints)(
		'docs/api-contract.md and docs/openapi.yaml list the same status codes for %s',
		(name = '', ...cells) => {
			const documented = codes.filter((_code, i) => cells[i] === 'yes');
			const known = operations.filter(({ id }) => of[name]?.includes(id));
			for (const { statuses } of known) {
				const listed = statuses.filter(({ isGuess }) => !isGuess).map(({ status }) => status);
				expect(listed).toEqual(documented);
			}
		},
	);
});
