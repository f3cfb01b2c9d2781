// Not tree-kill or execa: tree-kill asks `ps` for the children, for which there is no time when this process exits, and
// execa ends the child alone.
import type { ChildProcess } from 'node:child_process';

/**
 * Options for spawn() that give the child its own process group: Ctrl+C in the terminal then does not reach it
 * directly, and it can be ended together with everything it started. Windows has no such groups.
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
