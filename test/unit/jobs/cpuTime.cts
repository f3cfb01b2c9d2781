/** Milliseconds that this process has computed so far: other processes do not count. */
export function cpuTime(): number {
	const { user, system } = process.cpuUsage();
	return (user + system) / 1000;
}
