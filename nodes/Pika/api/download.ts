import type { IBinaryData, IExecuteFunctions } from 'n8n-workflow';

import { parseConnectionFailure } from './connectionFailure';
import { requestWithoutToken } from './requestWithoutToken';
import { type Job } from './job';
import { sanitizeText } from './sanitizeText';
import { isRecord } from './isRecord';

export type DownloadOutcome =
	| { kind: 'video'; video: IBinaryData }
	| { kind: 'failed'; reason: string };

interface Attachment {
	url: string;
	fileName: string;
	mimeType: string;
}

const DOWNLOAD_TIMEOUT_MILLISECONDS = 300_000;
const EXPIRED = [403, 404, 410];
const MIME_TYPE = /^[\w.+-]+\/[\w.+-]+$/;

function text(value: unknown): string | undefined {
	return typeof value === 'string' && value !== '' ? value : undefined;
}

function lastPart({ pathname }: URL): string | undefined {
	const part = pathname.split('/').at(-1);
	return part?.includes('.') ? part : undefined;
}

/** The link to a job's video, `attachments[0].url` (pika-v1 section 4.1); undefined where there is none. */
export function attachmentUrl(job: Job): string | undefined {
	const first: unknown = Array.isArray(job.attachments) ? job.attachments[0] : undefined;
	return isRecord(first) ? text(first.url) : undefined;
}

function readAttachment(job: Job, baseUrl: string): Attachment | { reason: string } {
	const url = attachmentUrl(job);
	if (!url || !URL.canParse(url)) return { reason: 'the job names no link' };
	const parsed = new URL(url);
	if (parsed.protocol !== 'https:' && parsed.origin !== new URL(baseUrl).origin) {
		return {
			reason: `the link ${sanitizeText(parsed.origin)} is not safe, only https is followed`,
		};
	}
	const first: unknown = Array.isArray(job.attachments) ? job.attachments[0] : undefined;
	const { filename, content_type: type } = isRecord(first) ? first : {};
	const fileName = (text(filename) ?? lastPart(parsed) ?? `${job.jobid}.mp4`).replace(
		/[\p{C}/\\]/gu,
		'_',
	);
	const mimeType = text(type)?.split(';')[0]?.trim() ?? '';
	return { url, fileName, mimeType: MIME_TYPE.test(mimeType) ? mimeType : 'video/mp4' };
}

/**
 * Streams a job's video into n8n's binary store, without the API token: it lies with another company.
 * Never throws; a link that has expired says so.
 */
export async function downloadVideo(
	node: IExecuteFunctions,
	job: Job,
	baseUrl: string,
): Promise<DownloadOutcome> {
	const attachment = readAttachment(job, baseUrl);
	if ('reason' in attachment) return { kind: 'failed', reason: attachment.reason };
	try {
		const { statusCode, body } = await requestWithoutToken(node, {
			url: attachment.url,
			encoding: 'stream',
			timeout: DOWNLOAD_TIMEOUT_MILLISECONDS,
			abortSignal: node.getExecutionCancelSignal(),
		});
		if (statusCode !== 200) return { kind: 'failed', reason: refused(statusCode) };
		const { fileName, mimeType } = attachment;
		return {
			kind: 'video',
			video: await node.helpers.prepareBinaryData(body as never, fileName, mimeType),
		};
	} catch (error) {
		return { kind: 'failed', reason: parseConnectionFailure(error).reason };
	}
}

function refused(statusCode: number): string {
	return EXPIRED.includes(statusCode)
		? `its link has expired or was withdrawn (HTTP ${statusCode})`
		: `the server answered HTTP ${statusCode}`;
}
