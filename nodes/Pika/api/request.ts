import type {
	IExecuteFunctions,
	IHookFunctions,
	IHttpRequestMethods,
	IHttpRequestOptions,
	ILoadOptionsFunctions,
	IWebhookFunctions,
} from 'n8n-workflow';

import { openBinary } from './binary';
import { type FilePart, type MultipartBody, type OpenForm, buildForm } from './multipart';
import { parseAndRedactBody } from './responseBody';
import { secretsOf, type Credentials } from './credentials';
import { type ConnectionFailure, parseConnectionFailure } from './connectionFailure';
import { type FullResponse, causesOf, isBeforeTls, responseIn } from './errorCauses';
import { isRecord } from './isRecord';

export interface ApiRequest {
	method: IHttpRequestMethods;
	/** Path below the base URL. IDs in it must be escaped. */
	path: string;
	query?: Record<string, string>;
	json?: Record<string, string | number>;
	multipart?: MultipartBody;
}

/** What a request is for; the advice to the user depends on it. */
export type RequestKind =
	| 'submission'
	| 'retry'
	| 'job'
	| 'runningJobs'
	| 'cancel'
	| 'accounts'
	| 'account'
	| 'replyUrl';

export interface ApiResponse {
	kind: 'answer';
	httpStatus: number;
	/** Parsed JSON, or the text if it is not JSON. */
	body: unknown;
	/** The unparsed header Retry-After. */
	retryAfter?: string;
	/** The time of the answer by the server's clock, in milliseconds since 1970; NaN if it has no date. */
	answeredAt?: number;
	/** The server and path that it redirects to. */
	redirectsTo?: string;
}

export type SendResult = ApiResponse | ConnectionFailure;

/** Makes one request, and never throws: a failed connection is a result as well. */
export type Send = (request: ApiRequest) => Promise<SendResult>;

type FileOpener = IExecuteFunctions | IWebhookFunctions;
type Requester = FileOpener | IHookFunctions | ILoadOptionsFunctions;

/**
 * Larger chunks are faster, but accumulate in n8n's memory until they are freed (bench/). Small images are uploaded many
 * at a time, large ones rarely.
 */
const CHUNK_BYTES = { small: 64 * 1024, large: 128 * 1024 };
const LARGE_FILE_BYTES = 16_000_000;

const READ_TIMEOUT_MILLISECONDS = 60_000;
const SUBMIT_TIMEOUT_MILLISECONDS = 300_000;

/**
 * With these statuses, a proxy refuses to connect to the API. Only an error gives access to the connection, which tells
 * them from answers of the API (docs/n8n-internals.md, "Status codes as errors").
 */
const PROXY_STATUSES = [407, 500, 502, 503, 504];

/** The beginning of the reason if a proxy refused to connect. */
export const REFUSING_PROXY = 'a proxy refused the connection';

function chunkBytesFor(size: number): number {
	return CHUNK_BYTES[size < LARGE_FILE_BYTES ? 'small' : 'large'];
}

function canOpenFiles(node: Requester): node is FileOpener {
	return 'getBinaryStream' in node.helpers;
}

async function openForm(
	node: Requester,
	parts: MultipartBody,
): Promise<OpenForm | ConnectionFailure> {
	if (!canOpenFiles(node)) return { kind: 'notSent', reason: 'no files can be opened here' };
	try {
		const open = async ({ binary }: FilePart) => await openBinary(node, binary, chunkBytesFor);
		const form = await buildForm(parts, open);
		return form.kind === 'form' ? form : { kind: 'notSent', reason: form.reason };
	} catch (error) {
		const { reason } = parseConnectionFailure(error);
		return { kind: 'notSent', reason: `the upload could not be built (${reason})` };
	}
}

function textIn(headers: unknown, name: string): string | undefined {
	const value = isRecord(headers) ? headers[name] : undefined;
	return typeof value === 'string' ? value : undefined;
}

/** Without the query, in which login pages receive secrets. */
function placeOf(location: string | undefined, url: string): string | undefined {
	if (location === undefined || !URL.canParse(location, url)) return undefined;
	const { origin, pathname } = new URL(location, url);
	return origin === 'null' ? undefined : `${origin}${pathname}`;
}

function readResponse(
	{ statusCode, headers, body }: FullResponse,
	url: string,
	secrets: string[],
): ApiResponse {
	const isRedirect = statusCode >= 300 && statusCode < 400;
	const location = isRedirect ? placeOf(textIn(headers, 'location'), url) : undefined;
	const place = location && parseAndRedactBody(location, secrets);
	return {
		kind: 'answer',
		httpStatus: statusCode,
		body: parseAndRedactBody(body, secrets),
		retryAfter: textIn(headers, 'retry-after'),
		answeredAt: Date.parse(textIn(headers, 'date') ?? ''),
		redirectsTo: typeof place === 'string' && place !== '' ? place : undefined,
	};
}

/** The answer that an error contains, or the reason why there is none. */
function readError(error: unknown, url: string, secrets: string[]): SendResult {
	const causes = causesOf(error);
	const response = responseIn(causes);
	if (!response) return parseConnectionFailure(error);
	if (!isBeforeTls(causes)) return readResponse(response, url, secrets);
	return { kind: 'notSent', reason: `${REFUSING_PROXY} with HTTP ${response.statusCode}` };
}

/**
 * The only function that calls the API: one request with the credential. It follows no redirects, which would send the
 * token to another server and keep the whole upload in memory (docs/n8n-internals.md, "Redirects").
 */
export function createSend(
	node: Requester,
	settings: Credentials,
	readTimeoutMilliseconds = READ_TIMEOUT_MILLISECONDS,
): Send {
	const secrets = secretsOf(settings);
	return async (request) => {
		const form = request.multipart ? await openForm(node, request.multipart) : undefined;
		if (form && form.kind !== 'form') return form;
		const url = `${settings.baseUrl}${request.path}`;
		const options: IHttpRequestOptions = {
			method: request.method,
			url,
			qs: request.query,
			body: form?.body ?? request.json,
			headers: { Accept: 'application/json' },
			encoding: 'text',
			returnFullResponse: true,
			ignoreHttpStatusErrors: { ignore: true, except: PROXY_STATUSES },
			disableFollowRedirect: true,
			timeout: form ? SUBMIT_TIMEOUT_MILLISECONDS : readTimeoutMilliseconds,
		};
		try {
			const response: unknown = await node.helpers.httpRequestWithAuthentication.call(
				node,
				'useApiPikaApi',
				options,
			);
			return readResponse(response as FullResponse, url, secrets);
		} catch (error) {
			const fileProblem = form?.fileProblem();
			if (fileProblem) return { kind: 'notSent', reason: fileProblem };
			const result = readError(error, url, secrets);
			const isAborted = result.kind === 'broken' && form && !form.isHandedOver();
			return isAborted ? { ...result, kind: 'uploadAborted' } : result;
		} finally {
			form?.close();
		}
	};
}

/**
 * The same node, for requests that must be sent after the execution was stopped: it hides the cancel signal, which n8n
 * would otherwise pass to every request (docs/n8n-internals.md, "The cancel signal of requests").
 */
export function withoutCancelSignal(node: IExecuteFunctions): IExecuteFunctions {
	return new Proxy(node, {
		has: (target, key) => key !== 'getExecutionCancelSignal' && key in target,
	});
}
