import { channelFullBody, discordLimitBody } from '../../../sandbox/contract.cts';
import type { Fault } from '../../../sandbox/sandbox.cts';

type Action = Fault['do'];

const json = (status: number, error: string) => ({ status, body: { error, code: status } });

/** What can befall a submission, and the job and the callbacks that come of it. */
export const ON_SUBMIT: Record<string, Action> = {
	'429, channel full': { answer: { status: 429, body: channelFullBody(3, ['x']) } },
	'429, Discord': { answer: { status: 429, body: discordLimitBody(12) } },
	'429 before the upload has ended': { earlyAnswer: { status: 429, body: discordLimitBody(12) } },
	'422 without job': { answer: json(422, 'Sorry') },
	'400': { answer: json(400, 'prompt is missing') },
	'410 with HTML': { answer: { status: 410, body: '<h1>Gone</h1>' } },
	'500 instead': { answer: json(500, 'Oops') },
	'502 after accepting': { answerAfterAccepting: { status: 502, body: '<h1>Bad</h1>' } },
	'504 after accepting': { answerAfterAccepting: json(504, 'Timeout') },
	'broken JSON after accepting': { answerAfterAccepting: { status: 200, body: '{"jobid":' } },
	'an empty answer after accepting': { answerAfterAccepting: { status: 200, body: '' } },
	'a reset at the headers': { resetBeforeAccepting: 'headers' },
	'a reset midway': { resetBeforeAccepting: 'midway' },
	'a reset after accepting': { resetAfterAccepting: true },
	'a slow answer': { delay: 5 },
	'a job that fails': { jobEnd: 'failed' },
	'a job that is moderated': { jobEnd: 'moderated' },
	'a job that is cancelled': { jobEnd: 'cancelled' },
	'a job that is over at once': { jobSeconds: 0 },
	'a job that takes long': { jobSeconds: 0.2 },
	'a callback that is lost': { callbacks: { times: 0 } },
	'three callbacks at once': { callbacks: { times: 3 } },
	'a callback before the answer': { callbacks: { isEarly: true } },
	'callbacks for every state': { callbacks: { nonTerminal: true, times: 2 } },
};

/** What can befall a read, which may only delay. */
export const ON_READ: Record<string, Action> = {
	'503': { answer: json(503, 'Unavailable') },
	'429': { answer: json(429, 'Later') },
	'a reset': { resetAfterAccepting: true },
	HTML: { answer: { status: 200, body: '<h1>?</h1>' } },
};
