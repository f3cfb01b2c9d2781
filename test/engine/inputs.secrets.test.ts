import type { ICredentialDataDecryptedObject, INode } from 'n8n-workflow';

import { SANDBOX_API_TOKEN, SANDBOX_CHANNEL, type Sandbox } from '../../sandbox/sandbox.cts';
import { useFreshSandbox } from './freshSandbox.cts';
import { useFastClock } from './fastClock.cts';
import { type WorkflowRun, runWorkflow } from './harness/run.cts';
import { requestsOf } from './inputs/workflow.cts';
import { imageItem, pikaWorkflow } from './pika.cts';
import { pikaTrigger } from './pikaTrigger.cts';

const POST = 'POST 200 /v1/pika/encrypt_image';
const DISCORD_TOKEN = 'discord-token-of-the-credential';

let sandbox: Sandbox;

function posts() {
	return sandbox.requests.filter(({ method }) => method === 'POST');
}
useFastClock();

useFreshSandbox({ jobSeconds: 600 }, (started) => {
	sandbox = started;
});

async function run(credential: ICredentialDataDecryptedObject): Promise<WorkflowRun> {
	return await runWorkflow(
		pikaWorkflow({ sandbox, credential, items: [imageItem(), imageItem(), imageItem()] }),
	);
}

/** Everything that n8n stores or shows about a run. */
function seenOf({ run, error, contextData }: WorkflowRun): string {
	const { message, description, stack } = error ?? {};
	return JSON.stringify([run, error, message, description, stack, contextData]);
}

/** How people paste a token. */
const PASTES: Record<string, (token: string) => string> = {
	'as it is': (token) => token,
	'with white space around it': (token) => ` \t${token}\r\n`,
	'with Bearer in front': (token) => `Bearer ${token}`,
	'with a small bearer and more blanks': (token) => ` bearer \u00a0 ${token}`,
	'as the whole header': (token) => `Authorization: Bearer ${token}`,
	'with a byte order mark': (token) => `\ufeff${token}`,
	'with a zero-width space inside': (token) => token.replace(/^.../, '$&\u200b'),
	'with soft hyphens inside': (token) => token.replace(/../g, '$&\u00ad'),
	'with a no-break space inside': (token) => token.replace(/^...../, '$&\u00a0'),
	'with a line break inside': (token) => token.replace(/^......./, '$&\n'),
};

/** The ways in which a response can contain a secret. */
const ECHOES: Record<string, (secret: string) => unknown> = {
	'in an error': (secret) => ({ error: `bad token ${secret}!`, code: 400 }),
	'in its details': (secret) => ({ error: 'bad', errorDetails: secret, code: 400 }),
	'in the name of a field': (secret) => ({ error: 'bad', [secret]: { [secret]: 1 }, code: 400 }),
	'as a header': (secret) => ({ error: `Authorization: Bearer ${secret}`, code: 400 }),
	'in a URL': (secret) => ({ error: `https://x.example/?t=${encodeURIComponent(secret)}` }),
	'in a URL with small letters': (secret) => ({
		error: encodeURIComponent(secret).replace(/%../g, (code) => code.toLowerCase()),
	}),
	'in a form': (secret) => ({ error: new URLSearchParams({ t: secret }).toString() }),
	'in HTML': (secret) => `<h1>Bad</h1><p>${secret.replaceAll('&', '&amp;')}</p>`,
	'in broken JSON': (secret) => JSON.stringify({ error: secret }).slice(0, -1),
};

describe.each(Object.entries(PASTES))('a token that was pasted %s', (_how, paste) => {
	it('A pasted token is sent without the characters that came with it', async () => {
		const discordToken = paste(DISCORD_TOKEN);
		const apiToken = paste(SANDBOX_API_TOKEN);
		const credential = { apiToken, discordToken, channel: '42', maxJobs: 10 };
		const result = await run(credential);
		expect(result.error).toBeUndefined();
		expect(requestsOf(sandbox)).toEqual([POST, POST, POST]);
		expect(posts().map(({ fields }) => fields.discord)).toEqual(Array(3).fill(DISCORD_TOKEN));
		const seen = seenOf(result);
		for (const secret of [SANDBOX_API_TOKEN, DISCORD_TOKEN]) expect(seen).not.toContain(secret);
	});

	const apiToken = paste(SANDBOX_API_TOKEN);
	const discordToken = paste(DISCORD_TOKEN);

	function expectNothingShown(result: WorkflowRun): void {
		const seen = seenOf(result).toLowerCase();
		for (const secret of [SANDBOX_API_TOKEN, DISCORD_TOKEN]) {
			const forms = [secret, paste(secret)];
			for (const form of [...forms, ...forms.map(encodeURIComponent)]) {
				expect(seen).not.toContain(form.trim().toLowerCase());
			}
		}
	}

	/** One item for each secret and each way to write it; the API shows each of them once. */
	async function runWhileApiShowsAll(
		echo: (secret: string) => unknown,
		node?: Partial<INode>,
	): Promise<WorkflowRun> {
		const all = [SANDBOX_API_TOKEN, apiToken, DISCORD_TOKEN, discordToken];
		for (const secret of all) {
			sandbox.addFault({
				on: { method: 'POST', times: 1 },
				do: { answer: { status: 400, body: echo(secret) } },
			});
		}
		const credential = { apiToken, discordToken, channel: '42' };
		const items = all.map(() => imageItem());
		const result = await runWorkflow(pikaWorkflow({ sandbox, credential, items, node }));
		expect(posts().map(({ status }) => status)).toEqual(Array(4).fill(400));
		return result;
	}

	it.each(Object.entries(ECHOES))(
		'The error of an item hides a pasted token that the API shows %s',
		async (_where, echo) => {
			const result = await runWhileApiShowsAll(echo, { onError: 'continueErrorOutput' });
			const errors = result.output('Failed').map(({ json }) => json.error);
			expect(errors).toEqual(Array(4).fill(expect.stringMatching(/^The Pika API answered 400: /)));
			expectNothingShown(result);
		},
	);

	it('The error of the execution hides a pasted token that the API shows', async () => {
		const result = await runWhileApiShowsAll((secret) => ({ error: `bad token ${secret}!` }));
		expect(result.error?.message).toMatch(/^The Pika API answered 400: /);
		expectNothingShown(result);
	});
});

