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

export interface ApiRequest {
	method: IHttpRequestMethods;
	/** Path below the base URL. Ids in it must be escaped. */
	path: string;
	query?: Record<string, string>;
	json?: Record<string, string | number>;
	multipart?: MultipartBody;
}

export interface ApiResponse {
	kind: 'answer';
	httpStatus: number;
	/** Parsed JSON, or the text where it is none. */
	body: unknown;
}

export type SendResult = ApiResponse | ConnectionFailure;

/** Makes one request and never throws: a failed connection is a reply as well. */
export type Send = (request: ApiRequest) => Promise<SendResult>;

type FileOpener = IExecuteFunctions | IWebhookFunctions;
type Requester = FileOpener | IHookFunctions | ILoadOptionsFunctions;

/** Larger pieces are read faster; those of a large image pile up in n8n's memory before it frees them (bench/). */
const CHUNK_BYTES = { small: 256 * 1024, large: 128 * 1024 };
const LARGE_FILE_BYTES = 16_000_000;

const READ_TIMEOUT_MILLISECONDS = 60_000;
const SUBMIT_TIMEOUT_MILLISECONDS = 300_000;

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
		return { kind: 'notSent', reason: `the upload could not be put together (${reason})` };
	}
}

/**
 * The package's only way to the API: one request with the credential, redirects off because they
 * would re-send the token and make n8n keep the whole upload in memory (measured.md).
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
		const options: IHttpRequestOptions = {
			method: request.method,
			url: `${settings.baseUrl}${request.path}`,
			qs: request.query,
			body: form?.body ?? request.json,
			headers: { Accept: 'application/json' },
			encoding: 'text',
			returnFullResponse: true,
			ignoreHttpStatusErrors: true,
			disableFollowRedirect: true,
			timeout: form ? SUBMIT_TIMEOUT_MILLISECONDS : readTimeoutMilliseconds,
		};
		try {
			const response: unknown = await node.helpers.httpRequestWithAuthentication.call(
				node,
				'useApiPikaApi',
				options,
			);
			const { statusCode, body } = response as { statusCode: number; body: unknown };
			return { kind: 'answer', httpStatus: statusCode, body: parseAndRedactBody(body, secrets) };
		} catch (error) {
			const fileProblem = form?.fileProblem();
			if (fileProblem) return { kind: 'notSent', reason: fileProblem };
			const failure = parseConnectionFailure(error);
			const isCutOff = failure.kind === 'broken' && form && !form.isHandedOver();
			return isCutOff ? { ...failure, kind: 'cutOff' } : failure;
		} finally {
			form?.close();
		}
	};
}

/**
 * The same node for requests that must go out after the execution was stopped: n8n hands its aborted
 * signal to every request of a node that has one (measured.md), so this one seems to have none.
 */
export function withoutCancelSignal(node: IExecuteFunctions): IExecuteFunctions {
	return new Proxy(node, {
		has: (target, key) => key !== 'getExecutionCancelSignal' && key in target,
	});
}
