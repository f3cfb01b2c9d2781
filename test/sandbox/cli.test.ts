import { SANDBOX_API_TOKEN, startSandbox } from '../../sandbox/sandbox.cts';
import { runCli } from './cli-process.cts';

test('prints what the credential needs, serves until Ctrl+C and then exits with 0', async () => {
	const cli = runCli('--port', '0', '--job-seconds', '2.5');
	const greeting = await cli.printed('Ctrl+C');
	expect(greeting).toContain(SANDBOX_API_TOKEN);
	expect(greeting).toContain('Every job takes 2.5 seconds');
	const baseUrl = /Base URL +(\S+)/.exec(greeting)?.[1] ?? '';
	const headers = { authorization: `Bearer ${SANDBOX_API_TOKEN}` };
	expect((await fetch(`${baseUrl}/v2/account`, { headers })).status).toBe(200);
	cli.interrupt();
	expect((await cli.ended).exitCode).toBe(0);
});

test('names the magic words and the controls in its help', async () => {
	const { exitCode, output } = await runCli('--help').ended;
	expect(exitCode).toBe(0);
	for (const text of [
		'[moderate]',
		'[no-callback]',
		'[seconds=3]',
		'/sandbox/faults',
		'--job-seconds',
	]) {
		expect(output).toContain(text);
	}
});

test('says that its port is taken and exits with 1', async () => {
	const sandbox = await startSandbox();
	const { port } = new URL(sandbox.baseUrl);
	const { exitCode, output } = await runCli('--port', port).ended;
	await sandbox.stop();
	expect(exitCode).toBe(1);
	expect(output).toContain(`Port ${port} is taken`);
});

test.each([
	['--port', 'x', '--port must be a whole number from 0 to 65535'],
	['--job-seconds', '', '--job-seconds must be a number from 0'],
	['--ports', '1', "Unknown option '--ports'"],
])('refuses %s %s', async (option, value, message) => {
	const { exitCode, output } = await runCli(option, value).ended;
	expect(exitCode).toBe(1);
	expect(output).toContain(message);
});
