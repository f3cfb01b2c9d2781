import fc from 'fast-check';
import type { IExecuteFunctions } from 'n8n-workflow';

import { stored } from '../harness/handMade.cts';
import { SIGNATURES, type ImageType, sha256 } from '../pictures.cts';

/** What the API must have received of a file. */
export interface SentFile {
	size: number;
	type: string;
	sha256: string;
}

/** A binary field of an item and the expected upload; undefined if nothing may be sent. */
export interface GivenFile {
	/** A description for the report of a failure. */
	what: string;
	make: (context: IExecuteFunctions) => unknown;
	sent: SentFile | undefined;
}

type Form = (content: Buffer, context: IExecuteFunctions) => unknown;

/** The ways in which an item can contain the bytes of a file. */
const FORMS: Record<string, Form> = {
	'stored by n8n': async (content, context) => await stored(context, content),
	base64: (content) => ({ data: content.toString('base64') }),
	'base64 in lines': (content) => ({
		data: content.toString('base64').replace(/.{60}/g, '$&\r\n'),
	}),
	'base64 of URLs': (content) => ({ data: content.toString('base64url') }),
	'a data: URI': (content) => ({ data: `data:image/png;base64,${content.toString('base64')}` }),
	'a Buffer': (content) => ({ data: content }),
	'a Buffer as JSON': (content) => ({ data: content.toJSON() }),
	'a list of bytes': (content) => ({ data: [...content] }),
};

const types = fc.constantFrom(...(Object.keys(SIGNATURES) as ImageType[]));

const images = fc
	.tuple(types, fc.uint8Array({ maxLength: 3000 }))
	.map(([type, rest]) => ({ type, content: Buffer.concat([SIGNATURES[type], rest]) }));

/** Bytes without the signature of any of the four types. */
const others = fc
	.oneof(
		fc.uint8Array({ maxLength: 300 }).map((bytes) => Buffer.from(bytes)),
		fc.string({ unit: 'grapheme' }).map((text) => Buffer.from(text)),
		// Truncated signatures identify nothing.
		types.map((type) => SIGNATURES[type].subarray(0, 2)),
		fc.constantFrom(
			Buffer.from('<!doctype html><html>'),
			Buffer.from('<svg xmlns="http://www.w3.org/2000/svg"/>'),
			Buffer.from('\0\0\0\x18ftypheic\0\0\0\0mif1heic', 'latin1'),
			Buffer.from('BM\0\0\0\0\0\0\0\0', 'latin1'),
		),
	)
	.filter((content) =>
		Object.values(SIGNATURES).every(
			(signature) => !content.subarray(0, 4).equals(signature.subarray(0, 4)),
		),
	)
	.filter((content) => content.toString('latin1', 0, 3) !== '\xff\xd8\xff');

/** The metadata of a binary, correct or not. */
const labels = fc.record(
	{
		mimeType: fc.oneof(
			fc.constantFrom('image/png', 'image/jpg', 'image/heic', 'text/html', ''),
			fc.jsonValue({ maxDepth: 1 }),
		),
		fileName: fc.oneof(
			fc.constantFrom('a.png', 'a.png ', '../a', '..', 'a"\r\nb', 'ä秘.gif', 42),
			fc.jsonValue({ maxDepth: 1 }),
		),
	},
	{ requiredKeys: [] },
);

function formed(
	content: fc.Arbitrary<{ content: Buffer; type?: ImageType }>,
): fc.Arbitrary<GivenFile> {
	return fc
		.tuple(content, labels, fc.constantFrom(...Object.keys(FORMS)))
		.map(([{ content, type }, said, form]) => ({
			what: `${type ?? 'no image'} of ${content.length} bytes as ${form}, ${JSON.stringify(said)}`,
			make: async (context) => ({
				...((await FORMS[form]?.(content, context)) as object),
				...said,
			}),
			sent: type && { size: content.length, type, sha256: sha256(content) },
		}));
}

/** Binary fields without bytes, or with unreadable ones. */
const broken: fc.Arbitrary<GivenFile> = fc
	.oneof(
		fc.jsonValue({ maxDepth: 2 }),
		fc.jsonValue({ maxDepth: 2 }).map((data) => ({ mimeType: 'image/png', data })),
		fc
			.constantFrom('filesystem-v2', 'filesystem', 's3', 'database')
			.map((data) => ({ mimeType: 'image/png', data })),
		fc
			.oneof(
				fc.constantFrom('filesystem-v2:gone', 's3:x', 'filesystem-v2', 'filesystem-v2:../../x'),
				fc.jsonValue({ maxDepth: 1 }).filter(Boolean),
			)
			.map((id) => ({ mimeType: 'image/png', data: 'filesystem-v2', id })),
	)
	.map((binary) => ({
		what: JSON.stringify(binary),
		make: () => structuredClone(binary),
		sent: undefined,
	}));

/** Files, mostly valid ones, and everything else that a binary field can hold. */
export const files: fc.Arbitrary<GivenFile> = fc.oneof(
	{ weight: 8, arbitrary: formed(images) },
	{ weight: 1, arbitrary: formed(others.map((content) => ({ content }))) },
	{ weight: 1, arbitrary: broken },
);
