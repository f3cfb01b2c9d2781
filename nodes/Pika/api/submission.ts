import type { Credentials } from './credentials';
import type { JobEndpoint } from './endpoints';
import type { FilePart } from './multipart';

/** What to submit, as plain data that survives a wait. It never contains a secret. */
export interface Submission {
	endpoint: JobEndpoint;
	/** Text fields by the names of the API. An empty one takes the default of the credential, or is not sent. */
	fields: Record<string, string>;
	files: Record<string, FilePart>;
	/** The channel chosen in the node; empty for that of the credential; undefined if the parent job determines it. */
	channel?: string;
}

type Defaults = Pick<Credentials, 'channel' | 'maxJobs' | 'replyUrl'>;

/** The channel whose slots a submission uses with these credentials; empty if useapi.net selects one. */
export function channelOf({ channel }: Submission, credentials: Pick<Defaults, 'channel'>): string {
	return channel === undefined ? '' : channel || (credentials.channel ?? '');
}

/** The channel whose slot a submission takes, and how many jobs it may have there; empty if useapi.net decides. */
export interface SlotRequest {
	channel: string;
	maxJobs: string;
}

/** The slot that a submission takes with these credentials. */
export function slotRequestOf(
	submission: Submission,
	credentials: Pick<Defaults, 'channel' | 'maxJobs'>,
): SlotRequest {
	return {
		channel: channelOf(submission, credentials),
		maxJobs: submission.fields.maxJobs || (credentials.maxJobs?.toString() ?? ''),
	};
}

/**
 * The text fields to send with these credentials, without the Discord token. The credentials may have changed while the
 * submission waited for a slot.
 */
export function sentFields(submission: Submission, credentials: Defaults): Record<string, string> {
	const { fields } = submission;
	const complete = {
		...fields,
		...slotRequestOf(submission, credentials),
		replyUrl: fields.replyUrl || (credentials.replyUrl ?? ''),
	};
	return Object.fromEntries(Object.entries(complete).filter(([, value]) => value !== ''));
}

/** Whether to send the Discord token of the credential: only with the channel of the credential. */
export function takesDiscordToken(
	submission: Submission,
	credentials: Pick<Defaults, 'channel'>,
): boolean {
	const channel = channelOf(submission, credentials);
	return channel !== '' && channel === credentials.channel;
}
