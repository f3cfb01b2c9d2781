import type { IDataObject } from 'n8n-workflow';

import type { Fault, Sandbox } from '../../sandbox/sandbox.cts';
import { useFreshSandbox } from './freshSandbox.cts';
import { useFastClock } from './fastClock.cts';
import { runWorkflow } from './harness/run.cts';
import { pikaWorkflow } from './pika.cts';

type Answer = NonNullable<Fault['do']['answer']>;

const SUBMIT = { resource: 'video', operation: 'encryptImage', completion: 'off' };
const RETRY = { resource: 'video', operation: 'retry', jobid: 'job-1', completion: 'off' };
const GET = { resource: 'job', operation: 'get', jobid: 'job-1', completion: 'off' };
const LIST = { resource: 'job', operation: 'getMany' };
const CANCEL = { resource: 'job', operation: 'cancel', jobid: 'job-1' };
const ACCOUNTS = { resource: 'account', operation: 'getMany' };
const UPSERT = { resource: 'account', operation: 'upsert', maxJobs: 5 };
const DELETE = { resource: 'account', operation: 'delete', channel: '42' };

const DISCORD_TOKEN = 'discord-token-of-the-credential';
const credential = { channel: '1100000000000000042', discordToken: DISCORD_TOKEN };

const RETRY_MINUTES = 100;

let sandbox: Sandbox;
const { pauses } = useFastClock();
useFreshSandbox({ jobSeconds: Infinity }, (started) => {
	sandbox = started;
});

async function failWith(parameters: IDataObject, answer: Answer) {
	sandbox.addFault({ on: { times: 99 }, do: { answer } });
	const { error } = await runWorkflow(pikaWorkflow({ sandbox, parameters, credential }));
	const shown = JSON.stringify(error);
	for (const secret of [sandbox.apiToken, DISCORD_TOKEN]) expect(shown).not.toContain(secret);
	return { message: error?.message ?? '', advice: String(error?.description) };
}

const words = (status: number): Answer => ({ status, body: { error: 'Its words', code: status } });
const page = (status: number): Answer => ({ status, body: '<h1>Its page</h1>' });

describe('the next step in an error', () => {
	it.each<[string, IDataObject, Answer, RegExp]>([
		['an upload that is too large', SUBMIT, page(413), /image is too large.*proxy/],
		['an upload that the API refuses as too large', SUBMIT, words(413), /image is too large/],
		['a change that is too large', UPSERT, page(413), /request is too large/],
		['a proxy that requires a password', SUBMIT, page(407), /proxy.*user name and a password/],
		[
			'a proxy that requires a password for a read',
			GET,
			page(407),
			/proxy.*user name and a password/,
		],
		['a proxy that requires a password for a list', LIST, page(407), /proxy/],
		['a submission to the wrong server', SUBMIT, words(404), /^Check the base URL/],
		['a submission to a server with pages', SUBMIT, page(404), /base URL/],
		['a job to retry that is unknown', RETRY, words(404), /ID of the job/],
		['an unknown job', GET, words(404), /^Check the ID\..*31 days/],
		['a deleted job', GET, words(410), /31 days/],
		['an unknown job to cancel', CANCEL, words(404), /Job: Get/],
		['a list on the wrong server', LIST, words(404), /^Check the base URL/],
		['accounts on the wrong server', ACCOUNTS, page(404), /base URL/],
		['an unknown channel', DELETE, words(404), /^Check the channel/],
		['a wrong channel', UPSERT, words(400), /credential.*"Maximum Jobs"/],
		['a wrong job', GET, words(400), /ID of the job/],
		['a missing value', SUBMIT, words(400), /field that the answer names/],
		['a forbidden address', SUBMIT, page(403), /proxy or firewall/],
		['a wrong method', SUBMIT, words(405), /base URL/],
		['a wrong token', LIST, words(401), /complete API token/],
		['an expired subscription', ACCOUNTS, words(402), /Renew the subscription/],
		['too many reads', LIST, words(429), /too many requests/],
		['too many changes', UPSERT, words(429), /too many requests.*Account: Get Many/],
		['a list that cannot be read', LIST, words(503), /later/],
		['a change without an answer', DELETE, words(502), /not known: Account: Get Many/],
		['a cancellation without an answer', CANCEL, words(504), /not known: Job: Get/],
		['a cancellation with a page', CANCEL, page(200), /not known: Job: Get/],
		['a submission with 503', SUBMIT, words(503), /Look for the reply reference/],
	])('The error says what to do after %s', async (_, parameters, answer, advice) => {
		const failed = await failWith(parameters, answer);
		expect(failed.message).not.toBe('');
		expect(failed.advice).toMatch(advice);
		expect(failed.advice).toMatch(/\.$/);
	});

	it.each<[string, IDataObject]>([
		['a submission', SUBMIT],
		['a read', GET],
		['a list', LIST],
		['a change', DELETE],
		['accounts', ACCOUNTS],
	])(
		'The error says what to do after a redirect of %s, and shows no secrets',
		async (_, parameters) => {
			const location = `https://login.example.com/${sandbox.apiToken}/sso?back=${sandbox.apiToken}`;
			const failed = await failWith(parameters, { status: 302, headers: { location } });
			expect(failed.message).toContain('302: it redirects to https://login.example.com/');
			expect(failed.message).toMatch(/\/sso$/);
			expect(failed.advice).toMatch(/base URL.*proxy/);
			expect(sandbox.requests).toHaveLength(1);
		},
	);

	it.each<[string, Record<string, string>, string]>([
		['on the same server', { location: '/login' }, '/login'],
		['without an address', {}, 'an empty answer'],
		['to something odd', { location: 'https://[' }, 'an empty answer'],
		['to a script', { location: 'javascript:alert(1)' }, 'an empty answer'],
	])('The error says what to do after a redirect %s', async (_, headers, end) => {
		const { message } = await failWith(GET, { status: 301, headers });
		expect(message).toContain('answered 301: ');
		expect(message.endsWith(end)).toBe(true);
	});
});

