import fc from 'fast-check';
import { SANDBOX_API_TOKEN } from '../../../sandbox/sandbox.cts';
import { type Operation, pointerTo } from '../contract.cts';
import type { RawRequest } from './send.cts';
import {
	type FilePart,
	type FormSchema,
	formSchemaOf,
	oddJson,
	oddName,
	oddText,
	RUNNING_JOB,
	COMPLETED_JOB,
	tooLong,
	validValue,
	type Value,
} from './values.cts';

/** Whether a request is valid or invalid by the document, or not covered by it. */
export type Verdict = 'right' | 'wrong' | 'open';

export interface Attempt extends RawRequest {
	verdict: Verdict;
	what: string;
}

/** The parts of a form, or the fields of a JSON object whose values are JSON already. */
type Fields = (readonly [name: string, value: Value])[];

interface Content {
	fields: Fields;
	verdict: Verdict;
	what: string;
}

const BOUNDARY = 'edge-of-a-part';

function ofFields(schema: FormSchema, change: (fields: Fields) => fc.Arbitrary<Fields>) {
	const { required, properties } = schema;
	const all = fc.record(
		Object.fromEntries(
			Object.entries(properties).map(([name, property]) => [name, validValue(name, property)]),
		),
		{ requiredKeys: required },
	);
	return all
		.map((values): Fields => {
			// A token without a channel is not documented.
			const isOpen = !('channel' in values) && 'channel' in properties;
			return Object.entries(values).filter(([name]) => !(isOpen && name === 'discord'));
		})
		.chain(change);
}

function without(fields: Fields, name: string): Fields {
	return fields.filter(([other]) => other !== name);
}

/** Valid fields, and each way to make them invalid or odd. */
function contents(schema: FormSchema): fc.Arbitrary<Content> {
	const { required, properties } = schema;
	const names = Object.keys(properties);
	const files = names.filter((name) => properties[name]?.format === 'binary');
	const limited = names.filter((name) => properties[name]?.maxLength !== undefined);
	const as =
		(what: string, verdict: Verdict) =>
		(fields: Fields): Content => ({ fields, verdict, what });
	const right = ofFields(schema, fc.constant).map(as('right', 'right'));
	const ways: fc.Arbitrary<Content>[] = [
		ofFields(schema, (fields) =>
			fc.tuple(fc.constantFrom(...names), oddText).map((odd) => [...without(fields, odd[0]), odd]),
		).map(as('an odd text', 'open')),
		ofFields(schema, (fields) => fc.tuple(oddName, oddText).map((odd) => [...fields, odd])).map(
			as('an unknown field', 'open'),
		),
		ofFields(schema, (fields) =>
			fc.shuffledSubarray(fields).map((again) => [...fields, ...again]),
		).map(as('fields sent twice', 'open')),
		ofFields(schema, (fields) =>
			fc
				.constantFrom(...names)
				.map((name) => [
					...without(fields, name),
					[name, { bytes: Buffer.from('x'), type: 'text/plain', filename: 'a.txt' }],
				]),
		).map(as('a file in any place', 'open')),
	];
	if (required.length > 0) {
		const missing = ofFields(schema, (fields) =>
			fc.constantFrom(...required).map((name) => without(fields, name)),
		);
		ways.push(missing.map(as('a missing value', 'wrong')));
	}
	if (limited.length > 0) {
		const long = ofFields(schema, (fields) =>
			fc
				.constantFrom(...limited)
				.chain((name) =>
					tooLong(properties[name] ?? {}).map((text) => [...without(fields, name), [name, text]]),
				),
		);
		ways.push(long.map(as('a text that is too long', 'wrong')));
	}
	if (files.length > 0) {
		const text = ofFields(schema, (fields) =>
			fc.constantFrom(...files).map((name) => [...without(fields, name), [name, 'no file']]),
		);
		ways.push(text.map(as('a text in place of a file', 'wrong')));
	}
	return fc.oneof({ weight: 2, arbitrary: right }, ...ways);
}

