// Plain JavaScript, because it runs before TypeScript's tools are there.
// Installs what package-lock.json names, unless the last install already did.
import { spawnSync } from 'node:child_process';
import { statSync } from 'node:fs';

const modifiedAt = (path) => statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? 0;
const isCurrent = () =>
	modifiedAt('node_modules/.package-lock.json') >= modifiedAt('package-lock.json');

if (!isCurrent()) {
	console.log('Installing the development packages (about two minutes the first time) …');
	const { status } = spawnSync('npm', ['ci', '--no-audit', '--no-fund', '--loglevel=error'], {
		stdio: 'inherit',
		shell: process.platform === 'win32',
	});
	if (status !== 0) process.exit(status ?? 1);
}
