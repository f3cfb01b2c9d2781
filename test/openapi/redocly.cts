import { execFile } from 'node:child_process';
import { dirname, join } from 'node:path';
import { DOCUMENT_PATH } from './contract.cts';

const PACKAGE = dirname(require.resolve('@redocly/cli/package.json'));

/** Redocly's problems with the document by the rules in redocly.yaml; an empty list if there are none. */
export async function lintProblems(): Promise<unknown[]> {
	const output = await new Promise<string>((resolve) => {
		execFile(
			process.execPath,
			[join(PACKAGE, 'bin', 'cli.js'), 'lint', DOCUMENT_PATH, '--format=json'],
			{
				cwd: join(__dirname, '..', '..'),
				env: { ...process.env, REDOCLY_SUPPRESS_NOTIFICATIONS: 'true', REDOCLY_TELEMETRY: 'off' },
			},
			(_error, stdout) => {
				resolve(stdout);
			},
		);
	});
	const { problems } = JSON.parse(output) as { problems: { message: string; ruleId: string }[] };
	return problems.map(({ ruleId, message }) => `${ruleId}: ${message}`);
}
