import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Ajv2020, type ErrorObject, type ValidateFunction } from 'ajv/dist/2020.js';
import addFormats from 'ajv-formats';
import { parse } from 'yaml';
import type { RecordedRequest } from '../../sandbox/sandbox.cts';

export type Schema = Record<string, unknown>;

interface Content {
	content?: Record<string, { schema: Schema }>;
}

export interface Parameter {
	name: string;
	in: 'path' | 'query';
	required?: boolean;
	schema: Schema;
}

type Referable<T> = T | { $ref: string };

interface OperationObject {
	operationId: string;
	parameters?: Referable<Parameter>[];
	requestBody?: Content;
	responses: Record<string, Referable<Content & { 'x-guess'?: string }>>;
}

type PathItem = Partial<Record<(typeof METHODS)[number], OperationObject>> & {
	parameters?: Referable<Parameter>[];
};

interface Document {
	paths: Record<string, PathItem>;
	components: { schemas: Record<string, Schema> };
}

/** One method of one path, with the properties that the checks below need. */
export interface Operation {
	id: string;
	method: string;
	path: string;
	/** Its place in the document. */
	pointer: string;
	parameters: Parameter[];
	/** The media type of its request's body, if it takes one. */
	bodyType: string | undefined;
	/** The listed responses except `default`, and whether each is a guess. */
	statuses: { status: string; isGuess: boolean }[];
}

export interface Answer {
	status: number;
	contentType: string | null;
	/** The parsed JSON, or the text if it is not JSON. */
	body: unknown;
}

export interface Request {
	method: string;
	/** Without the query. */
	path: string;
	query: Record<string, unknown>;
	contentType?: string | undefined;
	isAuthorized: boolean;
	/** The fields of a form or of a JSON object. A file is FILE. */
	fields: Record<string, unknown>;
	/** Whether numbers in `fields` are strings, as they always are in a form. */
	hasTexts?: boolean;
}

/** Stands for a file in the fields of a form. */
export const FILE = Object.freeze({ isFile: true });

const METHODS = ['get', 'post', 'delete'] as const;
export const DOCUMENT_PATH = join(__dirname, '..', '..', 'docs', 'openapi.yaml');
/** The document; `x-guess` is its extension for what useapi.net does not document. */
export const document = parse(readFileSync(DOCUMENT_PATH, 'utf8')) as Document;

const plain = validatorOf(document, {});
/** Values of a form are strings, except for files. */
const form = validatorOf(
	{
		...document,
		components: {
			...document.components,
			schemas: { ...document.components.schemas, File: { type: 'object' } },
		},
	},
	{ coerceTypes: true },
);

export const operations: Operation[] = Object.entries(document.paths).flatMap(([path, item]) =>
	METHODS.flatMap((method) => {
		const operation = item[method];
		if (!operation) return [];
		return {
			id: operation.operationId,
			method: method.toUpperCase(),
			path,
			pointer: pointerTo('paths', path, method),
			parameters: [...(item.parameters ?? []), ...(operation.parameters ?? [])].map(
				(parameter) => resolved(parameter).value,
			),
			bodyType: Object.keys(operation.requestBody?.content ?? {})[0],
			statuses: Object.entries(operation.responses)
				.filter(([status]) => status !== 'default')
				.map(([status, response]) => ({
					status,
					isGuess: resolved(response).value['x-guess'] !== undefined,
				})),
		};
	}),
);

/** The operation of a path without its query, if the document has it. */
export function operationOf(method: string, path: string): Operation | undefined {
	return operations.find(
		(operation) => operation.method === method && parametersIn(operation, path) !== undefined,
	);
}

/** How this response violates the document; an empty list if it does not. Unlisted fields are violations too. */
export function wrongInAnswer(
	{ method, path }: Pick<Request, 'method' | 'path'>,
	{ status, contentType, body }: Answer,
	{ takesDefault = false } = {},
): string[] {
	const operation = operationOf(method, path);
	if (!operation) return wrongOutside(status, body);
	const { responses } = valueAt(operation.pointer) as OperationObject;
	const isListed = Object.hasOwn(responses, status);
	if (!isListed && !takesDefault) return [`${operation.id} lists no answer ${status}`];
	const key = isListed ? String(status) : 'default';
	const found = resolved(
		responses[key] ?? {},
		`${operation.pointer}${pointerTo('responses', key)}`,
	);
	const types = Object.keys(found.value.content ?? {});
	const type = contentType?.split(';')[0] ?? '';
	if (types.length === 0) return body === '' ? [] : [`${status} has a body`];
	if (!types.includes(type)) return [`${status} has the type ${type}`];
	return wrongAt(plain, `${found.pointer}${pointerTo('content', type, 'schema')}`, body);
}

/** How the body of a callback violates the document. */
export function wrongInCallback(body: unknown): string[] {
	const path = ['callbacks', 'JobEnded', '{$request.body#/replyUrl}', 'post', 'requestBody'];
	const pointer = pointerTo('components', ...path, 'content', 'application/json', 'schema');
	return wrongAt(plain, pointer, body);
}

