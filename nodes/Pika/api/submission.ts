import type { Credentials } from './credentials';
import type { FilePart } from './multipart';

/** The endpoints below /v1/pika/ that start a job. */
export type JobEndpoint = 'encrypt_image' | 'encrypt_text' | 'create' | 'animate' | 'button';

/** What to submit, as plain data that survives a wait. No secret is ever part of it. */
export interface Submission {
	endpoint: JobEndpoint;
	/** Text fields under the API's names; an empty one is not sent, or takes the credential's default. */
	fields: Record<string, string>;
	files: Record<string, FilePart>;
	/** The channel chosen in the node, empty for the credential's own; undefined if the API takes the parent job's. */
	channel?: string;
}

type Defaults = Pick<Credentials, 'channel' | 'maxJobs' | 'replyUrl'>;

/** The channel whose slots a submission takes with these credentials; empty if useapi.net picks one. */
export function channelOf({ channel }: Submission, credentials: Pick<Defaults, 'channel'>): string {
	return channel === undefined ? '' : channel || (credentials.channel ?? '');
}

/**
 * The text fields that are sent with the credentials as they are now, without the Discord token: a submission can wait
 * for a slot while somebody edits them.
 */
export function sentFields(submission: Submission, credentials: Defaults): Record<string, string> {
	const { fields } = submission;
	const complete = {
		...fields,
		channel: channelOf(submission, credentials),
		maxJobs: fields.maxJobs || (credentials.maxJobs?.toString() ?? ''),
		replyUrl: fields.replyUrl || (credentials.replyUrl ?? ''),
	};
	return Object.fromEntries(Object.entries(complete).filter(([, value]) => value !== ''));
}

/** Whether the credential's Discord token goes with it: only to the credential's own channel. */
export function takesDiscordToken(
	submission: Submission,
	credentials: Pick<Defaults, 'channel'>,
): boolean {
	const channel = channelOf(submission, credentials);
	return channel !== '' && channel === credentials.channel;
}
