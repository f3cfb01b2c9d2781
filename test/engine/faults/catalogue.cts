import { channelFullBody, discordLimitBody } from '../../../sandbox/contract.cts';
import type { Fault } from '../../../sandbox/sandbox.cts';

type Action = Fault['do'];

const json = (status: number, error: string) => ({ status, body: { error, code: status } });

/** Longer than any wait in a sequence, by the fast clock; the response comes after that. */
export const HANG_MILLISECONDS = 700;

/** The faults of a submission, its job and its callbacks. */
export const ON_SUBMIT: Record<string, Action> = {
	'429, channel full': { answer: { status: 429, body: channelFullBody(3, ['x']) } },
	'429, Discord': { answer: { status: 429, body: discordLimitBody(12) } },
	'429 before the upload has ended': { earlyAnswer: { status: 429, body: discordLimitBody(12) } },
	'422 without job': { answer: json(422, 'Sorry') },
	'422 with a job': {
		jobEnd: 'moderated',
		// It ends with the response, and sends no callback.
		callbacks: { isEarly: true, times: 0 },
		answerAfterAccepting: {
			status: 422,
			body: { error: 'Sorry', jobid: '<jobid>', status: 'moderated', code: 422 },
		},
	},
	'400': { answer: json(400, 'prompt is missing') },
	'410 with HTML': { answer: { status: 410, body: '<h1>Gone</h1>' } },
	'500 instead': { answer: json(500, 'Oops') },
	'502 after accepting': { answerAfterAccepting: { status: 502, body: '<h1>Bad</h1>' } },
	'504 after accepting': { answerAfterAccepting: json(504, 'Timeout') },
	'504 that names the job': {
		answerAfterAccepting: {
			status: 504,
			body: { error: 'Query overflow', jobid: '<jobid>', code: 504 },
		},
	},
	'broken JSON after accepting': { answerAfterAccepting: { status: 200, body: '{"jobid":' } },
	'an empty answer after accepting': { answerAfterAccepting: { status: 200, body: '' } },
	'a reset at the headers': { resetBeforeAccepting: 'headers' },
	'a reset midway': { resetBeforeAccepting: 'midway' },
	'a reset after accepting': { resetAfterAccepting: true },
	'a slow answer': { delay: 5 },
	'a submission that hangs': { delay: HANG_MILLISECONDS },
	'a job that fails': { jobEnd: 'failed' },
	'a job that is moderated': { jobEnd: 'moderated' },
	'a job that is cancelled': { jobEnd: 'cancelled' },
	'a job that is over at once': { jobSeconds: 0 },
	'a job that takes long': { jobSeconds: 0.05 },
	'a job that outlasts the wait': { jobSeconds: 0.6 },
	'a callback that is lost': { callbacks: { times: 0 } },
	'three callbacks at once': { callbacks: { times: 3 } },
	'a callback before the answer': { callbacks: { isEarly: true } },
	'callbacks for every state': { callbacks: { nonTerminal: true, times: 2 } },
};

/** Faults that leave it open whether a job exists; several at a time are the hardest to distinguish. */
export const UNKNOWN = Object.keys(ON_SUBMIT).filter((name) =>
	/^(a reset|50|broken|an empty)/.test(name),
);

/** The faults of reading a job or the list, which may only cause delays. */
export const ON_READ: Record<string, Action> = {
	'503': { answer: json(503, 'Unavailable') },
	'429': { answer: json(429, 'Later') },
	'a reset': { resetAfterAccepting: true },
	HTML: { answer: { status: 200, body: '<h1>?</h1>' } },
	'a read that hangs': { delay: HANG_MILLISECONDS },
};

/** Unusable lists of running jobs, for a whole execution: the jobs are then read one by one. */
export const LISTS: Record<string, Action> = {
	'a list that is unknown': { answer: json(404, 'Not Found') },
	'a list that is an object': { answer: { status: 200, body: {} } },
	'a list that is empty': { answer: { status: 204 } },
	'a list in an object': { answer: { status: 200, body: { jobs: [] } } },
	'a list that is a page': { answer: { status: 200, body: '<h1>?</h1>' } },
	'a list that fails': { answer: json(503, 'Unavailable') },
	'a list that hangs': { delay: HANG_MILLISECONDS },
};

/** The faults of cancelling a job, after which the error names the job. */
export const ON_CANCEL: Record<string, Action> = {
	'503 instead of cancelling': { answer: json(503, 'Unavailable') },
	'a reset after cancelling': { resetAfterAccepting: true },
};

/** The faults of a download, which may only cause delays. */
export const ON_DOWNLOAD: Record<string, Action> = {
	'503 instead of the video': { answer: json(503, 'Unavailable') },
	'a reset while downloading': { resetAfterAccepting: true },
};
