import type { IDataObject } from 'n8n-workflow';

import { parseAndRedactBody } from '../api/responseBody';
import { type JobWithId, hasJobid, parseJob } from '../api/job';
import { isRecord } from '../api/isRecord';

/** Far more than any job record has. */
const MAXIMUM_CHARACTERS = 100_000;
const MAXIMUM_DEPTH = 4;

/** Tolerant, as the format of a jobid is not documented (pika-v1 section 10.9): printable, and no part of a URL. */
const JOBID = /^[^\s\p{C}/?#&]{1,256}$/u;

/** The fields of a job and its callback (pika-v1 sections 3.1, 4.1 and 7.3). */
const DOCUMENTED_FIELDS = [
	'jobid',
	'verb',
	'status',
	'created',
	'updated',
	'prompt',
	'message',
	'image',
	'font',
	'button',
	'buttons',
	'discord',
	'channel',
	'maxJobs',
	'replyUrl',
	'replyRef',
	'messageId',
	'content',
	'timestamp',
	'attachments',
	'embeds',
	'error',
	'errorDetails',
	'code',
];

const PROTOTYPE_NAMES = ['__proto__', 'constructor', 'prototype'];

function narrowed(value: unknown, depth: number): unknown {
	if (typeof value !== 'object' || value === null) return value;
	if (depth === 0) return undefined;
	if (Array.isArray(value)) return value.map((each) => narrowed(each, depth - 1) ?? null);
	const entries = Object.entries(value).filter(([name]) => !PROTOTYPE_NAMES.includes(name));
	return Object.fromEntries(entries.map(([name, each]) => [name, narrowed(each, depth - 1)]));
}

function textOf(body: unknown): string | undefined {
	const text = Buffer.isBuffer(body) ? body.toString('utf8') : body;
	if (typeof text !== 'string' || text.length > MAXIMUM_CHARACTERS) return undefined;
	// A byte order mark counts as white space.
	return text.trim();
}

function recordOf(body: unknown): IDataObject | undefined {
	const read =
		isRecord(body) && !Buffer.isBuffer(body) ? body : parseAndRedactBody(textOf(body), []);
	return isRecord(read) ? read : undefined;
}

/**
 * Reads what a caller sent, parsed or as text, as a job: documented fields alone, cut to a small depth. Undefined where
 * it names no job, where the id cannot be one, and where it is beyond measure. Says nothing of whether it is true.
 */
export function readCallback(body: unknown): JobWithId | undefined {
	const record = recordOf(body);
	if (!record) return undefined;
	const named = DOCUMENTED_FIELDS.filter((name) => Object.hasOwn(record, name));
	const fields = named.map((name) => [name, narrowed(record[name], MAXIMUM_DEPTH)]);
	const job = parseJob(Object.fromEntries(fields));
	if (!hasJobid(job) || !JOBID.test(job.jobid)) return undefined;
	return JSON.stringify(job).length > MAXIMUM_CHARACTERS ? undefined : job;
}
