import { runCommand } from './run-command.mts';

const CTRL_C = '\u0003';
const IMPATIENT_AFTER_MS = 1000;
const LOOK_FOR_PARENT_EVERY_MS = 500;

/**
 * A signal that aborts when this process is to end: on Ctrl+C, on a termination signal, and when the shell in which
 * npm started it has ended. A second Ctrl+C ends the process at once.
 */
export async function interruption(): Promise<AbortSignal> {
	const controller = new AbortController();
	let interruptedAt = 0;
	const interrupt = () => {
		interruptedAt ||= Date.now();
		controller.abort();
	};
	const interruptFromKeyboard = () => {
		// A single Ctrl+C can arrive twice: from the terminal, and from a parent process.
		if (interruptedAt && Date.now() - interruptedAt > IMPATIENT_AFTER_MS) process.exit(130);
		interrupt();
	};
	process.on('SIGINT', interruptFromKeyboard);
	process.on('SIGTERM', interrupt);
	process.on('SIGHUP', interrupt);
	watchParent(interrupt);
	if (await isInForegroundOfTerminal()) readCtrlC(interruptFromKeyboard);
	return controller.signal;
}

/** A signal for npm ends npm and its shell (dash) but is not passed on to what runs in the shell. */
function watchParent(whenGone: () => void): void {
	const parent = process.ppid;
	const look = () => {
		if (process.ppid !== parent) whenGone();
	};
	setInterval(look, LOOK_FOR_PARENT_EVERY_MS).unref();
}

/**
 * Takes Ctrl+C as a key instead of a signal. The signal would reach npm and its shell too, which do not wait for us:
 * the prompt would be back, with exit code 130, while n8n still stops.
 */
function readCtrlC(whenPressed: () => void): void {
	process.stdin.setRawMode(true);
	process.stdin.setEncoding('utf8');
	process.stdin.on('data', (keys: string) => {
		if (keys.includes(CTRL_C)) whenPressed();
	});
	process.stdin.unref();
}

/** A background process would be stopped for changing the terminal's mode. */
async function isInForegroundOfTerminal(): Promise<boolean> {
	if (!process.stdin.isTTY) return false;
	if (process.platform === 'win32') return true;
	try {
		const columns = ['-o', 'pgid=', '-o', 'tpgid=', '-p', String(process.pid)];
		const [group, foregroundGroup] = (await runCommand('ps', columns, { cwd: '.' }))
			.trim()
			.split(/\s+/);
		return group === foregroundGroup;
	} catch {
		return false;
	}
}
