import fc from 'fast-check';
import { SANDBOX_CHANNEL } from '../../../sandbox/sandbox.cts';
import { type Schema, valueAt } from '../contract.cts';

/** A file of a form. */
export interface FilePart {
	bytes: Buffer;
	type: string | undefined;
	filename: string;
}

export type Value = string | number | FilePart;

/** Stand for the IDs of jobs, which are known only when a request is sent. */
export const COMPLETED_JOB = '{completed}';
export const RUNNING_JOB = '{running}';

/** Values that the document cannot describe: they depend on what the server knows, or would lead out of this machine. */
const KNOWN: Record<string, fc.Arbitrary<Value>> = {
	jobid: fc.constant(COMPLETED_JOB),
	button: fc.constant('retry'),
	channel: fc.constant(SANDBOX_CHANNEL),
	// One account has this channel, so no other may have its token.
	replyUrl: fc.webPath().map((path) => `http://127.0.0.1:1${path}`),
};

/** What only the sandbox understands. */
const MAGIC = [
	'[moderate]',
	'[invalid]',
	'[fail]',
	'[seconds=0]',
	'[seconds=1e9]',
	'[no-callback]',
];

export interface FormSchema {
	required: string[];
	properties: Record<string, Schema>;
}

/** A schema with what it refers to. */
export function resolvedSchema({ $ref, ...rest }: Schema): Schema {
	return typeof $ref === 'string'
		? { ...resolvedSchema(valueAt($ref.slice(1)) as Schema), ...rest }
		: rest;
}

/** The object that an operation takes. */
export function formSchemaOf(pointer: string): FormSchema {
	const { required, properties } = resolvedSchema(valueAt(pointer) as Schema);
	const schemas = Object.entries(properties as Record<string, Schema>).map(
		([name, schema]) => [name, resolvedSchema(schema)] as const,
	);
	return {
		required: (required ?? []) as string[],
		properties: Object.fromEntries(schemas),
	};
}

/** Values that fit a schema. */
export function validValue(name: string, schema: Schema): fc.Arbitrary<Value> {
	if (schema.format === 'binary') return file;
	if (Array.isArray(schema.enum)) return fc.constantFrom(...(schema.enum as string[]));
	const known = KNOWN[name];
	if (known) return known;
	if (schema.type === 'integer') {
		const { minimum = 1, maximum = 2 ** 31 } = schema as { minimum?: number; maximum?: number };
		return fc.integer({ min: minimum, max: maximum });
	}
	const { maxLength = 100 } = schema as { maxLength?: number };
	const text = fc.string({ unit: 'binary', minLength: 1, maxLength: Math.min(maxLength, 50) });
	const longest = fc.constant('x'.repeat(maxLength));
	const magic = fc.constantFrom(...(name === 'prompt' ? MAGIC : ['x']));
	return fc
		.oneof({ weight: 5, arbitrary: text }, longest, magic)
		.filter((value) => value.length <= maxLength);
}

const file: fc.Arbitrary<FilePart> = fc.record({
	bytes: fc.uint8Array({ maxLength: 60 }).map((bytes) => Buffer.from(bytes)),
	type: fc.constantFrom('image/png', 'image/webp', 'application/octet-stream', undefined),
	filename: fc.constantFrom('a.png', '../a', 'ä 🌊', 'a'),
});

/** Texts longer than a schema allows. */
export function tooLong({ maxLength }: Schema): fc.Arbitrary<string> {
	const least = Number(maxLength) + 1;
	return fc
		.tuple(fc.constantFrom('x', 'ä', '🌊', ' '), fc.integer({ min: least, max: least * 3 }))
		.map(([character, length]) => character.repeat(length));
}

const HUGE = '9'.repeat(400);

/** Texts that a careless server misinterprets. */
export const oddText = fc.oneof(
	fc.string({ unit: 'binary' }),
	fc.constantFrom('', ' ', '0', '-1', '1.5', '1e400', HUGE, `-${HUGE}`, '0x10', 'NaN', '٣', '１'),
	fc.constantFrom(
		'null',
		'true',
		'{}',
		'[]',
		'[object Object]',
		'\u0000',
		'\r\n',
		'\ufeff',
		'\ud800',
	),
	fc.constantFrom('__proto__', 'constructor', 'toString', '<script>', "' OR 1=1", '${1}', '{{1}}'),
	fc.constantFrom('[seconds=' + HUGE + ']', '[seconds=0.0000001]', '../../etc/passwd', '%00'),
);

/** Names of undocumented fields. */
export const oddName = fc.oneof(
	fc.string({ maxLength: 20 }),
	fc.constantFrom('__proto__', 'constructor', 'prototype', 'toString', 'hasOwnProperty', ''),
	fc.constantFrom('code', 'status', 'x'.repeat(300), 'message[]', 'message[a]', '0', 'ä'),
);

/** JSON of all types, and numbers that JavaScript cannot represent. */
export const oddJson = fc.oneof(
	fc.json({ maxDepth: 3 }),
	oddText.map((text) => JSON.stringify(text)),
	fc.constantFrom('1e400', `-${HUGE}`, '1e-400', '0.5', '-0', 'null', '[]', '{}', 'true'),
);