/** How this request violates the document; an empty list if it does not. Unlisted fields are violations too. */
export function wrongInRequest(request: Request): string[] {
	const { method, path, query, contentType, fields, hasTexts, isAuthorized } = request;
	const operation = operationOf(method, path);
	if (!operation) return [`no operation ${method} ${path}`];
	const inPath = parametersIn(operation, path) ?? {};
	const wrong = operation.parameters.flatMap(({ name, in: place, required, schema }) => {
		const value = place === 'path' ? inPath[name] : query[name];
		if (value === undefined) return required ? [`${name} is missing`] : [];
		return errorsOf(plain.ajv.compile(rebased(schema)), value).map((text) => `${name}${text}`);
	});
	const known = operation.parameters.map(({ name }) => name);
	for (const name of Object.keys(query)) if (!known.includes(name)) wrong.push(`?${name}`);
	if (!isAuthorized) wrong.push('no token');
	const { bodyType } = operation;
	if (bodyType === undefined) return wrong;
	if (contentType?.split(';')[0] !== bodyType) return [...wrong, `the type ${contentType ?? ''}`];
	const pointer = `${operation.pointer}${pointerTo('requestBody', 'content', bodyType, 'schema')}`;
	const validator = hasTexts || bodyType === 'multipart/form-data' ? form : plain;
	return [...wrong, ...wrongAt(validator, pointer, structuredClone(fields))];
}

/** How the sandbox's recorded requests violate the document. Downloads are part of Discord, not of the API. */
export function wrongInRecords(records: readonly RecordedRequest[]): string[] {
	const asked = records.filter(({ endpoint }) => endpoint !== 'attachments');
	return asked.flatMap(({ method, path, query, headers, authorized, fields, files }) => {
		const named = Object.keys(files).map((name) => [name, FILE]);
		return wrongInRequest({
			method,
			path,
			query,
			contentType: headers['content-type'],
			isAuthorized: authorized,
			fields: { ...fields, ...(Object.fromEntries(named) as typeof fields) },
			hasTexts: true,
		}).map((text) => `${method} ${path}: ${text}`);
	});
}

/** The value at a JSON pointer. */
export function valueAt(pointer: string): unknown {
	const names = pointer.split('/').slice(1);
	return names.reduce<unknown>(
		(value, name) =>
			(value as Record<string, unknown>)[name.replaceAll('~1', '/').replaceAll('~0', '~')],
		document,
	);
}

export function pointerTo(...names: string[]): string {
	return names.map((name) => `/${name.replaceAll('~', '~0').replaceAll('/', '~1')}`).join('');
}

/** For paths that are not in the document, the sandbox uses the error format. */
function wrongOutside(status: number, body: unknown): string[] {
	if (status < 400) return [];
	return wrongAt(plain, pointerTo('components', 'schemas', 'Error'), body);
}

function parametersIn({ path }: Operation, given: string): Record<string, string> | undefined {
	const pattern = path.replaceAll(/\{(\w+)\}/g, '(?<$1>[^/]+)');
	const found = new RegExp(`^${pattern}$`).exec(given);
	return found ? { ...found.groups } : undefined;
}

function resolved<T>(value: Referable<T>, pointer = ''): { value: T; pointer: string } {
	const reference = Reflect.get(Object(value) as object, '$ref') as string | undefined;
	if (reference === undefined) return { value: value as T, pointer };
	return { value: valueAt(reference.slice(1)) as T, pointer: reference.slice(1) };
}

interface Validator {
	ajv: Ajv2020;
	compiled: Map<string, ValidateFunction>;
}

function validatorOf(content: Document, options: { coerceTypes?: boolean }): Validator {
	const ajv = new Ajv2020({ allErrors: true, strictTypes: false, ...options });
	addFormats(ajv);
	// The whole document is one schema, so that its references are found.
	ajv.addVocabulary(['x-guess', ...Object.keys(content)]);
	ajv.addFormat('binary', true);
	ajv.addSchema(content, 'openapi');
	return { ajv, compiled: new Map() };
}

function wrongAt({ ajv, compiled }: Validator, pointer: string, value: unknown): string[] {
	let validate = compiled.get(pointer);
	if (!validate) {
		validate = ajv.compile({
			$ref: `openapi#${pointer.split('/').map(encodeURIComponent).join('/')}`,
			unevaluatedProperties: false,
		});
		compiled.set(pointer, validate);
	}
	return errorsOf(validate, value);
}

function errorsOf(validate: ValidateFunction, value: unknown): string[] {
	return validate(value) ? [] : (validate.errors ?? []).map(textOf);
}

function textOf({ instancePath, message, params }: ErrorObject): string {
	return `${instancePath} ${message ?? ''} ${JSON.stringify(params)}`;
}

/** A schema outside of the document, whose references lead into it. */
function rebased({ $ref, ...rest }: Schema): Schema {
	return typeof $ref === 'string' ? { ...rest, $ref: `openapi${$ref}` } : rest;
}
