import type { ChannelRequest } from './accounts.cts';
import { errorBody, FONTS, unableToLocate, type SubmissionRule } from './contract.cts';
import type { RecordedRequest } from './exchanges.cts';
import type { JobInput, SandboxJob } from './jobs.cts';

type Form = Pick<RecordedRequest, 'fields' | 'files'>;

/** The error of an invalid form: a missing value, a long text, not a file, checked in the documented order. */
export function formErrorOf(rule: SubmissionRule, { fields, files }: Form): string | undefined {
	// Guess: an empty text counts as missing, and so does a file instead of a text.
	const isMissing = rule.required.some(
		(name) => !fields[name] && !(rule.files.includes(name) && files[name]),
	);
	if (isMissing) return rule.missing;
	// Guess: lengths are counted in UTF-16 code units.
	const isTooLong = Object.entries(rule.maxLengths).some(
		([name, maxLength]) => (fields[name] ?? '').length > maxLength,
	);
	if (isTooLong) return rule.tooLong;
	const textForFile = rule.files.find((name) => fields[name] && !files[name]);
	if (textForFile !== undefined) return `${textForFile} is not File or Blob`;
	// Guess: the error text for an unknown font.
	if (rule.endpoint === 'encrypt_text' && fields.font && !FONTS.includes(fields.font)) {
		return `font must be one of ${FONTS.join(', ')}`;
	}
	return undefined;
}

/** The channel that a form requests. An empty text counts as missing. */
export function channelRequestOf({ discord, channel, maxJobs }: Form['fields']): ChannelRequest {
	const requested: ChannelRequest = {};
	if (discord) requested.discord = discord;
	if (channel) requested.channel = channel;
	// Guess: a maxJobs that is not a positive integer is ignored. No upper limit is documented here.
	const number = Number(maxJobs);
	if (/^[1-9]\d*$/.test(maxJobs ?? '') && Number.isSafeInteger(number)) requested.maxJobs = number;
	return requested;
}

/** The values that a new job takes from its form. The caller adds the channel. */
export function inputOf(
	rule: SubmissionRule,
	{ fields, files }: Form,
	defaultReplyUrl: string | undefined,
): Omit<JobInput, 'discord' | 'channel' | 'maxJobs'> {
	const fileInfo = (name: string) => {
		const file = files[name];
		return file ? { [name]: { size: file.size, type: file.type } } : {};
	};
	const text = (name: string, value = fields[name]) => (value ? { [name]: value } : {});
	return {
		verb: rule.verb,
		...(rule.endpoint === 'encrypt_text' ? text('message') : {}),
		...(rule.files.includes('message') ? fileInfo('message') : {}),
		...(rule.endpoint === 'button' ? text('button') : text('prompt')),
		...(rule.endpoint === 'encrypt_text' ? text('font') : {}),
		...(rule.files.includes('image') ? fileInfo('image') : {}),
		// Guess: the default replyUrl is echoed like one that was sent with the request.
		...text('replyUrl', fields.replyUrl ? fields.replyUrl : defaultReplyUrl),
		...text('replyRef'),
	};
}

/** The error if the parent job does not offer this button. Guess: statuses and texts. */
export function buttonErrorOf(
	parent: SandboxJob | undefined,
	{ jobid = '', button = '' }: Form['fields'],
) {
	if (!parent) return errorBody(404, unableToLocate(jobid));
	if (parent.status !== 'completed') return errorBody(400, `Job ${jobid} is not completed`);
	if (parent.buttons?.includes(button)) return undefined;
	return errorBody(400, `Button ${button} is not available for job ${jobid}`);
}
