import type { IDataObject, IHttpRequestMethods } from 'n8n-workflow';

/** A call of the execution's resume URL. */
export interface WebhookRequest {
	method?: IHttpRequestMethods;
	/** As n8n has parsed it: an object for JSON, a string for text. */
	body?: unknown;
	query?: Record<string, string>;
	headers?: Record<string, string>;
	/** The called URL with its signature; by default the correct one. */
	url?: string;
}

/** What a node's `webhook()` sees of a request. */
export function requestObject(request: WebhookRequest, url: URL) {
	const { method = 'POST', body, headers } = request;
	const rawBody = Buffer.from(typeof body === 'string' ? body : JSON.stringify(body ?? {}));
	const query: IDataObject = { ...Object.fromEntries(url.searchParams), ...request.query };
	return {
		method,
		url: `${url.pathname}${url.search}`,
		originalUrl: `${url.pathname}${url.search}`,
		path: url.pathname,
		headers: { 'content-type': 'application/json', host: url.host, ...headers },
		body: body ?? {},
		rawBody,
		query,
		params: {},
	};
}

/** The part of Express' response that nodes use. */
export class RecordedResponse {
	statusCode = 200;
	body: unknown;
	headersSent = false;
	readonly headers: Record<string, string> = {};

	status(code: number): this {
		this.statusCode = code;
		return this;
	}

	setHeader(name: string, value: string): this {
		this.headers[name.toLowerCase()] = value;
		return this;
	}

	writeHead(code: number, headers: Record<string, string> = {}): this {
		for (const [name, value] of Object.entries(headers)) this.setHeader(name, value);
		return this.status(code);
	}

	send(body?: unknown): this {
		this.body = body;
		return this.end();
	}

	json(body: unknown): this {
		return this.send(body);
	}

	end(body?: unknown): this {
		if (body !== undefined) this.body = body;
		this.headersSent = true;
		return this;
	}
}
