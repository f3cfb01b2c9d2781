import type { IDataObject } from 'n8n-workflow';

import { parseAndRedactBody } from '../api/responseBody';
import { type JobWithId, hasJobid, parseJob } from '../api/job';
import { isRecord } from '../api/isRecord';

/** Far more than any job record has. */
const MAX_LENGTH = 100_000;
const MAX_DEPTH = 4;

/** Tolerant, as the format of a jobid is not documented: printable, and nothing that a URL would take for its own. */
const JOBID = /^[^\s\p{C}/?#&]{1,256}$/u;

/** The fields that the API documents for a job and for its callback. */
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
	if (typeof text !== 'string' || text.length > MAX_LENGTH) return undefined;
	// A byte order mark counts as white space.
	return text.trim();
}

function recordOf(body: unknown): IDataObject | undefined {
	const read =
		isRecord(body) && !Buffer.isBuffer(body) ? body : parseAndRedactBody(textOf(body), []);
	return isRecord(read) ? read : undefined;
}

/**
 * Reads what a caller sent, parsed or as text, as a job: only documented fields, cut to a small depth. Undefined if it
 * names no job, if the id cannot be one, or if it is too large. Does not tell whether it is true.
 */
export function parseCallback(body: unknown): JobWithId | undefined {
	const record = recordOf(body);
	if (!record) return undefined;
	const named = DOCUMENTED_FIELDS.filter((name) => Object.hasOwn(record, name));
	const fields = named.map((name) => [name, narrowed(record[name], MAX_DEPTH)]);
	const job = parseJob(Object.fromEntries(fields));
	if (!hasJobid(job) || !JOBID.test(job.jobid)) return undefined;
	return JSON.stringify(job).length > MAX_LENGTH ? undefined : job;
}
