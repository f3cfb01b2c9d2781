import type { IDataObject } from 'n8n-workflow';

import { parseAndRedactBody } from '../api/responseBody';
import { type JobWithId, hasJobid, isPossibleJobid, parseJob } from '../api/job';
import { isRecord } from '../api/isRecord';

/** Far more than any job record needs. */
const MAX_LENGTH = 100_000;
const MAX_DEPTH = 4;

/** The fields that a job and its callback can have (docs/api-contract.md, "Job record"). */
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
	// This also removes a byte order mark.
	return text.trim();
}

function recordOf(body: unknown): IDataObject | undefined {
	const read =
		isRecord(body) && !Buffer.isBuffer(body) ? body : parseAndRedactBody(textOf(body), []);
	return isRecord(read) ? read : undefined;
}

/**
 * Reads the body of a call, parsed or as text, as a job with only the known fields, cut off at a small depth. Undefined
 * if it is too large or has no possible job ID. Whether it is true remains open.
 */
export function parseCallback(body: unknown): JobWithId | undefined {
	const record = recordOf(body);
	if (!record) return undefined;
	const named = DOCUMENTED_FIELDS.filter((name) => Object.hasOwn(record, name));
	const fields = named.map((name) => [name, narrowed(record[name], MAX_DEPTH)]);
	const job = parseJob(Object.fromEntries(fields));
	if (!hasJobid(job) || !isPossibleJobid(job.jobid)) return undefined;
	return JSON.stringify(job).length > MAX_LENGTH ? undefined : job;
}