function isFile(value: Value): value is FilePart {
	return typeof value === 'object';
}

function partOf([name, value]: Fields[number]): Buffer {
	const type = isFile(value) && value.type ? `Content-Type: ${value.type}\r\n` : '';
	const filename = isFile(value) ? `; filename="${value.filename}"` : '';
	const quoted = name.replaceAll('"', '%22').replaceAll('\r', '%0D').replaceAll('\n', '%0A');
	return Buffer.concat([
		Buffer.from(`--${BOUNDARY}\r\n`),
		Buffer.from(`Content-Disposition: form-data; name="${quoted}"${filename}\r\n${type}\r\n`),
		isFile(value) ? value.bytes : Buffer.from(String(value)),
		Buffer.from('\r\n'),
	]);
}

const MULTIPART = `multipart/form-data; boundary=${BOUNDARY}`;

interface Body {
	contentType: string | undefined;
	body: Buffer;
	verdict: Verdict;
	what: string;
}

function formBodies(schema: FormSchema): fc.Arbitrary<Body> {
	return contents(schema).map(({ fields, ...rest }) => ({
		...rest,
		contentType: MULTIPART,
		body: Buffer.concat([...fields.map(partOf), Buffer.from(`--${BOUNDARY}--\r\n`)]),
	}));
}

function jsonBodies(schema: FormSchema): fc.Arbitrary<Body> {
	const { required, properties } = schema;
	const names = Object.keys(properties);
	const right = ofFields(schema, fc.constant);
	const text = (fields: Fields) => JSON.stringify(Object.fromEntries(fields));
	const isTooLong = required.length === 0;
	return fc
		.oneof(
			right.map((fields) => ({ text: text(fields), verdict: 'right', what: 'right' })),
			fc.tuple(right, fc.constantFrom(...names), oddJson).map(([fields, name, json]) => ({
				text: `{${[...without(fields, name).map(([key, value]) => `${JSON.stringify(key)}:${JSON.stringify(value)}`), `${JSON.stringify(name)}:${json}`].join(',')}}`,
				verdict: 'open',
				what: 'a value of any type',
			})),
			fc.tuple(right, oddName, oddJson).map(([fields, name, json]) => ({
				text: text(fields).replace(/\}$/, `,${JSON.stringify(name)}:${json}}`),
				verdict: 'open',
				what: 'an unknown field',
			})),
			oddJson.map((json) => ({ text: json, verdict: 'open', what: 'any JSON' })),
			isTooLong
				? tooLong({ maxLength: 1024 }).map((replyUrl) => ({
						text: JSON.stringify({ replyUrl }),
						verdict: 'wrong',
						what: 'a text that is too long',
					}))
				: fc.tuple(right, fc.constantFrom(...required)).map(([fields, name]) => ({
						text: text(without(fields, name)),
						verdict: 'wrong',
						what: 'a missing value',
					})),
		)
		.map(({ text: json, verdict, what }) => ({
			contentType: 'application/json',
			body: Buffer.from(json),
			verdict: verdict as Verdict,
			what,
		}));
}

const contentTypes = fc.constantFrom(
	undefined,
	'application/json',
	'application/x-www-form-urlencoded',
	'text/plain',
	'multipart/form-data',
	'multipart/form-data; boundary=another',
	'multipart/form-data; boundary=""',
	`multipart/mixed; boundary=${BOUNDARY}`,
	MULTIPART,
	';;;',
	'a',
	'application/json; charset=utf-7',
);

