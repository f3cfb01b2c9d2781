import { startErrorMessage, optionsFrom } from '../../sandbox/cli-options.cts';
import { HELP } from '../../sandbox/cli-text.cts';
import { SANDBOX_API_TOKEN, startSandbox } from '../../sandbox/sandbox.cts';
import { runCli, runInShell } from './cli-process.cts';
import { ask } from './raw-client.cts';

it('The sandbox prints the values for the credential, runs until Ctrl+C, and exits with code 0.', async () => {
	const cli = runCli('--port', '0', '--job-seconds', '2.5');
	const greeting = await cli.printed('Ctrl+C');
	expect(greeting).toContain('Every job takes 2.5 seconds');
	const baseUrl = /Base URL +(\S+)/.exec(greeting)?.[1] ?? '';
	const [page, token, command] = [`${baseUrl}/`, SANDBOX_API_TOKEN, '  curl -sS -H "Authorization'];
	const places = [page, token, command].map((text) => greeting.indexOf(text));
	expect(places).toEqual(places.filter((place) => place > 0).sort((one, other) => one - other));
	expect(greeting).not.toMatch(/warning|#token/i);
	const headers = { authorization: `Bearer ${SANDBOX_API_TOKEN}` };
	expect((await fetch(`${baseUrl}/v2/account`, { headers })).status).toBe(200);
	const [, pasted = ''] = /^ {2}(curl .*)$/m.exec(greeting) ?? [];
	const job: unknown = JSON.parse(await runInShell(pasted));
	expect(job).toMatchObject({ verb: 'pika-encrypt_text', message: 'Hello', code: 200 });
	cli.interrupt();
	expect((await cli.ended).exitCode).toBe(0);
});

describe('A sandbox on a host other than loopback', () => {
	// Does not count as loopback, but only this machine can connect to it.
	const host = ['--port', '0', '--host', '::ffff:127.0.0.1'];

	it('On a host other than loopback, the sandbox creates and prints a token, and prints a warning and the credential option to turn on.', async () => {
		const cli = runCli(...host);
		const greeting = await cli.printed('WARNING');
		const token = /API Token +(\S+)/.exec(greeting)?.[1] ?? '';
		const baseUrl = /Base URL +(\S+)/.exec(greeting)?.[1] ?? '';
		expect(token).toMatch(/^user:1000-[0-9a-f]{32}$/);
		expect(greeting).toContain(`${baseUrl}/#token=${encodeURIComponent(token)}`);
		expect(greeting).toMatch(/WARNING: other machines can connect to ::ffff:127\.0\.0\.1/);
		expect(greeting).toContain('turn on "Allow Plain HTTP (Insecure)"');

		for (const authorization of [`Bearer ${token}`, `Bearer ${SANDBOX_API_TOKEN}`]) {
			await ask(`${baseUrl}/v2/account?token=${token}`, { headers: { authorization } });
		}
		const log = (await cli.printed('/v2/account 401')).slice(greeting.length);
		expect(log).toContain('GET /v2/account 200');
		expect(log).not.toContain(token);
		cli.interrupt();
		expect((await cli.ended).exitCode).toBe(0);
	});

	it('On a host other than loopback, the sandbox uses the token from the command line.', () => {
		expect(optionsFrom([...host, '--token', 'user:my-own'])).toMatchObject({
			apiToken: 'user:my-own',
		});
	});
});

it('The help lists all magic words, controls and options.', () => {
	expect(optionsFrom(['--help'])).toBe('help');
	for (const text of [
		'[moderate]',
		'[no-callback]',
		'[seconds=3]',
		'/sandbox/faults',
		'--job-seconds',
		'--host',
		'--token',
		'--allow-host',
	]) {
		expect(HELP).toContain(text);
	}
});

it('If the port is taken, the error says what to do.', async () => {
	const sandbox = await startSandbox();
	const port = Number(new URL(sandbox.baseUrl).port);
	const error: unknown = await startSandbox({ port }).catch((thrown: unknown) => thrown);
	await sandbox.stop();
	const explanation = startErrorMessage(error, { host: '127.0.0.1', port });
	expect(explanation).toContain(`Port ${port} is taken. End the program that listens there`);
	expect(explanation).toContain(`choose another port: npm run sandbox -- --port ${port + 1}`);
});

it('Invalid arguments end the sandbox with code 1 and a message without a stack trace.', async () => {
	const { exitCode, output } = await runCli('--ports', '1').ended;
	expect(exitCode).toBe(1);
	expect(output).toBe(
		"Unknown option '--ports'. The options are --host, --port, --token, --allow-host, --job-seconds, --help\n",
	);
});

it.each([
	['--port', 'x', '--port must be a whole number from 0 to 65535'],
	['--job-seconds', '', '--job-seconds must be a number from 0'],
	['--token', 'two words', '--token must consist of letters, digits'],
	['--token', '', '--token must consist of'],
	['--host', ' ', '--host must be an address of this machine'],
	['surplus', '', "Unexpected argument 'surplus'. The options are"],
])('The command line rejects %s %s.', (option, value, message) => {
	expect(() => optionsFrom([option, value])).toThrow(message);
});

it.each([
	['192.0.2.77', '192.0.2.77 is not an address of this machine. Give --host one of its own'],
	['sandbox.invalid', 'There is no host sandbox.invalid. Give --host an address'],
])('If the sandbox cannot listen on %s, the error says why.', async (host, message) => {
	const error: unknown = await startSandbox({ host }).catch((thrown: unknown) => thrown);
	expect(startErrorMessage(error, { host, port: 4010 })).toContain(message);
});

it('If the user may not listen on a port, the error suggests ports from 1024 on.', () => {
	const error = Object.assign(new Error('listen EACCES'), { code: 'EACCES' });
	expect(startErrorMessage(error, { host: '127.0.0.1', port: 80 })).toContain('from 1024 on');
});