describe('a token that no header can carry', () => {
	it.each<[string, string, RegExp]>([
		['dots', 'user:••••••••', /^The API token .*Paste the complete token.*"user:"/],
		['Cyrillic', 'user:токен', /^The API token/],
		['an emoji', 'user:1-🔑', /^The API token/],
		['a control character', 'user:1\u0007abc', /^The API token/],
		['a zero byte', 'user:1\u0000', /^The API token/],
		['nothing that can be seen', '\u200b\u00a0 ', /^The credential has no API token\. Paste/],
		['Bearer alone', 'Bearer ', /^The credential has no API token\. Paste/],
	])('A token with %s is refused before any request', async (_what, apiToken, message) => {
		const result = await run({ apiToken });
		expect(result.error?.message).toMatch(message);
		expect(result.error?.description).toMatch(/credential/);
		expect(seenOf(result)).not.toContain(apiToken);
		expect(requestsOf(sandbox)).toEqual([]);
	});

	it('A Discord token that no header can carry is refused too', async () => {
		const { error } = await run({ discordToken: '••••••', channel: '42' });
		expect(error?.message).toMatch(/^The Discord token in the credential has characters/);
		expect(requestsOf(sandbox)).toEqual([]);
	});
});

describe('the channel of the credential', () => {
	it.each<[string, unknown, RegExp]>([
		[
			'an object',
			{ id: '42' },
			/^The Discord channel ID in the credential is an object, not text$/,
		],
		['a list', ['42'], /^The Discord channel ID in the credential is a list, not text$/],
		['a rounded number', Number('1163104783924957235'), /more digits than a number can keep$/],
		['true', true, /is the boolean true, not text$/],
	])(
		'The node reports a channel that an expression returns as %s',
		async (_what, channel, message) => {
			const { error } = await run({ channel } as ICredentialDataDecryptedObject);
			expect(error?.message).toMatch(message);
			expect(requestsOf(sandbox)).toEqual([]);
		},
	);

	it('The channel is sent without white space and invisible characters', async () => {
		await run({ channel: `\u200b${SANDBOX_CHANNEL}\u00a0\n` });
		const channels = posts().map(({ fields }) => fields.channel);
		expect(channels).toEqual(Array(3).fill(SANDBOX_CHANNEL));
	});
});

describe('a callback token with invisible characters', () => {
	const parameters = { authentication: 'token', confirm: false };
	const body = { jobid: '1', status: 'completed' };

	it.each([
		['as it is meant', 'my secret & more'],
		['as it was typed', ' my\u200b secret\u00ad & more\n'],
	])(
		'A callback token that was typed with invisible characters is accepted in a request %s',
		async (_how, token) => {
			const credential = { callbackToken: ' my\u200b secret\u00ad & more\n' };
			const node = pikaTrigger({ sandbox, parameters, credential });
			expect((await node.call({ body, query: { token } })).status).toBe(200);
			const wrong = await node.call({ body, query: { token: 'mysecret&more' } });
			expect(wrong.status).toBe(401);
		},
	);

	it.each(['my\u200b secret', 'my secret'])(
		'A callback token that was typed with invisible characters is hidden if the API shows it as %j',
		async (token) => {
			const { output } = await runWorkflow(pikaWorkflow({ sandbox }));
			const jobid = String(output('Pika')[0]?.json.jobid);
			const replyUrl = `https://n8n.example.com/?token=${encodeURIComponent(token)}`;
			sandbox.finishJob(jobid, 'completed', { replyUrl });
			const credential = { callbackToken: 'my\u200b secret' };
			const answer = await pikaTrigger({ sandbox, credential }).call({ body: { jobid } });
			expect(answer.items[0]?.json.replyUrl).toBe('https://n8n.example.com/?[hidden]');
		},
	);
});