/** A corrupted body. */
function spoiled(bodies: fc.Arbitrary<Body>): fc.Arbitrary<Body> {
	const open = { verdict: 'open' as const };
	return fc.oneof(
		fc.tuple(bodies, contentTypes).map(([body, contentType]) => ({
			...body,
			...open,
			contentType,
			what: `${body.what}, as ${contentType ?? 'nothing'}`,
		})),
		fc.tuple(bodies, fc.double({ min: 0, max: 1, noNaN: true })).map(([body, share]) => ({
			...body,
			...open,
			body: body.body.subarray(0, Math.floor(body.body.length * share)),
			what: `${body.what}, cut off`,
		})),
		fc
			.tuple(bodies, fc.double({ min: 0, max: 1, noNaN: true }), fc.uint8Array({ maxLength: 30 }))
			.map(([body, share, bytes]) => {
				const at = Math.floor(body.body.length * share);
				const { body: all } = body;
				return {
					...body,
					...open,
					body: Buffer.concat([all.subarray(0, at), bytes, all.subarray(at)]),
					what: `${body.what}, with bytes in between`,
				};
			}),
		fc.tuple(contentTypes, fc.uint8Array({ maxLength: 200 })).map(([contentType, bytes]) => ({
			...open,
			contentType,
			body: Buffer.from(bytes),
			what: 'any bytes',
		})),
		fc
			.tuple(bodies, fc.constantFrom('\n', '\r\n\r\n', '"', ';', ':', 'Content-Type', '--'))
			.map(([body, gone]) => ({
				...body,
				...open,
				body: Buffer.from(body.body.toString('latin1').replace(gone, ''), 'latin1'),
				what: `${body.what}, without ${JSON.stringify(gone)}`,
			})),
	);
}

interface Target {
	target: string;
	verdict: Verdict;
	what: string;
}

/** For a path or a query; half a surrogate pair has no such form. */
function encoded(text: string): string {
	return encodeURIComponent(Buffer.from(text).toString());
}

/** A percent sign and two digits for some of the characters of a path mean the same. */
function escaped(path: string): fc.Arbitrary<string> {
	return fc.array(fc.boolean(), { minLength: path.length, maxLength: path.length }).map((chosen) =>
		Array.from(path)
			.map((one, i) =>
				chosen[i] && one !== '/' ? `%${one.charCodeAt(0).toString(16).toUpperCase()}` : one,
			)
			.join(''),
	);
}

const oddSegment = fc.oneof(
	fc.constantFrom('%', '%ff', '%00', '%2F', '..', '.', '%2e%2e', '*', '~', 'x'.repeat(3000)),
	fc.string({ unit: 'binary' }).map((text) => encoded(text)),
);

function targets({ path, parameters }: Operation, channel: string): fc.Arbitrary<Target> {
	const query = parameters.some((parameter) => parameter.in === 'query');
	const plain = path.replace('{channel}', channel);
	const right = plain + (query ? `?jobid=${RUNNING_JOB}` : '');
	const open = (arbitrary: fc.Arbitrary<string>, what: string): fc.Arbitrary<Target> =>
		arbitrary.map((target) => ({ target, verdict: 'open', what }));
	const odd = [
		open(escaped(plain), 'an escaped path'),
		open(
			oddSegment.map((segment) => path.replace('{channel}', '').replace(/\/?$/, `/${segment}`)),
			'an odd path',
		),
		open(
			fc.tuple(oddName, oddText).map(([name, text]) => {
				return `${plain}?${encoded(name)}=${encoded(text)}`;
			}),
			'an odd query',
		),
		open(fc.constantFrom('//', '///a', '/?', '//[', '/%', '*', '/v1', '/v1/pika//jobs'), 'no path'),
	];
	if (query) {
		odd.push(
			open(
				fc.oneof(
					oddText.map((text) => `${plain}?jobid=${encoded(text)}`),
					fc
						.constantFrom('jobid=a&jobid=b', 'jobid[]=a', 'jobid[a]=b', 'jobid=%ff', 'jobid=%')
						.map((text) => `${plain}?${text}`),
				),
				'an odd jobid',
			),
			fc.constantFrom('', '?', '?jobId=a').map(
				(end): Target => ({
					target: plain + end,
					verdict: 'wrong',
					what: 'no jobid',
				}),
			),
		);
	}
	return fc.oneof(
		{ weight: 20, arbitrary: fc.constant({ target: right, verdict: 'right' as const, what: '' }) },
		...odd,
	);
}

