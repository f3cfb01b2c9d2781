import type { IBinaryData, IExecuteFunctions } from 'n8n-workflow';

import { parseConnectionFailure } from './connectionFailure';
import type { FullResponse } from './errorCauses';
import { isByteStream, readFirstBytes } from './firstBytes';
import { isRecord } from './isRecord';
import type { Job } from './job';
import { requestWithoutToken } from './requestWithoutToken';
import { type VideoLink, isExpired, linkProblem, readVideoLink } from './videoLink';
import { SIGNATURE_BYTES, otherContent, videoTypeOf } from './videoType';

/** Why there is no video; the advice to the user depends on it. */
export type DownloadProblem = 'noLink' | 'unsafe' | 'expired' | 'refused' | 'notVideo' | 'stopped';

/** How a download ended. Only `unreachable` may be retried. */
export type DownloadOutcome =
	| { kind: 'video'; video: IBinaryData }
	| { kind: 'failed'; problem: DownloadProblem; reason: string }
	| { kind: 'unreachable'; reason: string };

export type NoVideo = Exclude<DownloadOutcome, { kind: 'video' }>;

const MAXIMUM_REDIRECTS = 3;
const DOWNLOAD_TIMEOUT_MILLISECONDS = 300_000;
const NOT_FOUND = [403, 404, 410];
const GONE = 410;
const LATER = [408, 425, 429];

function failed(problem: DownloadProblem, reason: string): NoVideo {
	return { kind: 'failed', problem, reason };
}

/** n8n recognizes a stopped execution by the word "canceled" (docs/n8n-internals.md, "Stopping an execution"). */
const STOPPED = failed('stopped', 'the execution was canceled');

function header({ headers }: FullResponse, name: string): string {
	const value = isRecord(headers) ? headers[name] : undefined;
	return typeof value === 'string' ? value : '';
}

/** The outcome of an answer without a video, by its status and by the expiry time in its link. */
function afterStatus(statusCode: number, urls: URL[]): NoVideo {
	const answer = `HTTP ${statusCode}`;
	if (LATER.includes(statusCode) || statusCode >= 500) {
		return { kind: 'unreachable', reason: `the server answered ${answer}` };
	}
	if (!NOT_FOUND.includes(statusCode)) return failed('refused', `the server answered ${answer}`);
	const hasExpired = statusCode === GONE || urls.some((url) => isExpired(url, Date.now()));
	if (hasExpired) return failed('expired', `its link has expired (${answer})`);
	return failed('refused', `the server does not have the file, or refuses to send it (${answer})`);
}

/** Requests the link, and follows redirects that are safe. */
async function open(
	node: IExecuteFunctions,
	link: URL,
	baseUrl: string,
	abortSignal: AbortSignal,
): Promise<FullResponse | NoVideo> {
	const urls = [link];
	for (;;) {
		const url = urls.at(-1) ?? link;
		const problem = linkProblem(url, baseUrl);
		if (problem) return failed('unsafe', problem);
		const response = await requestWithoutToken(node, {
			url: url.href,
			encoding: 'stream',
			// A compressed answer would not have the announced length.
			headers: { 'Accept-Encoding': 'identity' },
			timeout: DOWNLOAD_TIMEOUT_MILLISECONDS,
			abortSignal,
		});
		const { statusCode, body } = response;
		// Without a listener, an error of this stream would end the process of n8n.
		if (isByteStream(body)) body.on('error', () => undefined);
		if (statusCode === 200) return response;
		const location = header(response, 'location');
		const isRedirect = statusCode >= 300 && statusCode < 400 && URL.canParse(location, url.href);
		if (!isRedirect || location === '') return afterStatus(statusCode, urls);
		if (urls.length > MAXIMUM_REDIRECTS) {
			return failed('refused', `its link redirects more than ${MAXIMUM_REDIRECTS} times`);
		}
		urls.push(new URL(location, url));
	}
}

/** The type of the content, or why it is not a video: by its first bytes or, if those do not tell, its declared type. */
function typeOf(bytes: Buffer, declared: string, { mimeType }: VideoLink): string | NoVideo {
	const found = videoTypeOf(bytes);
	// The job record has the most exact type.
	if (found) return found.startsWith('video/') && mimeType.startsWith('video/') ? mimeType : found;
	const other = otherContent(bytes);
	if (other) return failed('notVideo', `the server sent ${other} instead of a video`);
	const [type = ''] = declared.split(';');
	if (type.startsWith('video/')) return mimeType.startsWith('video/') ? mimeType : type.trim();
	return failed('notVideo', 'the server gave something that is not a video');
}

async function storedBytes(
	{ helpers }: IExecuteFunctions,
	{ id, data }: IBinaryData,
): Promise<number> {
	return id ? (await helpers.getBinaryMetadata(id)).fileSize : Buffer.byteLength(data, 'base64');
}

async function store(
	node: IExecuteFunctions,
	response: FullResponse,
	link: VideoLink,
): Promise<DownloadOutcome> {
	if (!isByteStream(response.body)) return failed('notVideo', 'the server gave no content');
	const { bytes, content } = await readFirstBytes(response.body, SIGNATURE_BYTES);
	const type = typeOf(bytes, header(response, 'content-type'), link);
	if (typeof type !== 'string') return type;
	const video = await node.helpers.prepareBinaryData(content, link.fileName, type);
	const stored = await storedBytes(node, video);
	const promised = Math.max(link.size, Number(header(response, 'content-length')) || 0);
	if (stored >= promised) return { kind: 'video', video };
	return { kind: 'unreachable', reason: `only ${stored} of ${promised} bytes arrived` };
}

/**
 * Streams the video of a job into n8n's binary store, without retries. The API token is not sent, because another company
 * hosts the video. Leaves no connection open, and never throws.
 */
export async function downloadVideo(
	node: IExecuteFunctions,
	job: Job,
	baseUrl: string,
): Promise<DownloadOutcome> {
	const link = readVideoLink(job);
	if (!link) return failed('noLink', 'the job names no link');
	const cancel = node.getExecutionCancelSignal();
	if (cancel?.aborted) return STOPPED;
	const time = AbortSignal.timeout(DOWNLOAD_TIMEOUT_MILLISECONDS);
	const connection = new AbortController();
	const close = () => connection.abort();
	for (const signal of [cancel, time]) signal?.addEventListener('abort', close);
	try {
		const response = await open(node, link.url, baseUrl, connection.signal);
		return 'kind' in response ? response : await store(node, response, link);
	} catch (error) {
		if (cancel?.aborted) return STOPPED;
		if (time.aborted) return { kind: 'unreachable', reason: 'it took longer than five minutes' };
		const { reason } = parseConnectionFailure(error);
		if (reason.startsWith('SsrfBlocked')) return failed('unsafe', reason);
		return { kind: 'unreachable', reason };
	} finally {
		for (const signal of [cancel, time]) signal?.removeEventListener('abort', close);
		// This does not affect a stream that was read to its end, and closes any other together with its connection.
		close();
	}
}
