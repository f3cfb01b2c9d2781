import type { ChannelWish } from './accounts.cts';
import { errorBody, FONTS, unableToLocate, type SubmissionRule } from './contract.cts';
import type { RecordedRequest } from './exchanges.cts';
import type { JobInput, SandboxJob } from './jobs.cts';

type Form = Pick<RecordedRequest, 'fields' | 'files'>;

/** The text of the 400 for a form, if it gets one: missing, too long, not a file, in the order of the documentation. */
export function refusalTextOf(rule: SubmissionRule, { fields, files }: Form): string | undefined {
	// Guess: an empty text counts as missing, and so does a file in place of a text.
	const isMissing = rule.required.some(
		(name) => !fields[name] && !(rule.files.includes(name) && files[name]),
	);
	if (isMissing) return rule.missing;
	// Guess: lengths are counted in UTF-16 units.
	const isTooLong = Object.entries(rule.longest).some(
		([name, longest]) => (fields[name] ?? '').length > longest,
	);
	if (isTooLong) return rule.tooLong;
	const textForFile = rule.files.find((name) => fields[name] && !files[name]);
	if (textForFile !== undefined) return `${textForFile} is not File or Blob`;
	// Guess: the text for an unknown font.
	if (rule.endpoint === 'encrypt_text' && fields.font && !FONTS.includes(fields.font)) {
		return `font must be one of ${FONTS.join(', ')}`;
	}
	return undefined;
}

/** The channel that a form asks for; an empty text asks for nothing. */
export function wishOf({ discord, channel, maxJobs }: Form['fields']): ChannelWish {
	const wish: ChannelWish = {};
	if (discord) wish.discord = discord;
	if (channel) wish.channel = channel;
	// Guess: a maxJobs that is not a positive whole number is ignored. No upper limit is documented here.
	const number = Number(maxJobs);
	if (/^[1-9]\d*$/.test(maxJobs ?? '') && Number.isSafeInteger(number)) wish.maxJobs = number;
	return wish;
}

/** What a new job takes from its form; the caller adds where it runs. */
export function inputOf(
	rule: SubmissionRule,
	{ fields, files }: Form,
	defaultReplyUrl: string | undefined,
): Omit<JobInput, 'discord' | 'channel' | 'maxJobs'> {
	const note = (name: string) => {
		const file = files[name];
		return file ? { [name]: { size: file.size, type: file.type } } : {};
	};
	const text = (name: string, value = fields[name]) => (value ? { [name]: value } : {});
	return {
		verb: rule.verb,
		...(rule.endpoint === 'encrypt_text' ? text('message') : {}),
		...(rule.files.includes('message') ? note('message') : {}),
		...(rule.endpoint === 'button' ? text('button') : text('prompt')),
		...(rule.endpoint === 'encrypt_text' ? text('font') : {}),
		...(rule.files.includes('image') ? note('image') : {}),
		// Guess: the default replyUrl is echoed like one that came with the request.
		...text('replyUrl', fields.replyUrl ? fields.replyUrl : defaultReplyUrl),
		...text('replyRef'),
	};
}

/** The error for a button that the parent job does not offer. Guess: statuses and texts. */
export function parentRefusal(
	parent: SandboxJob | undefined,
	{ jobid = '', button = '' }: Form['fields'],
) {
	if (!parent) return errorBody(404, unableToLocate(jobid));
	if (parent.status !== 'completed') return errorBody(400, `Job ${jobid} is not completed`);
	if (parent.buttons?.includes(button)) return undefined;
	return errorBody(400, `Button ${button} is not available for job ${jobid}`);
}
