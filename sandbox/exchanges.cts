import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Changes } from './changes.cts';
import { endpointOf, type Endpoint } from './contract.cts';
import type { FaultAction } from './faults.cts';

export interface RecordedFile {
	/** Bytes. */
	size: number;
	type: string;
	filename: string;
	/** Lower-case hex; empty where a fault asked to keep nothing. */
	sha256: string;
}

export interface RecordedRequest {
	method: string;
	/** Without the query. */
	path: string;
	endpoint: Endpoint;
	query: Record<string, string>;
	/** The answered status; 'reset' where the connection ended without an answer; undefined while it is open. */
	status?: number | 'reset';
	/** Milliseconds since 1970. */
	startedAt: number;
	endedAt?: number;
	/** Text fields of a form, or the top-level values of a JSON body as text. */
	fields: Record<string, string>;
	files: Record<string, RecordedFile>;
	/** Without Authorization and Cookie. */
	headers: Record<string, string>;
	/** Whether an Authorization header came with it, right or wrong. */
	authorized: boolean;
	contentLength?: number;
	transferEncoding?: string;
}

/** One request while it is served: what is recorded of it, and the fault that befalls it. */
export interface Exchange {
	record: RecordedRequest;
	action?: FaultAction;
	isReset: boolean;
	/** The body is complete, so what a fault matches in it is decided. */
	isComplete: boolean;
	/** The bytes of uploaded files, where videos are rendered from them; undefined: too large to keep. */
	files: Record<string, Buffer | undefined>;
	/** A JSON body that is an object. */
	json?: Record<string, unknown>;
}

const KEPT_ANSWERS = 100;
const LONGEST_ANSWER = 10_000;

const secretHeaders = new Set(['authorization', 'cookie']);

/** Keeps a record of every request except those to the sandbox's own controls under /sandbox/. */
export class Exchanges {
	readonly requests: RecordedRequest[] = [];
	private readonly byRequest = new WeakMap<FastifyRequest, Exchange>();
	private readonly answers = new Map<RecordedRequest, unknown>();

	constructor(private readonly changes: Changes) {}

	open(request: FastifyRequest, reply: FastifyReply): Exchange {
		const record = recordOf(request);
		const exchange: Exchange = { record, isReset: false, isComplete: false, files: {} };
		this.byRequest.set(request, exchange);
		this.requests.push(record);
		reply.raw.once('close', () => {
			if (exchange.isReset || !reply.raw.writableFinished) record.status = 'reset';
			record.endedAt = Date.now();
			this.changes.announce();
		});
		this.changes.announce();
		return exchange;
	}

	of(request: FastifyRequest): Exchange | undefined {
		return this.byRequest.get(request);
	}

	/** Tells that a record has grown. */
	changed(): void {
		this.changes.announce();
	}

	/** Ends the connection with a TCP reset and without an answer. */
	reset(exchange: Exchange, request: FastifyRequest): void {
		exchange.isReset = true;
		exchange.record.status = 'reset';
		request.raw.socket.resetAndDestroy();
	}

	/** Keeps the body of an answer, if it is a text; of the latest only, and shortened, because there are many. */
	keepAnswer({ record }: Exchange, body: unknown): void {
		if (typeof body !== 'string') return;
		this.answers.set(record, shown(body));
		const [oldest] = this.answers.keys();
		if (this.answers.size > KEPT_ANSWERS && oldest) this.answers.delete(oldest);
	}

	answerOf(record: RecordedRequest): unknown {
		return this.answers.get(record);
	}

	clear(): void {
		this.requests.length = 0;
		this.answers.clear();
	}
}

/** JSON as what it means, so that secrets in it are found. */
function shown(body: string): unknown {
	if (body.length > LONGEST_ANSWER) return `${body.length} characters`;
	try {
		return JSON.parse(body);
	} catch {
		return body;
	}
}

/** The path as the router reads it, so that another spelling of it passes no check. */
function asRouted(path: string): string {
	try {
		return decodeURI(path);
	} catch {
		return path;
	}
}

function recordOf(request: FastifyRequest): RecordedRequest {
	const [rawPath = '', ...rawQuery] = (request.raw.url ?? '/').split('?');
	const path = asRouted(rawPath);
	const headers: Record<string, string> = {};
	for (const [name, value] of Object.entries(request.headers)) {
		if (!secretHeaders.has(name) && value !== undefined) headers[name] = String(value);
	}
	const record: RecordedRequest = {
		method: request.method,
		path,
		endpoint: endpointOf(path),
		query: Object.fromEntries(new URLSearchParams(rawQuery.join('?'))),
		startedAt: Date.now(),
		fields: {},
		files: {},
		headers,
		authorized: request.headers.authorization !== undefined,
	};
	const contentLength = request.headers['content-length'];
	if (contentLength !== undefined) record.contentLength = Number(contentLength);
	const transferEncoding = request.headers['transfer-encoding'];
	if (transferEncoding !== undefined) record.transferEncoding = transferEncoding;
	return record;
}