const RIGHT_TOKEN = `Bearer ${SANDBOX_API_TOKEN}`;
const tokens = fc.oneof(
	{ weight: 70, arbitrary: fc.constant<string | undefined>(RIGHT_TOKEN) },
	fc.constantFrom(undefined, '', 'Bearer', 'Bearer ', 'Bearer user:1-a', 'Basic dTpw', 'é'),
	fc.constantFrom(SANDBOX_API_TOKEN, `${RIGHT_TOKEN}x`, `${RIGHT_TOKEN},a`, 'x'.repeat(2000)),
);

function worst(...verdicts: Verdict[]): Verdict {
	if (verdicts.includes('wrong') && !verdicts.includes('open')) return 'wrong';
	return verdicts.every((verdict) => verdict === 'right') ? 'right' : 'open';
}

/** Requests to an operation: valid ones, invalid ones, and odd ones that the document does not cover. */
export function attempts(operation: Operation): fc.Arbitrary<Attempt> {
	const { method, bodyType, pointer } = operation;
	const schemaAt = (type: string) =>
		formSchemaOf(`${pointer}${pointerTo('requestBody', 'content', type, 'schema')}`);
	const none: Body = { contentType: undefined, body: Buffer.alloc(0), verdict: 'right', what: '' };
	let bodies: fc.Arbitrary<Body> = fc.constant(none);
	if (bodyType === 'multipart/form-data') bodies = formBodies(schemaAt(bodyType));
	else if (bodyType !== undefined) bodies = jsonBodies(schemaAt(bodyType));
	const bodiesSent =
		method === 'GET' ? bodies : fc.oneof({ weight: 3, arbitrary: bodies }, spoiled(bodies));
	const methods = fc.oneof(
		{ weight: 100, arbitrary: fc.constant(method) },
		fc.constantFrom('HEAD', 'PUT', 'PATCH', 'OPTIONS', 'DELETE', 'POST', 'TRACE', 'PROPFIND'),
	);
	return fc
		.tuple(targets(operation, '1100000000000000001'), bodiesSent, tokens, methods)
		.map(([target, body, token, used]) => {
			const isKnown = token === RIGHT_TOKEN;
			const verdict = worst(target.verdict, body.verdict, used === method ? 'right' : 'open');
			return {
				method: used,
				target: target.target,
				headers: {
					...(token === undefined ? {} : { authorization: token }),
					...(body.contentType === undefined ? {} : { 'content-type': body.contentType }),
				},
				...(used === 'GET' || used === 'HEAD' ? {} : { body: body.body }),
				// Without a token it is refused, whatever else is wrong with it. The page needs no token.
				verdict: isKnown ? verdict : target.what === 'no path' ? 'open' : 'wrong',
				what: [target.what, body.what, isKnown ? '' : 'no token', used].filter(Boolean).join('; '),
			} satisfies Attempt;
		});
}

export function needsJobs({ body, target }: Attempt): boolean {
	return [body?.toString('latin1') ?? '', target].some((text) =>
		[COMPLETED_JOB, RUNNING_JOB].some((job) => text.includes(job)),
	);
}

/** The request with the IDs of existing jobs. */
export function withJobs(attempt: Attempt, completed: string, running: string): Attempt {
	const filled = (text: string) =>
		text.replaceAll(COMPLETED_JOB, completed).replaceAll(RUNNING_JOB, running);
	const { body, target } = attempt;
	return {
		...attempt,
		target: filled(target),
		...(body && { body: Buffer.from(filled(body.toString('latin1')), 'latin1') }),
	};
}