describe('rate limits', () => {
	const DETAILS = { error: 'Discord /interactions failed with HTTP status 429', code: 429 };

	it.each<[string, Answer, number]>([
		['has no retry time', { status: 429, body: DETAILS }, 10],
		['has the retry time in a header', { status: 429, headers: { 'retry-after': '40' } }, 40],
		['asks for less than the usual pause', { status: 429, headers: { 'retry-after': '3' } }, 10],
		[
			'has the retry time at the top level',
			{ status: 429, body: { ...DETAILS, retry_after: 50 } },
			50,
		],
		['has the retry time as a text', { status: 429, body: { ...DETAILS, retry_after: '50' } }, 50],
		[
			'has the retry time in its details',
			{ status: 429, body: { ...DETAILS, errorDetails: '{"retry_after":60}' } },
			60,
		],
		[
			'has the retry time in details that are an object',
			{ status: 429, body: { ...DETAILS, errorDetails: { retry_after: '60' } } },
			60,
		],
		[
			'has the retry time in three places',
			{
				status: 429,
				headers: { 'retry-after': '20' },
				body: { ...DETAILS, retry_after: 70, errorDetails: '{"retry_after":30}' },
			},
			70,
		],
		['has HTTP status 200', { status: 200, headers: { 'retry-after': '45' }, body: DETAILS }, 45],
		['asks for a month', { status: 429, headers: { 'retry-after': '2592000' } }, 3600],
	])('The node waits after a 429 that %s', async (_, answer, seconds) => {
		sandbox.addFault({ on: { method: 'POST' }, do: { answer } });
		const parameters = { ...SUBMIT, options: { retryFor: RETRY_MINUTES } };
		const { error } = await runWorkflow(pikaWorkflow({ sandbox, parameters }));
		expect(error).toBeUndefined();
		expect(pauses.filter((each) => each < RETRY_MINUTES * 60_000)).toEqual([seconds * 1000]);
		expect(sandbox.jobs).toHaveLength(1);
	});

	it('The node waits after a 429 that names a date', async () => {
		const until = new Date(Date.now() + 120_000).toUTCString();
		sandbox.addFault({
			on: { method: 'POST' },
			do: { answer: { status: 429, headers: { 'retry-after': until } } },
		});
		await runWorkflow(pikaWorkflow({ sandbox, parameters: SUBMIT }));
		expect(pauses[0]).toBeGreaterThan(60_000);
		expect(pauses[0]).toBeLessThanOrEqual(120_000);
	});

	it('The error after a 429 that never ends says what to do, and how long the node waits at most', async () => {
		const parameters = { ...SUBMIT, options: { retryFor: 0 } };
		const { message, advice } = await failWith(parameters, words(429));
		expect(message).toBe('The Pika API answered 429: Its words');
		expect(advice).toMatch(/Keep Retrying For.*at most an hour/);
	});
});
