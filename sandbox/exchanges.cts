import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Changes } from './changes.cts';
import { endpointOf, type Endpoint } from './contract.cts';
import type { FaultAction } from './faults.cts';

export interface RecordedFile {
	/** Bytes. */
	size: number;
	type: string;
	filename: string;
	/** Lowercase hex; empty if a fault with `keepNothing` applied. */
	sha256: string;
}

export interface RecordedRequest {
	method: string;
	/** Without the query string. */
	path: string;
	endpoint: Endpoint;
	query: Record<string, string>;
	/** The HTTP status; 'reset' if the connection ended without a response; undefined while it is open. */
	status?: number | 'reset';
	/** Milliseconds since 1970. */
	startedAt: number;
	endedAt?: number;
	/** The text fields of a form, or the top-level values of a JSON body as text. */
	fields: Record<string, string>;
	files: Record<string, RecordedFile>;
	/** Without Authorization and Cookie. */
	headers: Record<string, string>;
	/** Whether the request had an Authorization header, valid or not. */
	authorized: boolean;
	contentLength?: number;
	transferEncoding?: string;
}

/** A request in progress: its record, and the fault that applies to it. */
export interface Exchange {
	record: RecordedRequest;
	action?: FaultAction;
	isReset: boolean;
	/** Whether the body is complete, which decides whether a fault matches. */
	isComplete: boolean;
	/** The bytes of uploaded files, if videos are rendered; undefined if a file is too large to keep. */
	files: Record<string, Buffer | undefined>;
	/** The body, if it is a JSON object. */
	json?: Record<string, unknown>;
}

const MAX_KEPT_RESPONSES = 100;
const MAX_RESPONSE_LENGTH = 10_000;

const secretHeaders = new Set(['authorization', 'cookie']);

/** Records all requests except those to the controls under /sandbox/. */
export class Exchanges {
	readonly requests: RecordedRequest[] = [];
	private readonly byRequest = new WeakMap<FastifyRequest, Exchange>();
	private readonly responses = new Map<RecordedRequest, unknown>();

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

	/** Announces that a record has changed. */
	changed(): void {
		this.changes.announce();
	}

	/** Ends the connection with a TCP reset and without a response. */
	reset(exchange: Exchange, request: FastifyRequest): void {
		exchange.isReset = true;
		exchange.record.status = 'reset';
		request.raw.socket.resetAndDestroy();
	}

	/** Keeps the bodies of the latest responses for the page. */
	keepResponse({ record }: Exchange, body: unknown): void {
		if (typeof body !== 'string') return;
		this.responses.set(record, parsedBody(body));
		const [oldest] = this.responses.keys();
		if (this.responses.size > MAX_KEPT_RESPONSES && oldest) this.responses.delete(oldest);
	}

	responseOf(record: RecordedRequest): unknown {
		return this.responses.get(record);
	}

	clear(): void {
		this.requests.length = 0;
		this.responses.clear();
	}
}

/** Parses JSON, so that secrets in it can be masked. */
function parsedBody(body: string): unknown {
	if (body.length > MAX_RESPONSE_LENGTH) return `${body.length} characters`;
	try {
		return JSON.parse(body);
	} catch {
		return body;
	}
}

/** The path as the router decodes it, so that an encoded path cannot bypass a check. */
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
