import type { Job } from './job';
import { HIDDEN } from './responseBody';
import { attachmentUrl } from './videoLink';

/** The token of a Pika Trigger, which may be in another credential than that of the node, where it would be redacted. */
const TOKEN = /([?&]token=)[^&#]+/gi;

function withoutToken<Shown extends Job>(job: Shown): Shown {
	const { replyUrl } = job;
	if (typeof replyUrl !== 'string') return job;
	return { ...job, replyUrl: replyUrl.replace(TOKEN, `$1${HIDDEN}`) };
}

/** The job as the nodes give it: with the link to its video, if there is one, before all other fields, and no token in `replyUrl`. */
export function shownJob<Shown extends Job>(job: Shown): Shown | (Shown & { videoUrl: string }) {
	const videoUrl = attachmentUrl(job);
	const shown = withoutToken(job);
	return videoUrl && URL.canParse(videoUrl) ? { videoUrl, ...shown } : shown;
}
