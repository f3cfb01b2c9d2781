import { isRecord } from './isRecord';
import type { Job } from './job';
import { isPrivate } from './privateHost';
import { sanitizeText } from './sanitizeText';

/** The address of a video, and what its job says about it. */
export interface VideoLink {
	url: URL;
	fileName: string;
	/** According to the job; empty if it does not say. */
	mimeType: string;
	/** In bytes, according to the job; 0 if it does not say. */
	size: number;
}

const MIME_TYPE = /^[\w.+-]+\/[\w.+-]+$/;
const HEX_SECONDS = /^[0-9a-f]{1,12}$/i;
const MS_PER_SECOND = 1000;

function text(value: unknown): string | undefined {
	return typeof value === 'string' && value !== '' ? value : undefined;
}

function lastPart({ pathname }: URL): string | undefined {
	const part = pathname.split('/').at(-1);
	return part?.includes('.') ? part : undefined;
}

function firstAttachment(job: Job): Record<string, unknown> {
	const first: unknown = Array.isArray(job.attachments) ? job.attachments[0] : undefined;
	return isRecord(first) ? first : {};
}

/** The link to the video of a job, `attachments[0].url`; undefined if there is none. */
export function attachmentUrl(job: Job): string | undefined {
	return text(firstAttachment(job).url);
}

/** What a job says about its video; undefined if it has no link. */
export function readVideoLink(job: Job): VideoLink | undefined {
	const given = attachmentUrl(job);
	if (!given || !URL.canParse(given)) return undefined;
	const url = new URL(given);
	const { filename, content_type: type, size } = firstAttachment(job);
	const fileName = text(filename) ?? lastPart(url) ?? `${job.jobid}.mp4`;
	const mimeType = text(type)?.split(';')[0]?.trim() ?? '';
	return {
		url,
		fileName: fileName.replace(/[\p{C}/\\]/gu, '_'),
		mimeType: MIME_TYPE.test(mimeType) ? mimeType : '',
		size: typeof size === 'number' && Number.isFinite(size) ? size : 0,
	};
}

/** Why a link is not followed, as text; undefined if it may be. The server of the base URL is always trusted. */
export function linkProblem(url: URL, baseUrl: string): string | undefined {
	if (url.origin === new URL(baseUrl).origin) return undefined;
	const place = sanitizeText(url.origin === 'null' ? url.protocol : url.origin);
	if (url.protocol !== 'https:') return `the link ${place} is not safe, only https is followed`;
	return isPrivate(url) ? `the link ${place} leads into a private network` : undefined;
}

/** Whether a link has expired by its own account (docs/api-contract.md, "Video links"). */
export function isExpired(url: URL, now: number): boolean {
	const until = url.searchParams.get('ex') ?? '';
	return HEX_SECONDS.test(until) && parseInt(until, 16) * MS_PER_SECOND <= now;
}
