import fc from 'fast-check';

import type { Behaviour } from './hostileApi.cts';

/** Secrets that must never be shown; responses contain them everywhere. */
export const SECRETS = {
	apiToken: 'user:1000-echoed-api-token',
	discordToken: 'echoed.discord-token',
	callbackToken: 'echoed callback token',
};

/** What the API might echo; a callback token is one only in a URL. */
const ECHOED = [
	SECRETS.apiToken,
	`Bearer ${SECRETS.apiToken}`,
	SECRETS.discordToken,
	encodeURIComponent(SECRETS.apiToken),
	`https://n8n.example.com/hook?token=${encodeURIComponent(SECRETS.callbackToken)}`,
];

/** The job that reads and changes request. */
export const ASKED_JOB = 'job-asked';

const STATUSES = [200, 201, 202, 204, 206, 301, 302, 304, 307, 400, 401, 402, 403, 404, 405, 407];
const LATER_STATUSES = [408, 409, 410, 413, 418, 422, 425, 429, 451, 500, 501, 502, 503, 504, 599];
const JOB_STATUSES = ['created', 'started', 'progress', 'completed', 'failed', 'moderated'];

const text = fc.oneof(
	fc.string({ maxLength: 30 }),
	fc.string({ unit: 'grapheme', maxLength: 30 }),
	fc.constantFrom(...ECHOED, '<h1>Bad</h1>', '\u0000\u001b[31m', '__proto__', 'constructor'),
);

const anything = fc.oneof(
	{ maxDepth: 2 },
	text,
	fc.jsonValue({ maxDepth: 3 }),
	fc.constantFrom(null, true, false, 0, -1, Number.MAX_VALUE, 2 ** 60, [], {}),
);

function or<Value>(usual: fc.Arbitrary<Value>): fc.Arbitrary<unknown> {
	return fc.oneof({ weight: 4, arbitrary: usual }, { weight: 1, arbitrary: anything });
}

/** A record with the documented fields, each of the documented type or of any other. */
const record = fc.record(
	{
		jobid: or(fc.constantFrom(ASKED_JOB, ASKED_JOB, 'job-other', '')),
		status: or(fc.constantFrom(...JOB_STATUSES, 'cancelled', 'COMPLETED', '')),
		code: or(fc.constantFrom(...STATUSES, ...LATER_STATUSES, '429', '500')),
		error: or(text),
		errorDetails: or(fc.constantFrom('{"retry_after":12}', '{"message":"Slow"}', '[]', 'x')),
		executingJobs: or(fc.constant(['a', 'b'])),
		retry_after: or(fc.integer({ min: -1, max: 90 })),
		replyRef: or(text),
		prompt: or(text),
		attachments: or(
			fc.constantFrom([{ url: 'https://10.0.0.1/a.mp4' }], [{ url: 'x' }], [{}], [null], [[]]),
		),
		discord: or(fc.constantFrom(...ECHOED)),
		maxJobs: or(fc.integer({ min: -2, max: 12 })),
		replyUrl: or(fc.constantFrom(...ECHOED)),
		message: anything,
	},
	{ requiredKeys: [], noNullPrototype: true },
);

const json = fc.oneof(
	{ weight: 5, arbitrary: record },
	{
		weight: 1,
		arbitrary: fc.array(or(fc.constantFrom(ASKED_JOB, 'job-1', 'job-2')), { maxLength: 4 }),
	},
	{ weight: 1, arbitrary: fc.dictionary(text, record, { maxKeys: 3 }) },
	{ weight: 1, arbitrary: anything },
);

const body = fc.oneof(
	{ weight: 6, arbitrary: json.map((value) => JSON.stringify(value)) },
	{
		weight: 1,
		arbitrary: fc.constantFrom('', ' \n', '{"jobid":', 'null', '<html><h1>Log in</h1>'),
	},
	{ weight: 1, arbitrary: text },
	{ weight: 1, arbitrary: fc.constant(`${'['.repeat(5000)}${']'.repeat(5000)}`) },
);

const headers = fc.record(
	{
		'content-type': fc.constantFrom('application/json', 'text/html', 'text/plain; charset=x', 'x'),
		'retry-after': fc.constantFrom('5', '40', '-3', 'soon', 'Wed, 21 Oct 2099 07:28:00 GMT', '1e9'),
		location: fc.constantFrom('/x', 'https://login.example.com/?t=1', 'https://[', `/${ECHOED[3]}`),
		date: fc.constantFrom('Wed, 21 Oct 2015 07:28:00 GMT', 'yesterday'),
		'content-encoding': fc.constantFrom('identity', 'gzip', 'x-unknown'),
		'set-cookie': fc.constant('a=b'),
	},
	{ requiredKeys: [] },
);

const answer: fc.Arbitrary<Behaviour> = fc.record({
	kind: fc.constant('answer' as const),
	status: fc.oneof(
		{ weight: 3, arbitrary: fc.constant(200) },
		{ weight: 4, arbitrary: fc.constantFrom(...STATUSES, ...LATER_STATUSES) },
	),
	headers,
	body,
});

const cut: fc.Arbitrary<Behaviour> = fc.record({
	kind: fc.constant('cut' as const),
	after: fc.constantFrom('the request' as const, 'half an answer' as const),
});

/** How a server may treat some requests: anything that HTTP allows. */
export const behaviours: fc.Arbitrary<Behaviour[]> = fc.array(
	fc.oneof({ weight: 9, arbitrary: answer }, { weight: 1, arbitrary: cut }),
	{ minLength: 1, maxLength: 4 },
);
