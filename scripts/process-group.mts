import type { ChildProcess } from 'node:child_process';

/**
 * Options for spawn() that give the child a process group of its own: Ctrl+C in the terminal then reaches it through
 * us alone, and it can be ended together with what it started. Windows has no such groups.
 */
export const OWN_GROUP = { detached: process.platform !== 'win32', windowsHide: true };

/** Sends the signal to a child that was spawned with OWN_GROUP and to everything it started. */
export function signalGroup(child: ChildProcess, signal: NodeJS.Signals): void {
	if (child.pid === undefined) return;
	try {
		if (OWN_GROUP.detached) process.kill(-child.pid, signal);
		else child.kill(signal);
	} catch {
		// All of them have ended.
	}
}
